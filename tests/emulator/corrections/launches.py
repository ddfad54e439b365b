# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RunInstances: what EC2 checks before it launches.

ec2/responses/instances.py run_instances: MinCount is taken for the count, DisableApiTermination, Operator, tenancy,
placement groups, CPU options, reservations and CPU credits are not read, most combinations with NetworkInterfaces pass,
market options and interfaces of a launch template are dropped; ec2/models/instances.py run_instances leaves an empty
reservation behind when it fails.
"""

from __future__ import annotations

import copy
from typing import Any

from moto.ec2.models.instances import InstanceBackend
from moto.ec2.responses import EC2Response
from moto.ssm.models import ssm_backends

from ..errors import EC2ClientError, ServerError, invalid, not_permitted_together
from ..world import world
from . import client_tokens, instance_types, instances, launch_refusals, spot, views
from .attachments import check_free, held_after_refusal
from .patching import corrects
from .xml import PlainResult

RESOLVE = "resolve:ssm:"
ONLY_FOR_NEW_INTERFACES = (
    "SubnetId",
    "Groups",
    "PrivateIpAddress",
    "PrivateIpAddresses",
    "SecondaryPrivateIpAddressCount",
    "Ipv6Addresses",
    "Ipv6AddressCount",
    "Description",
    "AssociatePublicIpAddress",
)
TAGGABLE = frozenset({"instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"})


@corrects(EC2Response, "run_instances")
def _run_instances(original: Any, self: Any) -> PlainResult:
    # The API reference promises a check of permissions, which has been made by now. What else a dry run finds is not
    # documented: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
    if self._get_param("DryRun"):
        raise ServerError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    self.params = _with_launch_template(self, copy.deepcopy(self.params))
    _resolve_image(self)

    def launch() -> str:
        check(self)
        return _launch(self, original)

    reservation_id = client_tokens.once(self, f"RunInstances {_token_scope(self)}", launch)
    reservation = self.ec2_backend.reservations[reservation_id]
    _check_alive(reservation)
    shown = views.reservation(reservation)
    for instance in shown["Instances"]:
        instance["State"] = {"Code": 0, "Name": "pending"}  # whatever it has come to since
    return PlainResult(shown)


def _resolve_image(response: Any) -> None:
    """Take an image that is named by a parameter of Systems Manager.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-systems-manager-parameter-to-find-AMI.html
    """
    image_id = response.params.get("ImageId") or ""
    if not image_id.startswith(RESOLVE):
        return
    name = image_id.removeprefix(RESOLVE)
    parameter = ssm_backends[response.current_account][response.region].get_parameter(name)
    if parameter is None:
        raise invalid(f"The Systems Manager parameter {name} does not exist.")
    response.params["ImageId"] = parameter.value


def _launch(response: Any, original: Any) -> str:
    """Returns the reservation's id."""
    known = set(response.ec2_backend.reservations)
    response.params["MinCount"] = response.params.get("MaxCount") or 1  # there is capacity for all or for none
    try:
        reservation = original(response).result
    except Exception:
        _forget(response.ec2_backend, known)
        raise
    for instance in reservation.instances:
        instance.disable_api_termination = bool(response.params.get("DisableApiTermination"))
        instance.operator = (response.params.get("Operator") or {}).get("Principal")
        # ec2/responses/instances.py makes a token up for a launch that had none.
        instance.client_token = response._get_param("ClientToken") or ""
        placement = response.params.get("Placement") or {}
        instance.placement.tenancy = placement.get("Tenancy") or "default"
        instance.requested_placement = placement
        instance.cpu_options = response.params.get("CpuOptions") or {}
        instance.capacity_reservation = response.params.get("CapacityReservationSpecification")
        instance.cpu_credits = (response.params.get("CreditSpecification") or {}).get("CpuCredits")
    if spot.is_spot(response.params):
        tags = response._parse_tag_specification().get(spot.SPOT_REQUEST, {})
        for instance in reservation.instances:
            spot.record(response.ec2_backend, instance, response.params, tags)
    return reservation.id


def _forget(backend: Any, known: set[str]) -> None:
    """What a launch that failed half-way has left behind."""
    for reservation_id in set(backend.reservations) - known:
        for instance in backend.reservations.pop(reservation_id).instances:
            backend.instances_by_id.pop(instance.id, None)


def _token_scope(response: Any) -> str:
    """A launch that names a zone has a token of that zone, any other one of the region."""
    subnet_id = response._get_param("SubnetId")
    zone = response._get_param("Placement.AvailabilityZone")
    return zone or (response.ec2_backend.get_subnet(subnet_id).availability_zone if subnet_id else "region")


def _check_alive(reservation: Any) -> None:
    for instance in reservation.instances:
        if instance.state in ("shutting-down", "terminated"):
            raise EC2ClientError(
                "IdempotentInstanceTerminated",
                f"The client token you have provided is associated with a resource that is already deleted: "
                f"{instance.id}. Please use a different client token.",
            )


def _with_launch_template(response: Any, request: dict[str, Any]) -> dict[str, Any]:
    """What the request leaves out comes from the template, resource type by resource type for the tags."""
    if not request.get("LaunchTemplate"):
        return request
    template = response.ec2_backend._get_template_from_args(request["LaunchTemplate"]).data
    added = {name: value for name, value in template.items() if name not in request and name != "TagSpecifications"}
    given = request.get("TagSpecifications") or []
    kinds = {specification.get("ResourceType") for specification in given}
    tags = [each for each in template.get("TagSpecifications") or [] if each.get("ResourceType") not in kinds]
    merged = {**copy.deepcopy(added), **request}
    return {**merged, "TagSpecifications": given + tags} if given or tags else merged


def check(response: Any) -> None:
    request, backend = response.params, response.ec2_backend
    nics = request.get("NetworkInterfaces") or []
    existing = [nic for nic in nics if nic.get("NetworkInterfaceId")]
    _check_beside_interfaces(request, nics)
    interfaces = [backend.get_network_interface(nic["NetworkInterfaceId"]) for nic in existing]
    for nic, interface in zip(existing, interfaces, strict=True):
        _check_existing(request, nic)
        check_free(interface)
    _check_image(backend, request)
    spot.check(request, zone_of(backend, request))
    _check_tag_specifications(request, creates_interface=len(existing) < max(len(nics), 1))
    launch_refusals.check(backend, request, _market(request))
    with held_after_refusal(interfaces):
        _check_zone(backend, request)


def _market(request: dict[str, Any]) -> str:
    return "spot" if spot.is_spot(request) else "on-demand"


def _check_beside_interfaces(request: dict[str, Any], nics: list[dict[str, Any]]) -> None:
    if not nics:
        return
    for name, shown in (
        ("SubnetId", "an instance-level subnet ID"),
        ("SecurityGroupIds", "instance-level security groups"),
        ("SecurityGroups", "instance-level security groups"),
        ("PrivateIpAddress", "an instance-level private address"),
    ):
        if request.get(name):
            raise not_permitted_together(f"Network interfaces and {shown} may not be specified on the same request")


def _check_existing(request: dict[str, Any], nic: dict[str, Any]) -> None:
    for name in ONLY_FOR_NEW_INTERFACES:
        if nic.get(name) not in (None, []):
            raise not_permitted_together(f"A network interface may not specify both a network interface ID and {name}")
    if nic.get("DeleteOnTermination"):
        raise not_permitted_together(
            "A network interface ID may not be specified together with deleteOnTermination=true"
        )
    if int(request.get("MaxCount") or 1) > 1:
        raise not_permitted_together("Multiple instances creation is not supported with a specified network interface")


def _check_image(backend: Any, request: dict[str, Any]) -> None:
    image_id = request.get("ImageId")
    if not image_id:
        raise EC2ClientError("MissingParameter", "The request must contain the parameter ImageId")
    if image_id not in backend.amis:
        raise EC2ClientError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    key_name = request.get("KeyName")
    if key_name and key_name not in backend.key_pairs:
        raise EC2ClientError("InvalidKeyPair.NotFound", f"The key pair '{key_name}' does not exist")


def _check_zone(backend: Any, request: dict[str, Any]) -> None:
    zone = zone_of(backend, request)
    asked = (request.get("Placement") or {}).get("AvailabilityZone")
    if asked and asked != zone:
        raise not_permitted_together(f"The network is in {zone}, the placement asks for {asked}")
    zones = {_interface_zone(backend, nic) for nic in request.get("NetworkInterfaces") or []} - {None}
    if len(zones) > 1:
        raise not_permitted_together("All network interfaces must be in the same availability zone")
    check_capacity(backend, request, _market(request))


def check_capacity(backend: Any, request: dict[str, Any], market: str) -> None:
    zone, instance_type = zone_of(backend, request), request.get("InstanceType") or "m1.small"
    instance_types.check_offered(instance_type, zone)
    world.capacity.check(zone, instance_type, market)


def zone_of(backend: Any, request: dict[str, Any]) -> str:
    zones = [_interface_zone(backend, nic) for nic in request.get("NetworkInterfaces") or []]
    if any(zones):
        return next(zone for zone in zones if zone)
    if request.get("SubnetId"):
        return backend.get_subnet(request["SubnetId"]).availability_zone
    return (request.get("Placement") or {}).get("AvailabilityZone") or f"{backend.region_name}a"


def _interface_zone(backend: Any, nic: dict[str, Any]) -> str | None:
    if nic.get("NetworkInterfaceId"):
        return backend.get_network_interface(nic["NetworkInterfaceId"]).subnet.availability_zone
    return backend.get_subnet(nic["SubnetId"]).availability_zone if nic.get("SubnetId") else None


def _check_tag_specifications(request: dict[str, Any], creates_interface: bool) -> None:
    is_spot = spot.is_spot(request)
    for specification in request.get("TagSpecifications") or []:
        kind = specification.get("ResourceType")
        if kind not in TAGGABLE:
            raise invalid(f"'{kind}' is not a valid taggable resource type for this operation.")
        if kind == "network-interface" and not creates_interface:
            raise not_permitted_together("You cannot specify tags for network interfaces when none is created")
        if kind == "spot-instances-request" and not is_spot:
            raise not_permitted_together("You cannot specify tags for Spot instances requests if none is created")


@corrects(InstanceBackend, "run_instances")
def _run_instances_model(original: Any, self: Any, *arguments: Any, **options: Any) -> Any:
    """Also what spot requests, fleets and Auto Scaling launch comes through here."""
    if not options.get("subnet_id") and not options.get("nics"):
        options["subnet_id"] = _default_subnet_id(self, options.get("placement"))
    if not options.get("launch_template"):
        options["is_instance_type_default"] = True  # checked already; moto would go through all offerings once more
    tags = options.get("tags") or {}
    reservation = original(self, *arguments, **options)
    for instance in reservation.instances:
        instance.reservation_id = reservation.id
        for interface in instance.nics.values():
            if interface.delete_on_termination:
                interface.add_tags(tags.get("network-interface", {}))
        instances.begin(instance)
    return reservation


def _default_subnet_id(backend: Any, zone: str | None) -> str | None:
    defaults = backend.get_default_subnets()
    subnet = defaults.get(zone) if zone else next((defaults[name] for name in sorted(defaults)), None)
    if subnet is None:
        raise EC2ClientError("MissingInput", "No subnets found for the default VPC. Please specify a subnet.")
    return subnet.id
