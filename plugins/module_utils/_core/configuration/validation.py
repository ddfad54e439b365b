# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a configuration may be stored: every rule, in the order in which problems are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..declaration.option import Option, options_of
from ..model.config import Config
from ..model.names import check_name
from ..model.record import Record
from .address_rules import ADDRESS_FACT_RULES, ADDRESS_VALUE_RULES
from .launch_rules import LAUNCH_VALUE_RULES
from .launch_template_rules import LAUNCH_TEMPLATE_RULES
from .lookups import Facts
from .missing_record import record_missing
from .options import DEFAULT_GROUP, SECURITY_GROUP_ID, groups_of_vpc
from .problems import Case, FactRule, Problem, Problems, ValueRule, raise_problems
from .public_ip_rules import PUBLIC_IP_FACT_RULES, PUBLIC_IP_VALUE_RULES
from .replacement_rules import HANDOVER_FACT_RULES, HANDOVER_VALUE_RULES, REMEDIATION_VALUE_RULES
from .tag_rules import TAG_VALUE_RULES

UNLESS_GIVEN: dict[str, Any] = asdict(Config(subnet_id=""))
"""What holds for each option that is not given."""


def check_values(name: str, before: Record | None, config: Config, *, may_move: bool = False) -> None:
    """Check what needs no answer from AWS. References may still be names.

    `may_move` says that the user has agreed to give an interface's addresses up for those of another subnet.
    Raises NodeError naming the node, the option, its value, what is wrong and the way out.
    """
    check_name(name)
    problems = (problem for rule in VALUE_RULES for problem in rule(config))
    raise_problems(name, (*_check_subnet_change(before, config, may_move=may_move), *problems))


def check_config(name: str, before: Record | None, config: Config, facts: Facts, *, may_move: bool = False) -> None:
    """Check a configuration, references resolved, by itself and against what EC2 said.

    Returns when it may be stored; facts.subnet is not None then. Raises NodeError as check_values does.
    """
    check_values(name, before, config, may_move=may_move)
    case = Case(name=name, before=before, config=config, facts=facts)
    raise_problems(name, (problem for rule in FACT_RULES for problem in rule(case)))


def _check_choices(config: Config) -> Problems:
    """Each option that declares choices has one of them, or what holds unless it is given."""
    yield from _check_declared(options_of(Config), asdict(config), UNLESS_GIVEN)


def _check_declared(
    declared: Mapping[str, Option], values: Mapping[str, Any], unless_given: Mapping[str, Any], above: str = ""
) -> Problems:
    for name, option in declared.items():
        value = values.get(name)
        if option.choices and value not in (unless_given.get(name), *option.choices):
            yield Problem(
                code="InvalidChoice",
                option=f"{above}{name}",
                value=value,
                wrong="is not known",
                way_out=f"Choose one of {', '.join(option.choices)}",
            )
        if option.suboptions and isinstance(value, Mapping):
            yield from _check_declared(option.suboptions, value, unless_given.get(name) or {}, f"{above}{name}.")


def _check_subnet_change(before: Record | None, config: Config, *, may_move: bool) -> Problems:
    """A node stays in its subnet while it has an interface that may not be given up, or one may be in the making."""
    if before is None or config.subnet_id == before.config.subnet_id:
        return
    if before.operation or before.intent or (before.identity.network_interface_id and not may_move):
        yield Problem(
            code="SubnetInUse",
            option="subnet_id",
            value=config.subnet_id,
            wrong=f"is not the node's subnet {before.config.subnet_id}, which {_why_not_left(before)}",
            way_out=_way_to_another_subnet(before),
        )


def _why_not_left(before: Record) -> str:
    if before.operation or before.intent:
        return "an operation that has not ended may be creating its interface in"
    return f"its interface {before.identity.network_interface_id} cannot leave"


def _way_to_another_subnet(before: Record) -> str:
    if before.operation or before.intent:
        return "Run that operation's playbook again first, with -e stateful_node_take_over=true if it was cut off"
    return (
        "Configure a new node there; or, to give this one's private addresses up, say allow_address_change=true here "
        "and then replace the node with -e replace_allow_address_change=true"
    )


def _check_remains(case: Case) -> Problems:
    """A record is made only where EC2 has nothing that carries the tags of a node of this name."""
    if case.facts.remains.things:
        yield record_missing(case.name, case.facts.remains, case.facts.table_name)


def _check_vpc(case: Case) -> Problems:
    """A node that has its interface stays in its VPC, whose security groups the interface has."""
    before, subnet = case.before, case.facts.subnet
    if before and before.identity.network_interface_id and subnet and subnet.vpc_id != before.subnet.vpc_id:
        yield Problem(
            code="ForeignVpc",
            option="subnet_id",
            value=subnet.subnet_id,
            wrong=f"is a subnet of {subnet.vpc_id}, and the node's interface is in {before.subnet.vpc_id}",
            way_out="Configure a new node there",
        )


def _check_subnet(case: Case) -> Problems:
    """The subnet exists in the region."""
    if not case.facts.subnet:
        yield Problem(
            code="UnknownSubnet",
            option="subnet_id",
            value=case.config.subnet_id,
            wrong=f"does not exist in {case.facts.region}",
            way_out="Correct it, or name the region that it is in",
        )


def _check_ipv4(case: Case) -> Problems:
    """The subnet has IPv4 addresses: a node is known by one of them."""
    subnet = case.facts.subnet
    if subnet and not subnet.cidr_block:
        yield Problem(
            code="UnsupportedSubnet",
            option="subnet_id",
            value=subnet.subnet_id,
            wrong="has IPv6 addresses only, and a node has a private IPv4 address",
            way_out="Give a subnet that has an IPv4 range, with an IPv6 range next to it and ipv6_address_count if the "
            "node needs IPv6 as well",
        )


def _check_security_groups(case: Case) -> Problems:
    """Security groups exist and belong to the subnet's VPC."""
    known = {group.group_id for group in groups_of_vpc(case.facts)}
    for group in case.config.security_groups if case.facts.subnet else ():
        if group not in known:
            yield _security_group_problem(group, case.facts)


def _security_group_problem(group: str, facts: Facts) -> Problem:
    vpc_id = facts.subnet.vpc_id if facts.subnet else ""
    elsewhere = [found.vpc_id for found in facts.security_groups if group in (found.group_id, found.group_name)]
    kind = "id" if SECURITY_GROUP_ID.fullmatch(group) else "name"
    wrong = f"is not the {kind} of a security group in {facts.region}"
    if elsewhere:
        wrong = f"is a group of {', '.join(elsewhere)}, not of {vpc_id}, the subnet's VPC"
    return Problem(
        code="ForeignSecurityGroup" if elsewhere else "UnknownSecurityGroup",
        option="security_groups",
        value=group,
        wrong=wrong,
        way_out=_way_to_groups(group, vpc_id),
    )


def _way_to_groups(group: str, vpc_id: str) -> str:
    if group != DEFAULT_GROUP:
        return f"Give ids or names of groups of {vpc_id}, or [] for the VPC's default group"
    # The participant of a shared subnet sees no group of the VPC's owner, the default one neither.
    return (
        f"Give ids of security groups that this account has in {vpc_id}; in a subnet that another account shares, the "
        "VPC's default group cannot be used, so create a group first"
    )


VALUE_RULES: tuple[ValueRule, ...] = (
    _check_choices,
    *ADDRESS_VALUE_RULES,
    *PUBLIC_IP_VALUE_RULES,
    *LAUNCH_VALUE_RULES,
    *HANDOVER_VALUE_RULES,
    *TAG_VALUE_RULES,
    *REMEDIATION_VALUE_RULES,
)
FACT_RULES: tuple[FactRule, ...] = (
    _check_remains,
    _check_subnet,
    _check_ipv4,
    _check_vpc,
    *ADDRESS_FACT_RULES,
    _check_security_groups,
    *PUBLIC_IP_FACT_RULES,
    *LAUNCH_TEMPLATE_RULES,
    *HANDOVER_FACT_RULES,
)
