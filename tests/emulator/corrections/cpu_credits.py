# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DescribeInstanceCreditSpecifications.

ec2/responses/instances.py describe_instance_credit_specifications: `standard` for every instance, of whatever type.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceCreditSpecifications.html
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.responses import EC2Response

from ..errors import EC2ClientError
from .patching import corrects
from .xml import PlainResult


@corrects(EC2Response, "describe_instance_credit_specifications")
def _describe(_original: Any, self: Any) -> PlainResult:
    asked = self._get_param("InstanceIds", [])
    instances = [self.ec2_backend.get_instance(instance_id) for instance_id in asked]
    for instance in instances:
        if not INSTANCE_TYPES.get(instance.instance_type, {}).get("BurstablePerformanceSupported"):
            raise EC2ClientError(
                "InvalidInstanceID.NotFound", f"{instance.id} is not an instance with burstable performance."
            )
    shown = [{"InstanceId": instance.id, "CpuCredits": _credits_of(instance)} for instance in instances]
    return PlainResult({"InstanceCreditSpecifications": shown})


def _credits_of(instance: Any) -> str:
    default = "standard" if instance.instance_type.startswith("t2.") else "unlimited"
    return getattr(instance, "cpu_credits", None) or default
