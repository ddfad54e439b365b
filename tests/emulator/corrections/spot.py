# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Spot requests behind spot instances.

ec2/models/instances.py run_instances sets only the lifecycle: no request, no price, no illegal combination.
ec2/models/spot_requests.py drops NetworkInterfaces, forgets a cancelled request, never closes one;
ec2/responses/spot_instances.py describe_spot_price_history knows one price, of 2006.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.responses import EC2Response
from moto.ec2.utils import random_spot_request_id

from ..errors import EC2ClientError, ServerError, not_permitted_together
from ..world import world
from . import filters, instance_types, launches
from .patching import corrects, property_of
from .xml import PlainResult

ZONE_FACTORS = {"a": 1.0, "b": 1.07, "c": 0.93, "d": 1.12, "e": 1.2, "f": 0.98}
PRICE_OF_A_VCPU = 0.012


@dataclass
class SpotRequest:
    ec2_backend: Any
    launch_specification: dict[str, Any]
    market_options: dict[str, Any]
    id: str = field(default_factory=random_spot_request_id)
    state: str = "open"
    status: str = "pending-evaluation"
    instance_id: str | None = None
    created: datetime = field(default_factory=utcnow)

    @property
    def persistent(self) -> bool:
        return self.market_options.get("SpotInstanceType") == "persistent"

    def fulfilled_by(self, instance: Any) -> None:
        self.state, self.status, self.instance_id = "active", "fulfilled", instance.id
        instance.spot_instance_request_id = self.id

    def marked_for_interruption(self) -> None:
        """What EC2 shows two minutes before it ends the instance, which runs on until then.

        A one-time request is closed at once:
        https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instances-request-status-lifecycle.html
        """
        if self.state != "active":
            return
        if self.persistent:
            self.status = "marked-for-termination"
        else:
            self.state, self.status = "closed", "instance-terminated-no-capacity"


@property_of(InstanceBackend, "spot_requests")
def _spot_requests(self: Any) -> dict[str, SpotRequest]:
    return vars(self).setdefault("known_spot_requests", {})


@property_of(Instance, "spot_request_is_persistent")
def _is_persistent(self: Any) -> bool:
    request = self.ec2_backend.spot_requests.get(self.spot_instance_request_id)
    return request is not None and request.persistent


def is_spot(request: dict[str, Any]) -> bool:
    return (request.get("InstanceMarketOptions") or {}).get("MarketType") == "spot"


def price(instance_type: str, zone: str) -> float:
    return PRICE_OF_A_VCPU * instance_types.vcpus(instance_type) * ZONE_FACTORS.get(zone[-1:], 1.0)


def check(request: dict[str, Any], zone: str) -> None:
    if not is_spot(request):
        return
    options = request["InstanceMarketOptions"].get("SpotOptions") or {}
    behaviour = options.get("InstanceInterruptionBehavior", "terminate")
    persistent = options.get("SpotInstanceType") == "persistent"
    if persistent != (behaviour != "terminate"):
        raise not_permitted_together(
            f"The interruption behavior '{behaviour}' is not supported for this type of Spot Instance request."
        )
    _check_price(options.get("MaxPrice"), price(request.get("InstanceType") or "m1.small", zone))


def _check_price(highest: str | None, needed: float) -> None:
    if highest and float(highest) < needed:
        raise EC2ClientError(
            "SpotMaxPriceTooLow",
            f"Your Spot request price of {highest} is lower than the minimum required Spot request fulfillment "
            f"price of {needed:.4f}.",
        )


def ended(instance: Any, by_user: bool) -> None:
    """What becomes of the request when its instance goes."""
    request = instance.ec2_backend.spot_requests.get(instance.spot_instance_request_id)
    if request is None or request.state != "active":
        return
    request.status = "instance-terminated-by-user" if by_user else "instance-terminated-no-capacity"
    request.state = "open" if request.persistent else "closed"
    if request.persistent:
        _relaunch_later(request)


def _relaunch_later(request: SpotRequest) -> None:
    def relaunch() -> None:
        if request.state != "open":
            return
        try:
            launch(request)
        except (EC2ClientError, ServerError):
            _relaunch_later(request)

    world.clock.after(max(world.settings.duration("pending"), 0.1), relaunch)


def launch(request: SpotRequest) -> None:
    specification = request.launch_specification
    launches.check_capacity(request.ec2_backend, specification, "spot")
    reservation = request.ec2_backend.run_instances(
        specification.get("ImageId"),
        1,
        specification.get("UserData"),
        [],
        instance_type=specification.get("InstanceType") or "m1.small",
        is_instance_type_default=not specification.get("InstanceType"),
        placement=(specification.get("Placement") or {}).get("AvailabilityZone"),
        region_name=request.ec2_backend.region_name,
        subnet_id=specification.get("SubnetId"),
        key_name=specification.get("KeyName"),
        security_group_ids=list(specification.get("SecurityGroupIds") or []),
        nics=specification.get("NetworkInterfaces") or [],
        associate_public_ip=None,
        lifecycle="spot",
    )
    request.fulfilled_by(reservation.instances[0])


def record(backend: Any, launched: Any, request: dict[str, Any], tags: dict[str, str]) -> None:
    """The request that EC2 makes for a spot instance launched by RunInstances."""
    options = request["InstanceMarketOptions"].get("SpotOptions") or {}
    made = SpotRequest(backend, request, options)
    backend.spot_requests[made.id] = made
    made.fulfilled_by(launched)
    if tags:
        backend.create_tags([made.id], tags)


@corrects(EC2Response, "request_spot_instances")
def _request_spot_instances(_original: Any, self: Any) -> PlainResult:
    self.error_on_dryrun()
    options = {
        "SpotInstanceType": self._get_param("Type") or "one-time",
        "InstanceInterruptionBehavior": self._get_param("InstanceInterruptionBehavior") or "terminate",
        "MaxPrice": self._get_param("SpotPrice"),
    }
    made = []
    for _ in range(int(self._get_param("InstanceCount") or 1)):
        request = SpotRequest(self.ec2_backend, self._get_param("LaunchSpecification") or {}, options)
        launch(request)
        self.ec2_backend.spot_requests[request.id] = request
        made.append(request)
    self.ec2_backend.create_tags([each.id for each in made], self._parse_tag_specification().get(SPOT_REQUEST, {}))
    return PlainResult({"SpotInstanceRequests": [view(request) for request in made]})


SPOT_REQUEST = "spot-instances-request"
FILTERS: dict[str, filters.Values] = {
    "instance-id": lambda each: each.instance_id,
    "spot-instance-request-id": lambda each: each.id,
    "state": lambda each: each.state,
    "status-code": lambda each: each.status,
    "type": lambda each: each.market_options.get("SpotInstanceType", "one-time"),
    "launch.instance-type": lambda each: each.launch_specification.get("InstanceType"),
}


@corrects(EC2Response, "describe_spot_instance_requests")
def _describe_spot_instance_requests(_original: Any, self: Any) -> PlainResult:
    found = filters.select(_by_id(self), filters.wanted(self), FILTERS)
    shown, token = filters.page(self, found)
    return PlainResult({"SpotInstanceRequests": [view(request) for request in shown], "NextToken": token})


def _by_id(response: Any) -> list[SpotRequest]:
    known, ids = response.ec2_backend.spot_requests, response._get_param("SpotInstanceRequestIds", [])
    missing = [each for each in ids if each not in known]
    if missing:
        raise EC2ClientError(
            "InvalidSpotInstanceRequestID.NotFound", f"The spot instance request ID '{missing[0]}' does not exist"
        )
    return [known[each] for each in ids] if ids else list(known.values())


@corrects(EC2Response, "cancel_spot_instance_requests")
def _cancel_spot_instance_requests(_original: Any, self: Any) -> PlainResult:
    requests = _by_id(self)
    self.error_on_dryrun()
    for request in requests:
        if request.state in ("open", "active"):
            request.status = (
                "request-canceled-and-instance-running" if request.state == "active" else "canceled-before-fulfillment"
            )
            request.state = "cancelled"
    cancelled = [{"SpotInstanceRequestId": each.id, "State": each.state} for each in requests]
    return PlainResult({"CancelledSpotInstanceRequests": cancelled})


def view(request: SpotRequest) -> dict[str, Any]:
    tags = request.ec2_backend.tags.get(request.id, {})
    specification = request.launch_specification
    return {
        "SpotInstanceRequestId": request.id,
        "State": request.state,
        "Status": {"Code": request.status, "Message": request.status, "UpdateTime": request.created},
        "Type": request.market_options.get("SpotInstanceType") or "one-time",
        "InstanceId": request.instance_id,
        "InstanceInterruptionBehavior": request.market_options.get("InstanceInterruptionBehavior") or "terminate",
        "SpotPrice": request.market_options.get("MaxPrice"),
        "CreateTime": request.created,
        "ProductDescription": "Linux/UNIX",
        "LaunchSpecification": {name: specification.get(name) for name in ("ImageId", "InstanceType", "SubnetId")},
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


@corrects(EC2Response, "describe_spot_price_history")
def _describe_spot_price_history(_original: Any, self: Any) -> PlainResult:
    zones = [zone.name for zone in self.ec2_backend.describe_availability_zones()]
    wanted_zone = self._get_param("AvailabilityZone")
    products = self._get_param("ProductDescriptions", []) or ["Linux/UNIX"]
    history = [
        {
            "AvailabilityZone": zone,
            "InstanceType": instance_type,
            "ProductDescription": product,
            "SpotPrice": f"{price(instance_type, zone):.6f}",
            "Timestamp": utcnow(),
        }
        for instance_type in self._get_param("InstanceTypes", []) or ["t3.micro"]
        for zone in zones
        for product in products
        if wanted_zone in (None, zone) and instance_type in instance_types.offered_in(zone)
    ]
    return PlainResult({"SpotPriceHistory": history})
