# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of nodes: what one looks like, and how lists of names are read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence

from .node_error import NodeError

ALL = "all"
PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")

VARIABLES = {"name": "stateful_nodes", "delete": "orphans_delete"}
"""The playbooks' variable for a module's option, where it has another name."""

LONGEST = 200
"""Characters of a list or name that an error quotes at most."""

RULE = "1 to 63 letters, digits, '.', '_' and '-', the first one a letter or digit, and not 'all'"


def parse_names(values: Iterable[str], option: str = "name") -> tuple[str, ...]:
    """Read a list of names that are spelled out.

    Returns the names in the order given, or `("all",)` for every node of the table. `option` is named in errors.
    Raises NodeError as `parse_list` does, and when a name is not valid.
    """
    return parse_list(values, option, find_mistake)


def parse_list(values: Iterable[str], option: str, mistake_of: Callable[[str, str], str | None]) -> tuple[str, ...]:
    """Read a list of what stands for nodes; `mistake_of` an element and the option says what is wrong with it.

    Raises NodeError with all mistakes: an element is missing, is not valid, is given twice, or stands beside `all`.
    """
    elements = split_list(values, option)
    if ALL in elements and len(elements) > 1:
        raise NodeError("InvalidName", f"{option}: 'all' means every node and stands alone, not in {_join(elements)}.")
    repeated = sorted({element for element in elements if elements.count(element) > 1})
    if repeated:
        raise NodeError("DuplicateName", f"{option}: given more than once: {_join(repeated)}.")
    found = [mistake_of(element, option) for element in elements if element != ALL]
    mistakes = [mistake for mistake in found if mistake]
    if mistakes:
        raise NodeError("InvalidName", "\n".join(mistakes))
    return elements


def split_list(values: Iterable[str], option: str) -> tuple[str, ...]:
    """Split each value on commas and newlines, and strip the elements. Blank lines are left out.

    Raises NodeError when nothing stands between two commas, before the first or after the last one: Ansible's
    key=value parser, or the shell, has cut a list at a space there, or a template has given an empty text.
    A single empty value is an empty list. A text that is a list in JSON is that list: ansible-core splits it at its
    commas from version 2.19 on, and read it as JSON before.
    """
    texts = [str(value) for value in values]
    listed = read_json_list(",".join(texts))
    parts = [part for text in (texts if listed is None else listed) for part in text.split(",")]
    if len(parts) > 1:
        _check_complete([part.strip() for part in parts], option)
    return tuple(element for part in parts for line in part.split("\n") if (element := line.strip()))


def read_json_list(text: str) -> list[str] | None:
    """Read a text that is a list of texts in JSON, such as `["web-1", "web-2"]`; None when it is anything else."""
    if not text.strip().startswith("["):
        return None
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read if all(isinstance(element, str) for element in read) else None


def _check_complete(parts: Sequence[str], option: str) -> None:
    if all(parts):
        return
    where = "between two commas"
    if not parts[0]:
        where = "before the first comma"
    if not parts[-1]:
        where = "after the last comma"
    given = next((part for part in parts if part), "FIRST")
    variable = VARIABLES.get(option, option)
    raise NodeError(
        "IncompleteList",
        f"{option}: something is missing {where} of '{_shown(','.join(parts))}'. A list with spaces is cut at the "
        f'first space unless it is quoted: -e \'{{"{variable}": "{_shown(given)}, NEXT"}}\'',
    )


def find_mistake(name: str, option: str = "name") -> str | None:
    """Say what is wrong with a name; None when a node can have it."""
    if is_name(name):
        return None
    return f"{option}: '{_shown(name)}' is not a valid node name: {RULE}."


def is_name(name: str | None) -> bool:
    """Whether a text, such as the value of a tag, is a name that a node can have."""
    return name is not None and name != ALL and bool(PATTERN.fullmatch(name))


def check_name(name: str) -> None:
    """Raise NodeError unless the name is one that a node can have."""
    mistake = find_mistake(name)
    if mistake:
        raise NodeError("InvalidName", mistake)


def _join(names: Iterable[str]) -> str:
    return _shown(", ".join(names))


def _shown(text: str) -> str:
    """Cut a text that may be of any length, and escape what cannot be printed."""
    beginning = text[:LONGEST]
    printable = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in beginning)
    return printable if len(text) <= LONGEST else f"{printable}..."
