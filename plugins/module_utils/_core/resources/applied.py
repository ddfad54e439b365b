# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options of its configuration a node's interface was last brought in line with.

EC2 shows what an interface has, and not who gave it that. With what was applied last, a change of the configuration
that waits for the next resume is told apart from what somebody changed in EC2.
"""

from __future__ import annotations

from typing import Any

from ..model.config import Config
from ..model.observed import NetworkInterface
from ..model.record import Record

OPTIONS = (
    "security_groups",
    "source_dest_check",
    "tags",
    "secondary_private_ip_addresses",
    "secondary_private_ip_address_count",
    "ipv6_address_count",
)
"""The options that a resume brings an existing interface in line with, and that EC2 shows."""


def applied_options(config: Config) -> dict[str, Any]:
    """Show the options as the record keeps them once they were applied."""
    shown = {option: getattr(config, option) for option in OPTIONS}
    return {option: list(value) if isinstance(value, tuple) else value for option, value in shown.items()}


def options_of_found(interface: NetworkInterface, config: Config) -> dict[str, Any]:
    """Show the options that an interface has which was found, as by an adoption: nothing was applied to it yet."""
    secondary = list(interface.private_ip_addresses[1:])
    named = config.secondary_private_ip_addresses
    return {
        **applied_options(config),
        "security_groups": list(interface.security_groups),
        "source_dest_check": interface.source_dest_check,
        "secondary_private_ip_addresses": secondary if named else [],
        "secondary_private_ip_address_count": 0 if named else len(secondary),
        "ipv6_address_count": len(interface.ipv6_addresses),
    }


def is_edited(record: Record, *options: str) -> bool:
    """Whether one of the options was configured differently since the interface was brought in line with them.

    A record written by an earlier version does not say. Nothing counts as edited then: the difference is shown as a
    drift, which a repair ends just as a resume does, and which is not overlooked.
    """
    applied = record.identity.interface.applied if record.identity.interface else {}
    configured = applied_options(record.config)
    return bool(applied) and any(applied.get(option) != configured[option] for option in options)
