# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments with secrets inside that a module would show, since it refuses them before it knows what to hide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_dict

WITH_SECRETS = ("launch",)
"""The options that are dictionaries, or texts of some, and hold a secret."""


def why_unreadable(arguments: Mapping[str, Any]) -> str:
    """Say which of these options nothing can be made of, without what it is; empty when there is none."""
    for option in WITH_SECRETS:
        value = arguments.get(option)
        try:
            check_type_dict({} if value is None else value)
        except TypeError as error:
            return (
                f"{option} is no dictionary, and no text of one: {error}. It is not shown, since user_data may be in "
                "it. Give its options one by one, or as JSON."
            )
    return ""
