# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Elastic IP: what it must be, whether it may be used at all, and whether it is free for this node."""

from __future__ import annotations

from ..model.config import NEW_ADDRESS, Config
from ..model.observed import Address
from ..resources.owners import ownership
from .address_rules import command_to_own, is_ipv4_address, named_private_ip_addresses, way_to_own
from .options import ALLOCATION_ID, POOL_ID
from .problems import Case, FactRule, Problem, Problems, ValueRule


def check_form(config: Config) -> Problems:
    """An Elastic IP is an allocation id, a public address, or `new`."""
    elastic_ip = config.elastic_ip or NEW_ADDRESS
    if elastic_ip != NEW_ADDRESS and not ALLOCATION_ID.fullmatch(elastic_ip) and not is_ipv4_address(elastic_ip):
        yield Problem(
            code="InvalidElasticIp",
            option="elastic_ip",
            value=elastic_ip,
            wrong="is neither an allocation id nor a public IPv4 address",
            way_out=f"Give eipalloc-..., an address such as 198.51.100.7, or '{NEW_ADDRESS}' to have one allocated",
        )


def check_pool(config: Config) -> Problems:
    """A pool is named by its id, and only for an address that is to be allocated.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html
    """
    pool = config.elastic_ip_pool
    if pool is None:
        return
    if not POOL_ID.fullmatch(pool):
        yield Problem(
            code="InvalidElasticIpPool",
            option="elastic_ip_pool",
            value=pool,
            wrong="is not the id of a pool of public IPv4 addresses",
            way_out="Give one that starts with ipv4pool-ec2- or ipam-pool-, or clear it with '' for Amazon's own pool",
        )
    if config.elastic_ip != NEW_ADDRESS:
        yield Problem(
            code="ConflictingOptions",
            option="elastic_ip_pool",
            value=pool,
            wrong=f"is given, and elastic_ip is not '{NEW_ADDRESS}': no address would be allocated from it",
            way_out=f"Give elastic_ip: {NEW_ADDRESS}, or clear elastic_ip_pool with ''",
        )


def check_place(config: Config) -> Problems:
    """An Elastic IP stands on a private address that the configuration names."""
    place = config.elastic_ip_private_ip_address
    named = [address for _option, address in named_private_ip_addresses(config)]
    if place and not (config.elastic_ip and place in named):
        yield Problem(
            code="InvalidElasticIpPlace",
            option="elastic_ip_private_ip_address",
            value=place,
            wrong="is not named by private_ip_address or secondary_private_ip_addresses"
            if config.elastic_ip
            else "is given without an elastic_ip",
            way_out="Name it there together with an elastic_ip, or clear it with '' for the primary address",
        )


def check_permission(case: Case) -> Problems:
    """An Elastic IP stands only where the node gets public addresses at all."""
    config, subnet = case.config, case.facts.subnet
    if not config.elastic_ip or config.public_ip_assignment == "enabled" or not subnet:
        return
    if config.public_ip_assignment == "subnet_default" and subnet.assigns_public_ip:
        return
    yield Problem(
        code="ElasticIpNotAllowed",
        option="elastic_ip",
        value=config.elastic_ip,
        wrong=f"is not allowed: {_why_not_public(config, subnet.subnet_id)}",
        way_out="Give public_ip_assignment: enabled, or clear elastic_ip with ''",
    )


def _why_not_public(config: Config, subnet_id: str) -> str:
    if config.public_ip_assignment == "disabled":
        return "public_ip_assignment is 'disabled'"
    return f"public_ip_assignment is 'subnet_default', and subnet {subnet_id} assigns no public addresses"


def check_zone(case: Case) -> Problems:
    """The subnet is in a zone whose interfaces can have an Elastic IP."""
    config = case.config
    zone = case.facts.zone
    if not config.elastic_ip:
        return
    place = ""
    if zone and zone.zone_type == "wavelength-zone":
        place = f"the Wavelength Zone {zone.name}, whose interfaces get carrier addresses instead"
    elif case.facts.subnet_is_on_outpost:
        place = "an Outpost, whose interfaces get addresses of the customer's own pool instead"
    if place:
        yield Problem(
            code="ElasticIpNotSupported",
            option="elastic_ip",
            value=config.elastic_ip,
            wrong=f"cannot be used: subnet {config.subnet_id} is in {place}",
            way_out="Clear elastic_ip with '', or take a subnet of an Availability Zone or a Local Zone",
        )


def check_border_group(case: Case) -> Problems:
    """The Elastic IP is of the network border group of the subnet's zone.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
    """
    address = case.facts.address
    zone = case.facts.zone
    if not address or not zone or address.network_border_group in (None, zone.network_border_group):
        return
    yield Problem(
        code="ElasticIpOfAnotherZone",
        option="elastic_ip",
        value=_text(address),
        wrong=f"belongs to the network border group {address.network_border_group}, and zone {zone.name} of subnet "
        f"{case.config.subnet_id} to {zone.network_border_group}: EC2 cannot associate it there",
        way_out=f"Allocate one in {zone.network_border_group}, or give '{NEW_ADDRESS}' to have one allocated there",
    )


def check_kind(case: Case) -> Problems:
    """The Elastic IP is a public address."""
    address = case.facts.address
    if address and address.is_private_to_zone:
        yield Problem(
            code="ElasticIpNotSupported",
            option="elastic_ip",
            value=_text(address),
            wrong="is a carrier address of a Wavelength Zone or a customer-owned one of an Outpost, not a public one",
            way_out=f"Give a public Elastic IP, or '{NEW_ADDRESS}' to have one allocated",
        )


def check_existence(case: Case) -> Problems:
    """The Elastic IP is one of the account's in the region."""
    if case.config.elastic_ip in (None, NEW_ADDRESS) or case.facts.address:
        return
    yield Problem(
        code="UnknownElasticIp",
        option="elastic_ip",
        value=case.config.elastic_ip,
        wrong=f"is not an Elastic IP of this account in {case.facts.region}",
        way_out=f"Correct it, name the region that it is in, or give '{NEW_ADDRESS}' to have one allocated",
    )


def check_claim(case: Case) -> Problems:
    """No other record of the table has the Elastic IP, or wants it."""
    address = case.facts.address
    claim = case.claim_on(("", address.allocation_id)) if address else None
    if address and claim:
        yield Problem(
            code="ElasticIpOfAnotherNode",
            option="elastic_ip",
            value=_text(address),
            wrong=f"{claim}, by its record in table {case.facts.table_name}",
            way_out=f"Take another address, or have node {claim.name} give this one up first",
        )


def check_association(case: Case) -> Problems:
    """The Elastic IP is associated with nothing, or with the node's own interface."""
    address, own = case.facts.address, case.network_interface_id
    if not address or not address.association_id or _is_reported(case, address):
        return
    if own is None or address.network_interface_id != own:
        holder = case.facts.address_holder
        tags = holder.tags if holder else {}
        yield Problem(
            code="ElasticIpInUse",
            option="elastic_ip",
            value=_text(address),
            wrong=f"is associated with {case.with_owner(_where(address), tags)}",
            way_out=_way_to_address(case, tags),
            next_command=command_to_own(case, tags),
        )


def _is_reported(case: Case, address: Address) -> bool:
    """Whether another problem says already whose the address is."""
    claim = case.claim_on(("", address.allocation_id))
    remaining = {interface.network_interface_id for interface in case.facts.remains.network_interfaces}
    return address.network_interface_id in remaining or (claim is not None and claim.is_had)


def _way_to_address(case: Case, tags: dict[str, str]) -> str:
    if case.is_own(tags):
        return way_to_own(case)
    if case.is_of_another_node(tags):
        return "Take another address, or have that node give this one up first"
    return "Disassociate it there first, or take another address"


def check_ownership(case: Case) -> Problems:
    """The Elastic IP is not one that another node had allocated."""
    address = case.facts.address
    if not address or not case.is_of_another_node(address.tags) or case.claim_on(("", address.allocation_id)):
        return
    yield Problem(
        code="ElasticIpOfAnotherNode",
        option="elastic_ip",
        value=_text(address),
        wrong=f"{ownership(address.tags, case.facts.table_name)}, as its tags say",
        way_out="Take another address; or, when that node does not exist any more, remove the stateful_node: tags",
    )


def _text(address: Address) -> str:
    return f"{address.public_ip} ({address.allocation_id})"


def _where(address: Address) -> str:
    places = (("network interface", address.network_interface_id), ("instance", address.instance_id))
    return " and ".join(f"{kind} {id_}" for kind, id_ in places if id_) or f"association {address.association_id}"


PUBLIC_IP_VALUE_RULES: tuple[ValueRule, ...] = (check_form, check_pool, check_place)
PUBLIC_IP_FACT_RULES: tuple[FactRule, ...] = (
    check_permission,
    check_zone,
    check_existence,
    check_kind,
    check_border_group,
    check_claim,
    check_association,
    check_ownership,
)
