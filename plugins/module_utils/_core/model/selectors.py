# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Selectors: patterns and tags that stand for nodes wherever several nodes can be named.

`cassandra-*` and `cassandra-[1-3]` are patterns of names, as Python's fnmatch has them: a name has none of their
special characters. `tag:schedule=office` is a tag of the nodes' configuration; in its value `*` stands for any
characters and `?` for any one, as in EC2's own filters
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from .names import ALL, find_mistake, parse_list
from .node_error import NodeError

TAG = "tag:"
WILDCARDS = frozenset("*?[")
NAME_PATTERN = re.compile(r"[A-Za-z0-9._*?!\[\]-]+")
SHOWN_VALUES = 10
"""How many values of a tag an error lists."""

Tags = Mapping[str, str]


def parse_selection(values: Iterable[str], option: str = "name") -> tuple[str, ...]:
    """Read a list of names and selectors.

    Returns them in the order given, or `("all",)` for every node of the table. `option` is named in errors.
    Raises NodeError as `parse_list` does, and when a name or selector is not valid.
    """
    return parse_list(values, option, _find_mistake)


def _find_mistake(element: str, option: str) -> str | None:
    if element.startswith(TAG):
        key, equals, _value = element.removeprefix(TAG).partition("=")
        return None if key and equals else f"{option}: '{element}' is not a valid selector. Write tag:KEY=VALUE."
    if is_selector(element):
        return None if NAME_PATTERN.fullmatch(element) else f"{option}: '{element}' can match no name of a node."
    return find_mistake(element, option)


def is_selector(element: str) -> bool:
    """Whether an element of a list stands for the nodes that match it, and is not the name of one."""
    return element.startswith(TAG) or not WILDCARDS.isdisjoint(element)


def has_selectors(elements: Iterable[str]) -> bool:
    """Whether any element is a selector; `all` is not one."""
    return any(is_selector(element) for element in elements)


def list_spelled_out(elements: Iterable[str]) -> list[str]:
    """List the elements that are names: neither selectors nor `all`."""
    return [element for element in elements if element != ALL and not is_selector(element)]


def resolve(elements: Sequence[str], known: Mapping[str, Tags], table: str) -> tuple[str, ...]:
    """Name the nodes that a list of names and selectors stands for, each once, in the order of the list.

    `known` are the nodes there are, with their tags; those of one selector come in its order. A name that is not
    among them is kept. Raises NodeError naming each selector that matches nothing.
    """
    matches = {element: _matching(element, known) for element in elements}
    useless = [element for element in elements if not matches[element]]
    if useless:
        raise NodeError("NoMatch", "\n".join(_no_match(element, known, table) for element in useless))
    return tuple(dict.fromkeys(name for element in elements for name in matches[element]))


def _matching(element: str, known: Mapping[str, Tags]) -> list[str]:
    if not is_selector(element):
        return [element]
    if not element.startswith(TAG):
        return [name for name in known if fnmatchcase(name, element)]
    key, _equals, pattern = element.removeprefix(TAG).partition("=")
    return [name for name, tags in known.items() if key in tags and matches_value(tags[key], pattern)]


def matches_value(value: str, pattern: str) -> bool:
    """Whether a value matches a pattern in which `*` stands for any characters and `?` for any one."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _no_match(element: str, known: Mapping[str, Tags], table: str) -> str:
    sentences = [f"name: '{element}' matches no node of table {table}."]
    if element.startswith(TAG):
        sentences += _hints(element.removeprefix(TAG).partition("=")[0], known)
    return " ".join(sentences)


def _hints(key: str, known: Mapping[str, Tags]) -> Iterator[str]:
    values = sorted({tags[key] for tags in known.values() if key in tags})
    if values:
        shown = [*values[:SHOWN_VALUES], *(["..."] if len(values) > SHOWN_VALUES else [])]
        yield f"The tag {key} has the values {', '.join(shown)}."
        return
    yield f"No node has a tag {key}."
    keys = sorted({key for tags in known.values() for key in tags})
    for near in difflib.get_close_matches(key, keys, n=1):
        yield f"Did you mean the tag {near}?"
