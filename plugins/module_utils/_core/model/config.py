# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user wants of a node: the configuration in its record."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ..declaration.option import Option, option, options_of

Market = Literal["spot", "on_demand"]
Allocation = Literal["prioritized", "lowest_price"]
Rebalance = Literal["ignore", "replace"]
PublicIpAssignment = Literal["enabled", "disabled", "subnet_default"]
Handover = Literal["terminate", "prelaunch"]

NEW_ADDRESS = "new"
"""What stands for the Elastic IP of a node that is to have one of its own allocated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchTemplate:
    """A launch template, its version pinned to a number when the configuration was stored."""

    id: str
    version: str
    #: Structures of its LaunchTemplateData that RunInstances would replace as a whole: they are merged with the node's.
    data: dict[str, Any] = field(default_factory=dict, hash=False)


SWITCH = ("enabled", "disabled")
TENANCIES = ("default", "dedicated", "host")
VOLUME_TYPES = ("gp2", "gp3", "io1", "io2", "sc1", "st1", "standard")

LAUNCH_TEMPLATE = {"id": Option(), "name": Option(), "version": Option()}

EBS = {
    "delete_on_termination": Option(type="bool", ec2="DeleteOnTermination"),
    "encrypted": Option(type="bool", ec2="Encrypted"),
    "iops": Option(type="int", ec2="Iops"),
    "kms_key_id": Option(ec2="KmsKeyId"),
    "snapshot_id": Option(ec2="SnapshotId"),
    "throughput": Option(type="int", ec2="Throughput"),
    "volume_size": Option(type="int", ec2="VolumeSize"),
    "volume_type": Option(choices=VOLUME_TYPES, ec2="VolumeType"),
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html"""

BLOCK_DEVICE_MAPPING = {
    "device_name": Option(required=True, ec2="DeviceName"),
    "ebs": Option(type="dict", suboptions=EBS, ec2="Ebs"),
    "no_device": Option(ec2="NoDevice"),
    "virtual_name": Option(ec2="VirtualName"),
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockDeviceMapping.html"""

METADATA_OPTIONS = {
    "http_endpoint": Option(choices=SWITCH, ec2="HttpEndpoint", described="HttpEndpoint"),
    "http_protocol_ipv6": Option(choices=SWITCH, ec2="HttpProtocolIpv6", described="HttpProtocolIpv6"),
    "http_put_response_hop_limit": Option(
        type="int", ec2="HttpPutResponseHopLimit", described="HttpPutResponseHopLimit"
    ),
    "http_tokens": Option(choices=("optional", "required"), no_log=False, ec2="HttpTokens", described="HttpTokens"),
    "instance_metadata_tags": Option(choices=SWITCH, ec2="InstanceMetadataTags", described="InstanceMetadataTags"),
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html"""

CPU_OPTIONS = {
    "amd_sev_snp": Option(choices=SWITCH, ec2="AmdSevSnp", described="AmdSevSnp", meanings={"enabled": "enabled"}),
    "core_count": Option(type="int", ec2="CoreCount", described="CoreCount"),
    "threads_per_core": Option(type="int", ec2="ThreadsPerCore", described="ThreadsPerCore"),
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CpuOptionsRequest.html"""

CAPACITY_RESERVATION = {
    "id": Option(
        ec2="CapacityReservationTarget.CapacityReservationId",
        described="CapacityReservationTarget.CapacityReservationId",
    ),
    "preference": Option(
        choices=("open", "none", "capacity-reservations-only"),
        ec2="CapacityReservationPreference",
        described="CapacityReservationPreference",
        # EC2 describes `open` also where nothing was requested.
        meanings={"none": "none", "capacity-reservations-only": "capacity-reservations-only"},
    ),
    "resource_group_arn": Option(
        ec2="CapacityReservationTarget.CapacityReservationResourceGroupArn",
        described="CapacityReservationTarget.CapacityReservationResourceGroupArn",
    ),
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservationSpecification.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How an instance of the node is launched. Either launch_template or image_id with instance_types is given.

    A new option is a field here, with its text in `doc_fragments/configuration.py`. None is what holds unless given,
    so that an instance that was launched before the option was known does not look as if it had to be replaced.
    """

    launch_template: LaunchTemplate | None = field(
        default=None, metadata=option(type="dict", suboptions=LAUNCH_TEMPLATE, exclusive=(("id", "name"),))
    )
    image_id: str | None = field(default=None, metadata=option(ec2="ImageId", described="ImageId"))
    instance_types: tuple[str, ...] = field(default=(), metadata=option(type="list"))
    key_name: str | None = field(default=None, metadata=option(no_log=False, ec2="KeyName", described="KeyName"))
    user_data: str | None = field(default=None, metadata=option(no_log=True, verbatim=True, ec2="UserData"))
    #: Binary user data, such as a text that is packed with gzip. boto3 encodes what it is given, see `_aws/api/ec2.py`.
    user_data_base64: str | None = field(default=None, metadata=option(no_log=True, ec2="UserDataBase64"))
    iam_instance_profile: str | None = field(
        default=None,
        metadata=option(
            ec2="IamInstanceProfile.Name",
            ec2_for={"arn:.*": "IamInstanceProfile.Arn"},
            described="IamInstanceProfile.Arn",
        ),
    )
    block_device_mappings: tuple[dict[str, Any], ...] = field(
        default=(), metadata=option(type="list", suboptions=BLOCK_DEVICE_MAPPING)
    )
    metadata_options: dict[str, Any] = field(
        default_factory=dict,
        metadata=option(type="dict", suboptions=METADATA_OPTIONS, ec2="MetadataOptions", described="MetadataOptions"),
    )
    tenancy: str | None = field(
        default=None,
        metadata=option(
            choices=TENANCIES,
            ec2="Placement.Tenancy",
            described="Placement.Tenancy",
            # EC2 describes `default` also where nothing was requested.
            meanings={"dedicated": "dedicated", "host": "host"},
        ),
    )
    #: The group's name, or its id.
    placement_group: str | None = field(
        default=None,
        metadata=option(
            ec2="Placement.GroupName",
            ec2_for={"pg-[0-9a-f]+": "Placement.GroupId"},
            described="Placement.GroupName",
        ),
    )
    placement_partition_number: int | None = field(
        default=None,
        metadata=option(
            type="int", zero_clears=True, ec2="Placement.PartitionNumber", described="Placement.PartitionNumber"
        ),
    )
    capacity_reservation: dict[str, Any] = field(
        default_factory=dict,
        metadata=option(
            type="dict",
            suboptions=CAPACITY_RESERVATION,
            exclusive=(("id", "resource_group_arn"),),
            ec2="CapacityReservationSpecification",
            described="CapacityReservationSpecification",
        ),
    )
    #: How CPU credits are spent. DescribeInstances does not show it.
    credit_specification: str | None = field(
        default=None, metadata=option(choices=("standard", "unlimited"), ec2="CreditSpecification.CpuCredits")
    )
    #: DescribeInstances shows them, and those that the type has by itself just so: adopting compares the two.
    cpu_options: dict[str, Any] = field(
        default_factory=dict,
        metadata=option(type="dict", suboptions=CPU_OPTIONS, ec2="CpuOptions"),
    )
    ebs_optimized: bool | None = field(
        default=None,
        metadata=option(type="bool", ec2="EbsOptimized", described="EbsOptimized", meanings={True: True}),
    )
    #: Whether CloudWatch has metrics for each minute.
    monitoring: bool | None = field(
        default=None,
        metadata=option(
            type="bool",
            ec2="Monitoring.Enabled",
            described="Monitoring.State",
            meanings={"enabled": True, "pending": True},
        ),
    )
    #: Only to be refused, with the reason: a node that is paused has no instance.
    hibernation: bool | None = field(default=None, metadata=option(type="bool"))
    market: Market = field(default="spot", metadata=option(choices=get_args(Market)))
    fallback_to_on_demand: bool = field(default=True, metadata=option(type="bool"))
    spot_max_price: str | None = field(default=None, metadata=option())
    allocation: Allocation = field(default="prioritized", metadata=option(choices=get_args(Allocation)))

    @property
    def raw_user_data(self) -> bytes:
        """The bytes that an instance receives; none where there is no user data, or where it is not base64."""
        if self.user_data_base64 is None:
            return (self.user_data or "").encode()
        try:
            return base64.b64decode(self.user_data_base64, validate=True)
        except ValueError:
            return b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The configuration of a node. Security groups are ids, the Elastic IP an allocation id or `new`.

    `rebalance`, `auto_heal` and `unhealthy_after` (seconds) say what is made of EC2's events and status checks.
    """

    subnet_id: str = field(metadata=option())
    persist_private_ip: bool = field(default=True, metadata=option(type="bool"))
    private_ip_address: str | None = field(default=None, metadata=option(aliases=("private_ip",)))
    secondary_private_ip_addresses: tuple[str, ...] = field(default=(), metadata=option(type="list"))
    secondary_private_ip_address_count: int = field(default=0, metadata=option(type="int"))
    ipv6_address_count: int = field(default=0, metadata=option(type="int"))
    elastic_ip: str | None = field(default=None, metadata=option())
    #: The pool that a new Elastic IP is allocated from; None: Amazon's.
    elastic_ip_pool: str | None = field(default=None, metadata=option())
    elastic_ip_private_ip_address: str | None = field(default=None, metadata=option())
    public_ip_assignment: PublicIpAssignment = field(
        default="subnet_default", metadata=option(choices=get_args(PublicIpAssignment))
    )
    security_groups: tuple[str, ...] = field(default=(), metadata=option(type="list"))
    source_dest_check: bool = field(default=True, metadata=option(type="bool"))
    handover: Handover = field(default="terminate", metadata=option(choices=get_args(Handover)))
    launch: Launch = field(
        default_factory=Launch,
        metadata=option(type="dict", suboptions=options_of(Launch), exclusive=(("user_data", "user_data_base64"),)),
    )
    tags: dict[str, str] = field(default_factory=dict, metadata=option(type="dict", aliases=("resource_tags",)))
    rebalance: Rebalance = field(default="ignore", metadata=option(choices=get_args(Rebalance)))
    auto_heal: bool = field(default=False, metadata=option(type="bool"))
    unhealthy_after: int = field(default=120, metadata=option(type="int"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Subnet:
    """What was found out about the subnet when the configuration was stored."""

    subnet_id: str
    vpc_id: str
    availability_zone: str
    cidr_block: str
    assigns_public_ip: bool
    #: The zone's network border group, which its Elastic IP addresses must be of; None for the region's own, and where
    #: no Elastic IP is configured.
    network_border_group: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One way to launch the node's instance: a type (None: the launch template's own) on a market."""

    instance_type: str | None = None
    market: Market


def candidates(launch: Launch) -> tuple[Candidate, ...]:
    """List the ways to launch, in the order in which they are tried unless `allocation` puts spot in another.

    Each instance type on the wanted market, then, where spot may fall back, each one on demand.
    """
    types: tuple[str | None, ...] = launch.instance_types or (None,)
    wanted = tuple(Candidate(instance_type=name, market=launch.market) for name in types)
    if launch.market == "on_demand" or not launch.fallback_to_on_demand:
        return wanted
    return wanted + tuple(Candidate(instance_type=name, market="on_demand") for name in types)
