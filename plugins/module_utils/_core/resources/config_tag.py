# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interface's tag that keeps those options of a configuration which nothing else in EC2 tells.

From it, the other tags and EC2's own answers a record that was lost is made anew. Its characters are those that all of
AWS's services allow in tags, and it stays far below the 256 that a value may have
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from ..model.config import Config, Handover, PublicIpAssignment

NONE = "none"
DEFAULT_HANDOVER: Handover = "terminate"
"""What is meant by a tag that says nothing of it, as all did once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggedConfig:
    """What the tag says. `pinned` and `named`: the configuration names the primary, the secondary addresses."""

    persist: bool
    pinned: bool
    secondary: int
    named: bool
    ipv6: int
    public_ip: PublicIpAssignment
    elastic_ip: str | None
    on: str | None
    handover: Handover = DEFAULT_HANDOVER


def config_tag(config: Config) -> str:
    """Compose the tag's value."""
    named = config.secondary_private_ip_addresses
    parts = {
        "persist": config.persist_private_ip,
        "pinned": config.private_ip_address is not None,
        "secondary": len(named) or config.secondary_private_ip_address_count,
        "named": bool(named),
        "ipv6": config.ipv6_address_count,
        "public_ip": config.public_ip_assignment,
        "elastic_ip": config.elastic_ip or NONE,
        "on": config.elastic_ip_private_ip_address or NONE,
        **({"handover": config.handover} if config.handover != DEFAULT_HANDOVER else {}),
    }
    return " ".join(f"{key}={str(value).lower()}" for key, value in parts.items())


def parse_config_tag(value: str) -> TaggedConfig | None:
    """Read the tag's value; None for one that is not complete and right."""
    parts = dict(part.split("=", 1) for part in value.split() if "=" in part)
    try:
        tagged = TaggedConfig(
            persist=_switch(parts["persist"]),
            pinned=_switch(parts["pinned"]),
            secondary=int(parts["secondary"]),
            named=_switch(parts["named"]),
            ipv6=int(parts["ipv6"]),
            public_ip=parts["public_ip"],  # type: ignore[arg-type]
            elastic_ip=_text(parts["elastic_ip"]),
            on=_text(parts["on"]),
            handover=parts.get("handover", DEFAULT_HANDOVER),  # type: ignore[arg-type]
        )
    except (KeyError, ValueError):
        return None
    is_known = tagged.public_ip in get_args(PublicIpAssignment) and tagged.handover in get_args(Handover)
    return tagged if is_known else None


def _switch(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _text(text: str) -> str | None:
    return None if text == NONE else text
