# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account in which somebody may do only what a policy allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.access.permissions import Permission
from ansible_collections.stateful_node.aws.plugins.module_utils._core.access.policy_documents import (
    Account,
    compose_policy,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Reach
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.call_failure import whole_call_failure
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.emulator.network import Network, lay_out_network
from tests.emulator.process import Emulator
from tests.support.clocks import DURATIONS, FastClock
from tests.support.collection import Collection, checked_parameters, create_tables

SOMEBODY = "AKIASOMEBODY"
ROLE = "stateful-node-cassandra"
ACCOUNT = Account(
    region="us-east-1",
    account_id="123456789012",
    instance_role_arns=(f"arn:aws:iam::123456789012:role/{ROLE}",),
    create_spot_role=True,
)
NAME = "node"


class SomebodysCollection(Collection):
    """Runs modules by somebody's credentials, and keeps what they said of what went wrong."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint, clock=FastClock(), access_key_id=SOMEBODY)
        self.said: list[str] = []

    def run(self, module: str, **params: Any) -> Result:
        try:
            result = super().run(module, **params)
        except NodeError as error:
            self.said.append(str(error))
            raise
        except AwsError as error:
            name, parameters = f"stateful_node_{module}", checked_parameters(module, params)
            shown = whole_call_failure(name, parameters, error, client_factory=self.client, reach=Reach())
            self.said.append(shown["msg"])
            raise
        self.said += [result.message, *result.values.get("warnings", ())]
        return result


@dataclass(frozen=True)
class PolicyEnvironment:
    """Who may do everything prepares, `somebody` acts."""

    emulator: Emulator
    network: Network
    admin: Collection
    somebody: SomebodysCollection

    @property
    def ec2(self) -> Any:
        return self.emulator.client("ec2")

    def interface(self, name: str = NAME) -> dict[str, Any]:
        """The node's interface as EC2 shows it."""
        (node,) = self.admin.run("info", name=[name]).values["nodes"]
        ids = [node["network_interface_id"]]
        return self.ec2.describe_network_interfaces(NetworkInterfaceIds=ids)["NetworkInterfaces"][0]


def new_world(emulator: Emulator) -> PolicyEnvironment:
    """Start from a network with IPv6, an instance profile and the tables."""
    emulator.reset()
    emulator.configure(durations=DURATIONS)
    ec2 = emulator.client("ec2")
    network = lay_out_network(ec2)
    _give_ipv6(ec2, network)
    iam = emulator.client("iam")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="cassandra")
    iam.add_role_to_instance_profile(InstanceProfileName="cassandra", RoleName=ROLE)
    create_tables(emulator.client("dynamodb"))
    return PolicyEnvironment(
        emulator, network, Collection(emulator.endpoint, clock=FastClock()), SomebodysCollection(emulator.endpoint)
    )


def _give_ipv6(ec2: Any, network: Network) -> None:
    ec2.associate_vpc_cidr_block(VpcId=network.vpc_id, AmazonProvidedIpv6CidrBlock=True)
    vpc = ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"][0]
    block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
    ec2.associate_subnet_cidr_block(SubnetId=network.subnet_a_id, Ipv6CidrBlock=block)


@dataclass(frozen=True)
class PolicyCase:
    """What somebody does with a playbook, after what has happened before.

    With `afresh` that happens again before each attempt, since a refusal ends what was begun, and leaves another state.
    """

    name: str
    prepare: Callable[[PolicyEnvironment], None]
    act: Callable[[PolicyEnvironment], object]
    afresh: bool = False


def one_by_one(permissions: Iterable[Permission]) -> Iterator[Permission]:
    """Split permissions for several kinds of resources."""
    for item in permissions:
        yield from (item._replace(resources=kind) for kind in item.resources.split())


def separate_policy(permissions: Iterable[Permission]) -> dict[str, Any]:
    """Compose a policy that has a statement for each permission, by whose identifier it can be told which was used."""
    statements = []
    for item in permissions:
        (statement,) = compose_policy([item], ACCOUNT)["Statement"] or [None]
        if statement:
            statements.append({**statement, "Sid": identifier(item)})
    return {"Version": "2012-10-17", "Statement": statements}


def identifier(permission: Permission) -> str:
    """Name a permission for one kind of resource."""
    return f"{permission.action} {permission.resources} {permission.scope}"
