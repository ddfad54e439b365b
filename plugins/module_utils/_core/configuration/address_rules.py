# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private and IPv6 addresses: what they must be, and what the subnet and the other interfaces leave free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from ..model.commands import Command, rebuild_command
from ..model.config import Config, Subnet
from .lookups import AddressHolder
from .problems import Case, FactRule, Problem, Problems, ValueRule, find_repeated

FIRST_RESERVED = 4
"""The first four addresses and the last: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""


def is_ipv4_address(text: str) -> bool:
    """Whether the text is an IPv4 address in dotted decimal notation."""
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def named_private_ip_addresses(config: Config) -> Iterator[tuple[str, str]]:
    """List the private addresses that the configuration names, each after the option that names it."""
    if config.private_ip_address:
        yield "private_ip_address", config.private_ip_address
    for address in config.secondary_private_ip_addresses:
        yield "secondary_private_ip_addresses", address


def check_form(config: Config) -> Problems:
    """Private addresses are IPv4 addresses."""
    for option, address in named_private_ip_addresses(config):
        if not is_ipv4_address(address):
            yield Problem(
                code="InvalidPrivateIpAddress",
                option=option,
                value=address,
                wrong="is not an IPv4 address",
                way_out="Write it as four numbers from 0 to 255, such as 10.0.1.15",
            )


def check_uniqueness(config: Config) -> Problems:
    """Each private address is named once."""
    for address in find_repeated(address for _option, address in named_private_ip_addresses(config)):
        yield Problem(
            code="DuplicatePrivateIpAddress",
            option="secondary_private_ip_addresses",
            value=address,
            wrong="is named more than once (private_ip_address counts)",
            way_out="Name each private address once",
        )


def check_persistence(config: Config) -> Problems:
    """A particular private address is one that persists."""
    if config.private_ip_address and not config.persist_private_ip:
        yield Problem(
            code="ConflictingOptions",
            option="private_ip_address",
            value=config.private_ip_address,
            wrong="is given together with persist_private_ip 'false', but a particular address has to persist",
            way_out="Give persist_private_ip: true, or clear private_ip_address with ''",
        )


def check_counts(config: Config) -> Problems:
    """Counts are not negative."""
    for option in ("secondary_private_ip_address_count", "ipv6_address_count"):
        count = getattr(config, option)
        if count < 0:
            yield Problem(
                code="InvalidCount",
                option=option,
                value=count,
                wrong="is negative",
                way_out="Give 0 for none, or how many there shall be",
            )


def check_secondary_forms(config: Config) -> Problems:
    """Secondary addresses are named or counted, not both."""
    named, count = config.secondary_private_ip_addresses, config.secondary_private_ip_address_count
    if named and count:
        yield Problem(
            code="ConflictingOptions",
            option="secondary_private_ip_address_count",
            value=count,
            wrong=f"is given together with secondary_private_ip_addresses '{', '.join(named)}'",
            way_out="Clear one of them: the count with 0, the addresses with []",
        )


def check_range(case: Case) -> Problems:
    """Private addresses are ones that the subnet has and EC2 does not reserve."""
    subnet = case.facts.subnet
    if not subnet or not subnet.cidr_block:
        return
    for option, address in named_private_ip_addresses(case.config):
        if wrong := _wrong_in_subnet(address, subnet):
            yield Problem(
                code="PrivateIpAddressOutOfRange",
                option=option,
                value=address,
                wrong=wrong,
                way_out=f"Take another address of {subnet.cidr_block}, or a subnet that has this one",
            )


def _wrong_in_subnet(address: str, subnet: Subnet) -> str | None:
    network = IPv4Network(subnet.cidr_block)
    position, last = int(IPv4Address(address)) - int(network.network_address), network.num_addresses - 1
    if not 0 <= position <= last:
        return f"is outside {subnet.cidr_block}, the range of subnet {subnet.subnet_id}"
    if position < FIRST_RESERVED or position == last:
        return f"is reserved: EC2 keeps the first four addresses and the last of {subnet.cidr_block} for itself"
    return None


def check_claims(case: Case) -> Problems:
    """No other record of the table has the private addresses, or wants them."""
    for option, address in named_private_ip_addresses(case.config):
        if claim := case.claim_on((case.config.subnet_id, address)):
            yield Problem(
                code="PrivateIpAddressOfAnotherNode",
                option=option,
                value=address,
                wrong=f"{claim}, by its record in table {case.facts.table_name}",
                way_out=f"Take another address, or have node {claim.name} give this one up first",
            )


def check_holders(case: Case) -> Problems:
    """No other interface has the private addresses."""
    for option, address in named_private_ip_addresses(case.config):
        holder = case.facts.holders.get(address)
        if holder is None or _is_own(case, holder) or _is_reported(case, address, holder):
            continue
        held = f"network interface {holder.network_interface_id} ({_attached_to(holder)})"
        yield Problem(
            code="PrivateIpAddressInUse",
            option=option,
            value=address,
            wrong=f"is held by {case.with_owner(held, holder.tags)}",
            way_out=_way_to_address(case, holder),
            next_command=command_to_own(case, holder.tags),
        )


def _is_own(case: Case, holder: AddressHolder) -> bool:
    return holder.network_interface_id == case.network_interface_id or (
        case.may_be_creating and case.is_own(holder.tags)
    )


def _is_reported(case: Case, address: str, holder: AddressHolder) -> bool:
    """Whether another problem says already whose the address is."""
    claim = case.claim_on((case.config.subnet_id, address))
    remaining = {interface.network_interface_id for interface in case.facts.remains.network_interfaces}
    return holder.network_interface_id in remaining or (claim is not None and claim.is_had)


def _way_to_address(case: Case, holder: AddressHolder) -> str:
    if case.is_own(holder.tags):
        return way_to_own(case)
    if case.is_of_another_node(holder.tags):
        return "Take another address, or have that node give this one up first"
    return "Take another address, or delete that interface first"


def way_to_own(case: Case) -> str:
    """Say how a node gets an address that is on an interface with its tags, of which its record does not know."""
    if case.network_interface_id:
        return "Take another address, or check what that interface is: the playbook orphans lists it"
    return "Forget this record with stateful_node_config, state: absent, and then rebuild the one that was lost"


def command_to_own(case: Case, tags: Mapping[str, str]) -> Command | None:
    """Compose the command that ends that way out; None where the tags are not the node's."""
    is_lost = case.is_own(tags) and not case.network_interface_id
    return rebuild_command(case.name) if is_lost else None


def _attached_to(holder: AddressHolder) -> str:
    return f"attached to {holder.attached_to}" if holder.attached_to else "attached to nothing"


def check_ipv6(case: Case) -> Problems:
    """IPv6 addresses come from a subnet that has some."""
    count, subnet = case.config.ipv6_address_count, case.facts.subnet
    if count and subnet and not case.facts.subnet_has_ipv6:
        yield Problem(
            code="SubnetWithoutIpv6",
            option="ipv6_address_count",
            value=count,
            wrong=f"cannot be had: subnet {subnet.subnet_id} has no IPv6 range",
            way_out="Associate an IPv6 CIDR block with the subnet, or give 0",
        )


ADDRESS_VALUE_RULES: tuple[ValueRule, ...] = (
    check_form,
    check_uniqueness,
    check_persistence,
    check_counts,
    check_secondary_forms,
)
ADDRESS_FACT_RULES: tuple[FactRule, ...] = (check_range, check_claims, check_holders, check_ipv6)
