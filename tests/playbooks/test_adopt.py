# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook adopt, and what an adopted instance goes through then."""

from __future__ import annotations

import json

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks

from .test_lifecycle import addresses


@pytest.mark.thorough
def test_an_instance_is_adopted_moved_to_spot_and_released(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    """Refused, in check mode, for real, and again; then replaced at its address, and let go."""
    ec2 = emulator.client("ec2")
    launched = ec2.run_instances(
        ImageId=network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=network.subnet_a_id,
        UserData="a-password-of-somebody",
    )["Instances"][0]  # fmt: skip
    instance_id, address = launched["InstanceId"], launched["PrivateIpAddress"]
    emulator.clear_calls()
    refused = playbooks.operate("adopt", "old", adopt_instance_id=instance_id)
    assert refused.status != 0
    assert "accept_root_volume_loss" in refused.output
    accepted = {"adopt_instance_id": instance_id, "adopt_accept_root_volume_loss": "true"}
    planned = playbooks.operate("adopt", "old", "--check", "--diff", **accepted)
    assert (planned.status, planned.changed) == (0, 1), planned.output
    assert emulator.calls(mutating=True) == []
    done = playbooks.operate("adopt", "old", "-vvv", **accepted)
    assert done.status == 0, done.output
    assert "does not come along" in done.output
    assert "a-password" not in refused.output + planned.output + done.output
    again = playbooks.operate("adopt", "old", **accepted)
    assert (again.status, again.changed) == (0, 0), again.output
    assert addresses(collection)["old"][1] == address
    replaced = playbooks.operate("replace", "old")
    assert replaced.status == 0, replaced.output
    (node,) = collection.run("info", name=["old"]).values["nodes"]
    assert (node["instance_lifecycle"], node["private_ip_address"]) == ("spot", address)
    released = playbooks.operate("delete", "old")
    assert released.status == 0, released.output
    interface_id = node["network_interface_id"]
    (kept,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"]
    assert (kept["PrivateIpAddress"], kept["Attachment"]["InstanceId"]) == (address, node["instance_id"])


def test_a_free_interface_is_adopted_with_a_configuration_as_text(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    interface = emulator.client("ec2").create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]
    given = {"launch": {"image_id": network.image_id, "instance_types": ["t3.micro"]}, "tags": {"team": "x"}}
    options = {"adopt_network_interface_id": interface["NetworkInterfaceId"], "adopt_config": f"'{json.dumps(given)}'"}
    done = playbooks.operate("adopt", "free", **options)
    assert done.status == 0, done.output
    (node,) = collection.run("info", name=["free"]).values["nodes"]
    assert (node["status"], node["config"]["tags"]) == ("paused", {"team": "x"})
    assert node["private_ip_address"] == interface["PrivateIpAddress"]
