# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When an instance is replaced, how the interface moves to the next one, and what that requires of other options.

A node that hands over between running instances has its interface at device 1. EC2 assigns public addresses to the
interface at device 0 only, and each instance type takes so many interfaces
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInfo.html).
"""

from __future__ import annotations

from ..model.config import Config
from .problems import Case, FactRule, Problem, Problems, ValueRule

NEEDED_INTERFACES = 2


def check_identity_to_hand_over(config: Config) -> Problems:
    """There is something that the next instance is to have of the one before."""
    if config.handover == "prelaunch" and not config.persist_private_ip and not config.elastic_ip:
        yield Problem(
            code="NothingToHandOver",
            option="handover",
            value="prelaunch",
            wrong="has nothing to hand over: persist_private_ip is false, and there is no elastic_ip",
            way_out="Give persist_private_ip: true or an elastic_ip, or handover: terminate",
        )


def check_lent_public_ip(config: Config) -> Problems:
    """No public address is asked for that EC2 gives to no interface at device 1."""
    if config.handover == "prelaunch" and config.public_ip_assignment == "enabled" and not config.elastic_ip:
        yield _assigned("public_ip_assignment", "enabled", "has EC2 assign the interface an address")


def check_subnet_public_ip(case: Case) -> Problems:
    """Nor does the subnet ask for one."""
    config, subnet = case.config, case.facts.subnet
    follows = config.public_ip_assignment == "subnet_default" and subnet is not None and subnet.assigns_public_ip
    if config.handover == "prelaunch" and follows and not config.elastic_ip:
        yield _assigned(
            "public_ip_assignment", "subnet_default", f"does as subnet {config.subnet_id}, which assigns one"
        )


def _assigned(option: str, value: str, what: str) -> Problem:
    return Problem(
        code="PublicIpNotAtDevice1",
        option=option,
        value=value,
        wrong=f"{what}, and with handover: prelaunch that is at device 1, where EC2 assigns none",
        way_out="Give an elastic_ip, public_ip_assignment: disabled, or handover: terminate",
    )


def check_interface_limits(case: Case) -> Problems:
    """Each instance type exists in the region and takes a second interface."""
    if case.config.handover != "prelaunch":
        return
    for option, instance_type in _types(case):
        limit = case.facts.interface_limits.get(instance_type)
        if limit is not None and limit >= NEEDED_INTERFACES:
            continue
        takes = f"takes {limit} network interface" if limit else f"is not an instance type of {case.facts.region}"
        yield Problem(
            code="TooFewNetworkInterfaces" if limit else "UnknownInstanceType",
            option=option,
            value=instance_type,
            wrong=f"{takes}, and handover: prelaunch needs {NEEDED_INTERFACES}",
            way_out="Give another type, or handover: terminate",
        )


def _types(case: Case) -> list[tuple[str, str]]:
    launch, template = case.config.launch, case.facts.launch_template
    if launch.instance_types:
        return [("launch.instance_types", name) for name in launch.instance_types]
    own = template.data.get("InstanceType") if template else None
    return [("launch.launch_template", own)] if own else []


HANDOVER_VALUE_RULES: tuple[ValueRule, ...] = (check_identity_to_hand_over, check_lent_public_ip)
HANDOVER_FACT_RULES: tuple[FactRule, ...] = (check_subnet_public_ip, check_interface_limits)


def check_unhealthy_after(config: Config) -> Problems:
    """The seconds are none or more."""
    if config.unhealthy_after < 0:
        yield Problem(
            code="InvalidNumber",
            option="unhealthy_after",
            value=config.unhealthy_after,
            wrong="must not be negative",
            way_out="Give seconds, 0 or more; EC2 checks an instance once a minute",
        )


REMEDIATION_VALUE_RULES: tuple[ValueRule, ...] = (check_unhealthy_after,)
