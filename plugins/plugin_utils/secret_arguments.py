# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments that may hold user data and that a module would show, since it does not know what to hide.

A module hides `launch.user_data`. What it does not know, such as `launch.user_dat`, it refuses with all arguments in
the result (`invocation`); so these tasks end here, before there is a module.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.validation import check_type_dict

from ..module_utils._module.arguments import module_arguments

try:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec
except ImportError:
    aws_argument_spec = None

LAUNCH = "launch"
"""The option that is a dictionary, or a text of one, and holds user data."""

USER_DATA = "launch.user_data"
NOT_SHOWN = "It is not shown, since user_data may be in it."

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,60}")
"""What a misspelt option looks like: of a text that was read as `key=value` a key can be part of a secret."""

_Options = Mapping[str, Any]
"""What an argument spec says of each option."""


def refusal_of(module: str, arguments: Mapping[str, Any]) -> str:
    """Say why a module may not be given these arguments, without any value of theirs; empty when it may.

    `module` is its short name, `arguments` are the task's, without those that Ansible adds. Without amazon.aws nothing
    is refused here: the module says that it is missing before it reads an argument.
    """
    if aws_argument_spec is None:
        return ""
    options: _Options = module_arguments(module)["argument_spec"]
    given = dict(arguments)
    try:
        if LAUNCH in options:
            given[LAUNCH] = check_type_dict(arguments.get(LAUNCH) or {})
    except TypeError as error:
        return (
            f"{LAUNCH} is neither a dictionary nor the text of one: {error}. {NOT_SHOWN} Give its options one by one, "
            "or as JSON."
        )
    unknown = list(_unknown(options, given))
    if unknown:
        return _not_an_option(module, unknown, list(_paths(options)))
    if LAUNCH in options:
        return _not_a_text(given[LAUNCH])
    return ""


def _not_a_text(launch: Mapping[str, Any]) -> str:
    """Say which form of user data is something else than a text: what would be launched is Python's spelling of it."""
    for name in ("user_data", "user_data_base64"):
        if isinstance(launch.get(name), (dict, list)):
            return (
                f"{LAUNCH}.{name} is not a text. {NOT_SHOWN} Give the text that the instance receives. JSON that comes "
                "from a template or a lookup is a dictionary before ansible-core 2.19: give it byte for byte with "
                "launch.user_data_base64: \"{{ lookup('ansible.builtin.file', PATH) | b64encode }}\"."
            )
    return ""


def _unknown(options: _Options, given: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Name what is given and is not an option, with the option that it is in."""
    known = _by_name(options if above else {**aws_argument_spec(), **options})
    for name, value in given.items():
        if name not in known:
            yield f"{above}{name}"
        elif "options" in known[name]:
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    yield from _unknown(known[name]["options"], item, f"{above}{name}.")


def _by_name(options: _Options) -> _Options:
    return {name: about for option, about in options.items() for name in (option, *about.get("aliases", ()))}


def _paths(options: _Options, above: str = "") -> Iterator[str]:
    for option, about in options.items():
        yield f"{above}{option}"
        yield from _paths(about.get("options", {}), f"{above}{option}.")


def _not_an_option(module: str, names: Sequence[str], options: Sequence[str]) -> str:
    shown = ", ".join(shown_name(name) for name in names)
    verb = "is not an option" if len(names) == 1 else "are not options"
    return (
        f"{shown} {verb} of {module}.{_suggestion(names[0], options)} Nothing was done. What was given is not shown, "
        "since user_data may be in it."
    )


def shown_name(name: str) -> str:
    """Show the name of something that is not an option, unless it may be a part of a secret."""
    return name if _NAME.fullmatch(name) else "(not shown)"


def _suggestion(name: str, options: Sequence[str]) -> str:
    # Compared by its own name, wherever it stands: what stands beside launch may belong into it.
    by_leaf = {_leaf(option): option for option in options}
    nearest = difflib.get_close_matches(_leaf(name), by_leaf, n=1)
    return f" Did you mean {by_leaf[nearest[0]]}?" if nearest else ""


def _leaf(option: str) -> str:
    return option.rpartition(".")[2].replace("-", "_").lower()
