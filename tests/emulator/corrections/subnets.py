# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A subnet's IPv6 ranges.

ec2/models/subnets.py Subnet.ipv6_cidr_block_association_set puts the state's dictionary where its text belongs.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.subnets import Subnet

from .patching import property_of


@property_of(Subnet, "ipv6_cidr_block_association_set")
def _ipv6_ranges(self: Any) -> list[dict[str, Any]]:
    return [
        {
            "ipv6CidrBlock": association["ipv6CidrBlock"],
            "associationId": association["associationId"],
            "ipv6CidrBlockState": {"state": association["ipv6CidrBlockState"]["State"]},
        }
        for association in self.ipv6_cidr_block_associations.values()
        if association["ipv6CidrBlockState"]["State"] == "associated"
    ]
