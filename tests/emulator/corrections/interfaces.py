# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creating, deleting and modifying network interfaces.

ec2/models/elastic_network_interfaces.py NetworkInterface.__init__ takes any address and creates a security group it
does not know; NetworkInterfaceBackend.delete_network_interface deletes an attached one;
ec2/responses/elastic_network_interfaces.py modify_network_interface_attribute ignores Attachment,
AssociatePublicIpAddress and an empty description.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import EmptyResult
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.responses import EC2Response
from moto.ec2.responses._base_response import EC2BaseResponse

from ..errors import EC2ClientError, invalid, not_permitted_together
from ..world import world
from . import addresses
from .patching import corrects, property_of

CLAIMED = "being created"

EC2BaseResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["CreateNetworkInterfaceResult.NetworkInterface.Status"] = (
    lambda _status: "pending"
)


@corrects(NetworkInterfaceBackend, "create_network_interface")
def _create(
    original: Any,
    self: Any,
    subnet: Any,
    private_ip_address: Any = None,
    private_ip_addresses: Any = None,
    group_ids: Any = None,
    *described: Any,
    **others: Any,
) -> Any:
    subnet = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
    group_ids = [_group_of(self, group_id, subnet.vpc_id).id for group_id in group_ids or []]
    primary, secondary = _wanted(private_ip_address, private_ip_addresses)
    claimed = _claim(subnet, primary, secondary, int(others.pop("secondary_ips_count", None) or 0))
    listed = [{"Primary": address == claimed[0], "PrivateIpAddress": address} for address in claimed]
    interface = original(self, subnet, claimed[0], listed, group_ids, *described, **others)
    addresses.in_use(subnet).update(dict.fromkeys(claimed, interface.id))
    _settle(interface)
    world.consistency.note(interface.id)
    return interface


def _group_of(backend: Any, group_id: str, vpc_id: str) -> Any:
    group = backend.get_security_group_from_id(group_id)
    if group is None or group.vpc_id != vpc_id:
        raise EC2ClientError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    return group


def _wanted(private_ip_address: Any, private_ip_addresses: Any) -> tuple[str | None, list[str]]:
    """The primary address asked for, if any, and the secondary ones."""
    primary = private_ip_address[0] if isinstance(private_ip_address, list) else private_ip_address
    secondary = []
    for item in private_ip_addresses or []:
        address, is_primary = (
            (item, False) if isinstance(item, str) else (item["PrivateIpAddress"], item.get("Primary"))
        )
        if is_primary or (isinstance(item, str) and not primary):
            primary = address
        elif address != primary:
            secondary.append(address)
    return primary or None, secondary


def _claim(subnet: Any, primary: str | None, secondary: list[str], count: int) -> list[str]:
    """All of them or none."""
    claimed: list[str] = []
    try:
        for address in [primary, *secondary, *[None] * count]:
            claimed += [addresses.claim(subnet, address, CLAIMED) if address else addresses.claim_free(subnet, CLAIMED)]
    except EC2ClientError:
        for address in claimed:
            addresses.release(subnet, address)
        raise
    return claimed


def _settle(interface: Any) -> None:
    interface.status = "pending"

    def becomes_available() -> None:
        if interface.status == "pending":
            interface.status = "available"

    world.clock.after(world.settings.duration("interface_pending"), becomes_available)


@corrects(NetworkInterfaceBackend, "get_network_interface")
def _get(original: Any, self: Any, eni_id: str) -> Any:
    return self.enis.get(eni_id) or original(self, eni_id)


@corrects(NetworkInterfaceBackend, "delete_network_interface")
def _delete(original: Any, self: Any, eni_id: str) -> None:
    interface = self.get_network_interface(eni_id)
    if interface.attachment_id:
        raise invalid(f"Network interface '{eni_id}' is currently in use.")
    remove(interface)


def remove(interface: Any) -> None:
    """The interface goes, and with it its addresses, associations and tags."""
    backend = interface.ec2_backend
    for elastic_ip in list(interface.associations.values()):
        elastic_ip.dissociate()
    for item in interface.private_ip_addresses:
        addresses.release(interface.subnet, item["PrivateIpAddress"])
    backend.enis.pop(interface.id, None)
    backend.tags.pop(interface.id, None)


@corrects(EC2Response, "modify_network_interface_attribute")
def _modify(original: Any, self: Any) -> EmptyResult:
    interface = self.ec2_backend.get_network_interface(self._get_param("NetworkInterfaceId"))
    self.error_on_dryrun()
    given = [name for name in MODIFIERS if self._get_param(name) is not None]
    if len(given) > 1:
        raise not_permitted_together("Fields for multiple attribute types specified")
    for name in given:
        MODIFIERS[name](interface, self._get_param(name))
    return EmptyResult()


def _set_attachment(interface: Any, change: Any) -> None:
    if change.get("AttachmentId") != interface.attachment_id:
        raise EC2ClientError(
            "InvalidAttachmentID.NotFound", f"The attachment ID '{change.get('AttachmentId')}' does not exist"
        )
    interface.delete_on_termination = bool(change.get("DeleteOnTermination"))


def _set_groups(interface: Any, group_ids: list[str]) -> None:
    interface._group_set = [_group_of(interface.ec2_backend, group_id, interface.vpc_id) for group_id in group_ids]


def _set_description(interface: Any, change: Any) -> None:
    interface.description = change.get("Value") or ""


def _set_source_dest_check(interface: Any, change: Any) -> None:
    interface.source_dest_check = bool(change.get("Value"))


def _set_public_ip(interface: Any, wanted: bool) -> None:
    """Only a primary interface that is in use carries an address of Amazon's pool."""
    interface.public_ip_auto_assign = wanted
    interface.check_auto_public_ip() if wanted else interface.stop()


MODIFIERS: dict[str, Callable[[Any, Any], None]] = {
    "Attachment": _set_attachment,
    "Groups": _set_groups,
    "Description": _set_description,
    "SourceDestCheck": _set_source_dest_check,
    "AssociatePublicIpAddress": _set_public_ip,
}


@property_of(NetworkInterface, "group_set")
def _group_set(self: Any) -> list[Any]:
    return self._group_set


@property_of(NetworkInterface, "requester_id")
def _requester_id(self: Any) -> None:
    """Only interfaces that a service manages have one."""
