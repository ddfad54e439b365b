# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each playbook, as a program, with the policy that is shipped for it and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.collection import Collection
from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.playbooks.playbook import Playbooks, Run

SHIPPED = Path(__file__).resolve().parents[2] / "docs" / "iam"


class Limited:
    """Runs playbooks, each by a user who has its policy."""

    def __init__(self, emulator: Emulator, playbooks: Playbooks, policies: Path) -> None:
        self._playbooks = playbooks
        self._documents = {path.stem: [json.loads(path.read_text())] for path in policies.glob("*.json")}
        emulator.configure(policies={f"AKIA{name.upper()}": documents for name, documents in self._documents.items()})

    def run(self, playbook: str, *options: str, **extra: str) -> Run:
        """Run a playbook to its end."""
        caller = {"AWS_ACCESS_KEY_ID": f"AKIA{playbook.upper()}"}
        return self._playbooks.run(f"stateful_node.aws.{playbook}", *options, environment=caller, **extra)

    def succeed(self, playbook: str, *options: str, **extra: str) -> None:
        """Run one that has nothing to complain of."""
        done = self.run(playbook, *options, **extra)
        assert done.status == 0, done.output


@pytest.fixture
def playbooks(emulator: Emulator, tmp_path: Path) -> Iterator[Playbooks]:
    emulator.client("iam").create_service_linked_role(AWSServiceName="spot.amazonaws.com")
    yield Playbooks(emulator, tmp_path)
    emulator.configure(policies={})


def test_a_life_with_no_more_than_the_shipped_policies(
    playbooks: Playbooks, emulator: Emulator, network: Network
) -> None:
    """setup, resume, replace, pause, repair, delete, orphans and adopt; a second setup changes nothing."""
    limited, admin = Limited(emulator, playbooks, SHIPPED), Collection(emulator.endpoint)
    limited.succeed("setup")
    limited.succeed("setup", "--check")
    admin.configure("a", network, elastic_ip="new", public_ip_assignment="enabled")
    for playbook in ("resume", "replace", "pause", "repair"):
        limited.succeed(playbook, stateful_nodes="a")
    limited.succeed("delete", stateful_nodes="a")
    instance = _launch(emulator, network)
    limited.succeed("adopt", stateful_nodes="b", adopt_instance_id=instance, adopt_accept_root_volume_loss="true")
    emulator.client("dynamodb").delete_item(TableName="stateful-nodes", Key={"name": {"S": "b"}})
    limited.succeed("orphans", orphans_delete=instance)
    assert _state(emulator, instance) == "terminated"


def test_a_playbook_with_the_policy_of_another_says_which_permission_it_lacks(
    playbooks: Playbooks, emulator: Emulator, network: Network
) -> None:
    """And setup writes them for its table: of another table's nodes they allow nothing."""
    written = playbooks.directory / "policies"
    written.mkdir()
    playbooks_of_staging = {"stateful_node_table_name": "staging", "setup_policies_directory": str(written)}
    assert playbooks.run("stateful_node.aws.setup", **playbooks_of_staging).status == 0
    assert playbooks.run("stateful_node.aws.setup").status == 0
    admin = Collection(emulator.endpoint)
    admin.configure("a", network)
    admin.operate("resume", ["a"])
    staging = Limited(emulator, playbooks, written).run("pause", stateful_nodes="a")
    assert staging.status != 0
    lacking = (
        "lacks the permission dynamodb:BatchGetItem on arn:aws:dynamodb:us-east-1:123456789012:table/stateful-nodes"
    )
    assert f"a: BatchGetItem was not allowed (AccessDeniedException): {_user('PAUSE')} {lacking}" in staging.output
    assert "ansible-playbook stateful_node.aws.pause -e stateful_nodes=a" in staging.output
    foreign = {"pause": json.loads((SHIPPED / "info.json").read_text())}
    emulator.configure(policies={"AKIAPAUSE": [*foreign.values()]})
    refused = playbooks.operate("pause", "a", environment={"AWS_ACCESS_KEY_ID": "AKIAPAUSE"})
    assert refused.status != 0
    assert "lacks the permission dynamodb:UpdateItem" in refused.output
    assert "The policy docs/iam/pause.json of the collection allows it" in refused.output


def _user(name: str) -> str:
    return f"arn:aws:iam::123456789012:user/AKIA{name}"


def _launch(emulator: Emulator, network: Network) -> str:
    ec2 = emulator.client("ec2")
    made = ec2.run_instances(
        ImageId=network.image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=network.subnet_a_id
    )
    ids = [made["Instances"][0]["InstanceId"]]
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})
    return str(ids[0])


def _state(emulator: Emulator, instance_id: str) -> Any:
    found = emulator.client("ec2").describe_instances(InstanceIds=[instance_id])
    return found["Reservations"][0]["Instances"][0]["State"]["Name"]
