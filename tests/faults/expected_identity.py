# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operation must not change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """The identity that must not change, and the instance on it; None for what there is not yet."""

    network_interface_id: str | None
    private_ip_address: str | None
    public_ip: str | None
    allocation_id: str | None = None
    instance_id: str | None = None
