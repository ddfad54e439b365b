# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subnets and security groups that are still in use.

ec2/models/subnets.py delete_subnet, ec2/models/security_groups.py delete_security_group look for nothing.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import SubnetBackend

from ..errors import EC2ClientError
from .patching import corrects


@corrects(SubnetBackend, "delete_subnet")
def _delete_subnet(original: Any, self: Any, subnet_id: str) -> Any:
    if any(interface.subnet.id == subnet_id for interface in self.enis.values()):
        raise EC2ClientError("DependencyViolation", f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    return original(self, subnet_id)


@corrects(SecurityGroupBackend, "delete_security_group")
def _delete_security_group(original: Any, self: Any, name: str | None = None, group_id: str | None = None) -> Any:
    for interface in self.enis.values():
        if any(group.id == group_id or (name and group.name == name) for group in interface._group_set):
            raise EC2ClientError("DependencyViolation", f"resource {group_id or name} has a dependent object")
    return original(self, name, group_id)
