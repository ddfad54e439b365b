# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every job template run by ansible-runner, in AWX's way, with what its survey sends: a fleet's life in one go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection, create_tables
from tests.support.queue import an_event

from .configuration import answers, configuration, questions, templates
from .controller import TOKEN, Controller
from .runner import JOB_ID, Job, Runner

TEMPLATES = templates()


@pytest.fixture
def runner(emulator: Emulator, tmp_path: Path) -> Runner:
    return Runner(tmp_path, {**emulator.environment, "STATEFUL_NODE_TABLE": TABLE})


def succeeds(job: Job) -> Job:
    assert job.status == "successful", job.output
    return job


@pytest.mark.thorough
def test_a_fleet_lives_by_surveys(runner: Runner, emulator: Emulator, network: Network) -> None:
    launched: set[str] = set()

    def launch(stem: str, **given: Any) -> None:
        launched.add(stem)
        succeeds(runner.launch(TEMPLATES[stem], answers(TEMPLATES[stem], **given)))

    def statuses() -> dict[str, str]:
        return {node["name"]: node["status"] for node in collection.run("info").values["nodes"]}

    launch("setup")
    collection = Collection(emulator.endpoint)
    collection.configure("a", network, tags={"schedule": "office-hours"})
    collection.configure("b", network, elastic_ip="new", public_ip_assignment="enabled")

    launch("resume", stateful_nodes=["a", "b"])
    assert statuses() == {"a": "running", "b": "running"}
    launch("pause", stateful_nodes=["b"])
    launch("fleet_pause")
    assert statuses() == {"a": "paused", "b": "paused"}
    launch("fleet_resume")
    assert statuses() == {"a": "running", "b": "paused"}

    (before,) = collection.run("info", name=["a"]).values["nodes"]
    launch("replace", stateful_nodes=["a"])
    (after,) = collection.run("info", name=["a"]).values["nodes"]
    assert after["private_ip_address"] == before["private_ip_address"]
    assert after["instance_id"] != before["instance_id"]
    launch("status", stateful_nodes=["all"])
    launch("watch", watch_seconds=0)
    emulator.client("s3").create_bucket(Bucket="pages")
    launch("report", stateful_nodes=["all"], report_bucket="pages", report_key="fleet/nodes.html")
    page = emulator.client("s3").get_object(Bucket="pages", Key="fleet/nodes.html")
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert after["private_ip_address"] in page["Body"].read().decode()
    emulator.client("ec2").terminate_instances(InstanceIds=[after["instance_id"]])
    launch("repair", stateful_nodes=["all"])
    assert statuses() == {"a": "running", "b": "paused"}

    made = emulator.client("ec2").run_instances(
        ImageId=network.image_id, InstanceType="t3.micro", SubnetId=network.subnet_a_id, MinCount=1, MaxCount=1
    )
    instance_id = made["Instances"][0]["InstanceId"]
    configured = '{"tags": {"role": "web"}}'
    launch(
        "adopt",
        stateful_nodes="old",
        adopt_instance_id=instance_id,
        adopt_accept_root_volume_loss="true",
        adopt_config=configured,
    )
    (adopted,) = collection.run("info", name=["old"]).values["nodes"]
    assert (adopted["instance_id"], adopted["config"]["tags"]) == (instance_id, {"role": "web"})

    destroy = dict.fromkeys(("delete_instance", "delete_network_interface", "delete_release_elastic_ip"), "true")
    launch("delete", stateful_nodes=["b"], delete_confirm="b", **destroy)
    assert statuses() == {"a": "running", "old": "running"}
    assert emulator.client("ec2").describe_addresses()["Addresses"] == []
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": "a"}})
    (node,) = (node for node in collection.run("info").values["nodes"] if node["name"] == "a")
    orphans = f"{node['instance_id']}, {node['network_interface_id']}"
    launch("orphans", orphans_delete=orphans)
    assert statuses() == {"old": "running"}

    assert launched == TEMPLATES.keys() - {"refresh_surveys", "replace_interrupted"}


@pytest.mark.thorough
def test_surveys_list_the_nodes_of_the_table(runner: Runner, emulator: Emulator, network: Network) -> None:
    """What somebody edited stays, a second run changes nothing, and the token is not shown."""
    create_tables(emulator.client("dynamodb"))
    collection = Collection(emulator.endpoint)
    for name in ("web-2", "web-1"):
        collection.configure(name, network)
    own = [TEMPLATES[stem] for stem in ("adopt", "pause", "refresh_surveys")]
    others = {**TEMPLATES["pause"], "name": "Somebody else's"}
    edited = {**TEMPLATES["resume"], "name": "Stateful nodes: edited"}
    edited["survey_spec"] = {**edited["survey_spec"], "description": "edited", "spec": questions(edited)[:1]}
    known = {"job_templates": [*own, others, edited], "workflow_job_templates": configuration()["controller_workflows"]}
    with Controller(known) as controller:
        credential = {"CONTROLLER_HOST": controller.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
        refresher = Runner(runner.directory / "refresh", {**runner.environment, **credential})
        refresh = TEMPLATES["refresh_surveys"]
        checked = succeeds(refresher.launch(refresh, {}, "--check"))
        assert (checked.changed, controller.written) == (2, [])
        done = succeeds(refresher.launch(refresh, {}, "-vvv"))
        offered = {
            name: question["question_description"]
            for name, survey in controller.surveys.values()
            for question in survey.get("spec", [])
            if question["variable"] == "stateful_nodes" and question["type"] == "textarea"
        }
        help_text = questions(TEMPLATES["pause"])[0]["question_description"]
        assert offered.pop("Somebody else's") == help_text
        assert set(offered.values()) == {f"{help_text} Nodes of the table: web-1, web-2"}
        assert sorted(controller.written) == sorted(offered)
        assert controller.survey("Stateful nodes: edited") == {
            **edited["survey_spec"],
            "spec": [{**questions(edited)[0], "question_description": offered["Stateful nodes: edited"]}],
        }
        assert succeeds(refresher.launch(refresh, {})).changed == 0
        assert TOKEN not in done.output


@pytest.mark.thorough
@pytest.mark.parametrize("in_process", ["true", "false"])
def test_the_job_stands_in_the_lease_the_history_and_the_message_of_the_next_one(
    runner: Runner, emulator: Emulator, network: Network, in_process: str
) -> None:
    create_tables(emulator.client("dynamodb"))
    collection = Collection(emulator.endpoint)
    collection.configure("a", network)
    owner = f"job {JOB_ID} of alice (Stateful nodes: replace)"
    emulator.clear_calls()
    given = {"stateful_nodes": "a", "stateful_node_in_process": in_process}
    succeeds(runner.launch(TEMPLATES["resume"], given))
    (history,) = collection.run("history_info", name=["a"]).values["nodes"]
    assert history["entries"][0]["owner"].startswith(f"{owner}, ")
    collection.run("operation", name=["a"], state="begun", operation="pause")
    busy = runner.launch(TEMPLATES["pause"], given)
    assert busy.status == "failed"
    assert "In AWX, launch the template again with Take over: true." in busy.output


@pytest.mark.thorough
def test_a_job_brings_back_the_node_that_the_rulebook_hands_over(
    runner: Runner, emulator: Emulator, network: Network
) -> None:
    create_tables(emulator.client("dynamodb"))
    collection = Collection(emulator.endpoint)
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    (before,) = collection.run("info", name=["a"]).values["nodes"]
    emulator.mark(before["instance_id"])
    event = {"body": an_event(before["instance_id"]), "meta": {}}
    given = {"stateful_node_region": "", "ansible_eda": {"ruleset": "x", "rule": "y", "event": event}}
    succeeds(runner.launch(TEMPLATES["replace_interrupted"], given))
    (after,) = collection.run("info", name=["a"]).values["nodes"]
    assert after["instance_id"] != before["instance_id"]
    assert after["private_ip_address"] == before["private_ip_address"]


@pytest.mark.thorough
def test_playbooks_of_another_version_than_the_collection_do_nothing(runner: Runner, emulator: Emulator) -> None:
    runner.version = "0.9.0"
    emulator.clear_calls()
    done = runner.launch(TEMPLATES["resume"], {"stateful_nodes": "all"})
    assert done.status == "failed"
    assert "The project has version 0.9.0 of the playbooks" in done.output
    assert emulator.calls() == []
