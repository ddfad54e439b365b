# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each playbook, as a program, with the policy that is shipped for it and no other."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection, create_tables
from tests.support.playbooks import Playbooks, Run
from tests.support.queue import EventQueue

SHIPPED = Path(__file__).resolve().parents[2] / "docs" / "iam"


BESIDE = {"watch": ("resume", "replace")}
"""The playbooks whose policies another one needs beside its own."""


class Limited:
    """Runs playbooks, each by a user who has its policy."""

    def __init__(self, emulator: Emulator, playbooks: Playbooks, policies: Path) -> None:
        self._playbooks = playbooks
        written: dict[str, list[Any]] = defaultdict(list)
        for path in policies.glob("*.json"):
            written[path.stem.partition("-")[0]].append(json.loads(path.read_text()))
        for name, others in BESIDE.items():
            written[name] += [document for other in others for document in written[other]]
        emulator.configure(policies={f"AKIA{name.upper()}": documents for name, documents in written.items()})

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


@pytest.mark.thorough
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
    limited.succeed("report", report_file=str(playbooks.directory / "nodes.html"))
    limited.succeed("delete", stateful_nodes="a")
    instance = _launch(emulator, network)
    limited.succeed("adopt", stateful_nodes="b", adopt_instance_id=instance, adopt_accept_root_volume_loss="true")
    emulator.client("dynamodb").delete_item(TableName="stateful-nodes", Key={"name": {"S": "b"}})
    limited.succeed("orphans", orphans_delete=instance)
    assert _state(emulator, instance) == "terminated"


@pytest.mark.thorough
def test_a_node_that_hands_over_with_no_more_than_the_shipped_policies(
    playbooks: Playbooks, emulator: Emulator, network: Network
) -> None:
    """Its interface is attached and detached; repair finds the record anew, and has it replaced once more."""
    create_tables(emulator.client("dynamodb"))
    limited, admin = Limited(emulator, playbooks, SHIPPED), Collection(emulator.endpoint)
    admin.configure("a", network, handover="prelaunch")
    limited.succeed("resume", stateful_nodes="a")
    limited.succeed("replace", stateful_nodes="a")
    (node,) = admin.run("info").values["nodes"]
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": "a"}})
    consent = ",".join((node["instance_id"], node["network_interface_id"]))
    limited.succeed("repair", stateful_nodes="a", repair_rebuild="true", repair_confirm=consent)
    admin.run("operation", name=["a"], state="begun", operation="replace")
    cut_off = {"operation.expires_at": 1, "operation.has_acted": True}
    Store(admin.client, TABLE).update("a", cut_off, {})
    emulator.clear_calls()
    limited.succeed("repair", stateful_nodes="a")
    assert emulator.calls(action="DetachNetworkInterface")
    assert emulator.calls(action="AttachNetworkInterface")


def test_watch_with_its_policy_and_those_of_resume_and_replace(
    playbooks: Playbooks, emulator: Emulator, network: Network
) -> None:
    """One node is gone, one is warned, and hands over."""
    create_tables(emulator.client("dynamodb"))
    queue, admin = EventQueue(emulator), Collection(emulator.endpoint)
    admin.configure("gone", network)
    admin.configure("warned", network, handover="prelaunch", auto_heal=True)
    admin.operate("resume", ["gone", "warned"])
    before = _instances(admin)
    queue.forget()
    emulator.interrupt(before["gone"])
    emulator.interrupt(before["warned"], warning_seconds=120)
    Limited(emulator, playbooks, SHIPPED).succeed("watch", watch_seconds="0")
    assert not set(_instances(admin).values()) & set(before.values())


def _instances(admin: Collection) -> dict[str, str]:
    return {node["name"]: node["instance_id"] for node in admin.run("info").values["nodes"]}


@pytest.mark.thorough
def test_a_playbook_with_the_policy_of_another_says_which_permission_it_lacks(
    playbooks: Playbooks, emulator: Emulator, network: Network
) -> None:
    """And setup writes them for its table, in two files where one is too long: of others' nodes they allow nothing."""
    written = playbooks.directory / "policies"
    written.mkdir()
    roles = ",".join(f"arn:aws:iam::123456789012:role/cassandra-{number}" for number in range(60))
    of_staging = {"stateful_node_table_name": "staging", "setup_policies_directory": str(written)}
    assert playbooks.run("stateful_node.aws.setup", **of_staging, setup_instance_role_arn=roles).status == 0
    assert {path.stem for path in written.glob("re*.json")} == {
        "repair-1", "repair-2", "replace-1", "replace-2", "report", "resume-1", "resume-2"
    }  # fmt: skip
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
