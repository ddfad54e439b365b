# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps an instance or an interface from becoming a node, and what its user has to know when it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ..configuration.missing_record import record_missing
from ..configuration.problems import Problem, Problems, raise_problems
from ..model.observed import GOING_STATES, Instance
from ..model.record import Record
from ..resources.owners import is_of_another_node, ownership
from ..resources.tagged import Tagged, id_of
from .adoption_request import Adoptee, Request

OPERATORS = {
    "aws:autoscaling:groupName": ("Auto Scaling group", "Detach it from the group first"),
    "aws:ec2:fleet-id": ("EC2 Fleet", "Delete the fleet without its instances first"),
    "aws:ec2spot:fleet-request-id": ("Spot Fleet", "Cancel the request without its instances first"),
    "aws:elasticmapreduce:job-flow-id": ("EMR cluster", "It cannot leave the cluster"),
    "elasticbeanstalk:environment-id": ("Elastic Beanstalk environment", "It cannot leave the environment"),
    "AWSBatchServiceTag": ("AWS Batch environment", "It cannot leave the environment"),
    "AmazonECSManaged": ("ECS capacity provider", "It cannot leave the provider"),
    "eks:cluster-name": ("EKS cluster", "Kubernetes nodes are replaced by their node group, not kept"),
    "eks:nodegroup-name": ("EKS node group", "Kubernetes nodes are replaced by their node group, not kept"),
    "karpenter.sh/": ("Karpenter pool", "Kubernetes nodes are replaced by Karpenter, not kept"),
    "kubernetes.io/cluster/": ("Kubernetes cluster", "Kubernetes nodes are replaced by their node group, not kept"),
    "spotinst:": ("Spot by NetApp group", "Remove it from there first, keeping the instance"),
}
"""By tag, or by how a tag starts that ends with a colon or slash: who manages the instance, and the way out.

Whoever does would replace, or terminate, the instance that the node is paused or replaced by.
Sources: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-ec2-fleet.html,
https://karpenter.sh/docs/concepts/nodepools/
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """An adoption to be checked.

    `records` are all of the table, `remains` the things that carry the tags of the node, which has no record.
    """

    request: Request
    adoptee: Adoptee
    table_name: str
    records: tuple[Record, ...] = ()
    remains: Tagged = field(default_factory=Tagged)

    def problem(self, code: str, wrong: str, way_out: str) -> Problem:
        """Compose a problem with what was to be adopted."""
        option, value = self.request.given
        return Problem(code=code, option=option, value=value, wrong=wrong, way_out=way_out)


def check_adoption(case: Case) -> None:
    """Raise NodeError with everything that is wrong, unless the adoption may be made."""
    first = (check_existence, check_operator, check_ipv4)
    for rules in (first, RULES):
        # What does not exist, or is somebody else's, has no further faults.
        raise_problems(case.request.name, (problem for rule in rules for problem in rule(case)))


def check_existence(case: Case) -> Problems:
    """What is to be adopted is there, and an instance lives."""
    request, adoptee = case.request, case.adoptee
    found = adoptee.instance if request.instance_id else adoptee.network_interface
    if found is None:
        kind = "an instance" if request.instance_id else "a network interface"
        wrong = f"is not the id of {kind} in this account and region"
        yield case.problem("UnknownAdoptee", wrong, "Correct it, or the region")
    elif isinstance(found, Instance) and (found.state == "terminated" or found.state in GOING_STATES):
        yield case.problem("InstanceEnded", f"is {found.state}", "Adopt one that lives, or a free interface")
    elif adoptee.network_interface is None:
        yield case.problem("NoNetworkInterface", "has no network interface", "Wait until it has started")


def check_operator(case: Case) -> Problems:
    """Nobody else manages it: whoever does would act on what the node does."""
    adoptee = case.adoptee
    if adoptee.operator:
        wrong = f"is managed by {adoptee.operator}"
        yield case.problem("ManagedElsewhere", wrong, "Adopt one that is yours alone")
    for key, value in adoptee.tags.items():
        for operator, (who, way_out) in OPERATORS.items():
            if key == operator or (operator.endswith((":", "/")) and key.startswith(operator)):
                yield case.problem("ManagedElsewhere", f"belongs to an {who}: tag {key}={value}", way_out)
                return


def check_ipv4(case: Case) -> Problems:
    """The interface has an IPv4 address: a node is known by one."""
    interface = case.adoptee.network_interface
    if interface and not interface.private_ip_addresses:
        yield case.problem(
            "UnsupportedSubnet",
            f"has IPv6 addresses only, in subnet {interface.subnet_id}, and a node has a private IPv4 address",
            "Adopt one in a subnet that has an IPv4 range",
        )


def check_device(case: Case) -> Problems:
    """An interface that is named is free; that of an instance comes with the instance."""
    interface = case.adoptee.network_interface
    if case.request.instance_id or not interface or not interface.attachment:
        return
    attachment = interface.attachment
    at = f"is attached to {attachment.instance_id or 'something'} at device {attachment.device_index}"
    if attachment.device_index:
        yield case.problem("NotPrimary", at, "A node lives on device 0: detach it first, to adopt it as a free one")
        return
    way_out = f"Adopt the instance: instance_id={attachment.instance_id}"
    yield case.problem("NetworkInterfaceInUse", at, way_out)


def check_remains(case: Case) -> Problems:
    """EC2 has nothing of a node of that name, but for what is to be adopted."""
    adopted = set(_adopted_ids(case.adoptee))
    left = case.remains.where(lambda thing: id_of(thing) not in adopted)
    if left.things:
        yield record_missing(case.request.name, left, case.table_name)


def _adopted_ids(adoptee: Adoptee) -> Iterator[str | None]:
    interface = adoptee.network_interface
    yield adoptee.instance.instance_id if adoptee.instance else None
    if interface:
        yield interface.network_interface_id
        yield from (association.allocation_id for association in interface.associations)


def check_owner(case: Case) -> Problems:
    """It is no other node's, by the table's records or by its tags."""
    interface = case.adoptee.network_interface
    for record in case.records:
        if interface and record.name != case.request.name and interface.network_interface_id in record.owns.ids:
            wrong = f"is node {record.name}'s already: {interface.network_interface_id}"
            yield case.problem("OfAnotherNode", wrong, "Release that node first, with the playbook delete")
            return
    for thing in (case.adoptee.instance, interface):
        if thing and is_of_another_node(thing.tags, table=case.table_name, name=case.request.name):
            yield case.problem(
                "OfAnotherNode",
                f"{ownership(thing.tags, case.table_name)}, as its tags say",
                "Release that node first; or, when it does not exist any more, remove the stateful_node: tags",
            )
            return


def check_root_volume(case: Case) -> Problems:
    """The user knows that the root disk stays behind, or has an image with what is on it."""
    request, adoptee = case.request, case.adoptee
    if not adoptee.instance or request.accept_root_volume_loss or request.gives_image:
        return
    yield Problem(
        code="RootVolumeLost",
        option="accept_root_volume_loss",
        value="false",
        wrong=f"and its root volume {adoptee.root_volume_id or ''} does not come along: the next pause or replace ends "
        f"{adoptee.instance.instance_id} and boots image {adoptee.launch.get('image_id')} anew",
        way_out="Make an image of the instance and give it as launch.image_id, or say accept_root_volume_loss: true "
        "(the playbook: -e adopt_accept_root_volume_loss=true)",
    )


def check_image(case: Case) -> Problems:
    """The image that the next instance boots is there still."""
    if case.adoptee.instance and not case.adoptee.image_exists and not case.request.gives_image:
        yield case.problem(
            "ImageMissing",
            f"was launched from image {case.adoptee.launch.get('image_id')}, which does not exist any more",
            "Make an image of the instance and give it as launch.image_id",
        )


RULES: tuple[Callable[[Case], Problems], ...] = (
    check_device,
    check_remains,
    check_owner,
    check_root_volume,
    check_image,
)


def adoption_warnings(request: Request, adoptee: Adoptee) -> tuple[str, ...]:
    """Say what does not come along, or is not as before."""
    return tuple(f"{request.name}: {sentence}" for sentence in (*_left_behind(adoptee), *_changed(request, adoptee)))


def _left_behind(adoptee: Adoptee) -> Iterator[str]:
    instance = adoptee.instance
    if instance is None:
        return
    yield (
        f"the root volume {adoptee.root_volume_id or ''} of {instance.instance_id} does not come along. The next pause "
        "or replace ends the instance, and the image boots anew."
    )
    volumes = [volume for volume in instance.volume_ids if volume != adoptee.root_volume_id]
    for kind, ids in (("volumes", volumes), ("network interfaces", adoptee.other_interfaces)):
        if ids:
            yield f"further {kind} stay with {instance.instance_id} and do not come along: {_list(ids)}."


def _changed(request: Request, adoptee: Adoptee) -> Iterator[str]:
    if adoptee.placement_group and request.launch.get("launch_template") and not request.launch.get("placement_group"):
        yield (
            f"later instances are in placement group {adoptee.placement_group} only if the launch template says so. "
            "launch.placement_group can say it."
        )
    if adoptee.other_elastic_ips:
        yield (
            f"Elastic IPs {_list(adoptee.other_elastic_ips)} stay on the interface, and are not the node's: it has one."
        )
    if adoptee.spot_instance_request_id:
        yield (
            f"the persistent spot request {adoptee.spot_instance_request_id} is cancelled for good: it would launch "
            "another instance when this one ends. EC2 does not start this one again after an interruption."
        )
    if adoptee.instance and adoptee.instance.market == "on_demand" and request.launch.get("market") != "on_demand":
        yield "it runs on demand; the next replace launches on spot. Give launch.market: on_demand to keep that."


def _list(ids: Iterable[str]) -> str:
    return ", ".join(ids)
