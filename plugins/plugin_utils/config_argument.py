# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument `config` of a task: the options of a node's configuration as one dictionary.

Its options take their places among the task's other arguments before there is a module. So each of them is checked, and
hidden where it is a secret, just as one that is given by itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_dict

from ..module_utils._core.declaration.option import options_of
from ..module_utils._core.model.config import Config
from .secret_arguments import shown_name

CONFIG = "config"
MODULES = ("stateful_node_adopt",)
"""The modules that take the argument."""


def options_of_a_node() -> list[str]:
    """List the options that describe a node, with their aliases."""
    declared = options_of(Config)
    aliases = [alias for option in declared.values() for alias in option.aliases]
    return sorted([*declared, *aliases, "purge_tags"])


def with_config(module: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Put the options of `config` among the arguments; one that is given by itself takes precedence.

    Raises ValueError, without any value in its text, for a `config` that is not a dictionary or has other keys.
    """
    if module not in MODULES or CONFIG not in arguments:
        return dict(arguments)
    given = _dictionary(arguments[CONFIG])
    known = options_of_a_node()
    unknown = [key for key in given if key not in known]
    if unknown:
        raise ValueError(_refusal(unknown, known))
    others = {name: value for name, value in arguments.items() if name != CONFIG}
    return {**given, **others}


def _dictionary(value: Any) -> dict[str, Any]:
    try:
        return dict(check_type_dict(value or {}))
    except TypeError:
        raise ValueError(
            "config (adopt_config of the playbook adopt) is not a dictionary. It is not shown, since user_data may be "
            "in it. Give the options of the node as a dictionary, or as JSON. Nothing was done."
        ) from None


def _refusal(unknown: list[str], known: list[str]) -> str:
    names = ", ".join(shown_name(str(key)) for key in unknown)
    nearest = difflib.get_close_matches(str(unknown[0]), known, n=1)
    suggestion = f" Did you mean {nearest[0]}?" if nearest else ""
    return (
        f"config (adopt_config of the playbook adopt): '{names}' is not an option that describes a node.{suggestion} "
        f"Nothing was done. The options are {', '.join(known)}."
    )
