# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is secret is in nothing that ansible-playbook prints or logs: neither user data nor credentials."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, create_tables
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks, Run

SECRET = "hunter2-correct-horse"
USER_DATA = f"#!/bin/sh\nexport PASSWORD={SECRET}\n"
ENCODED = base64.b64encode(USER_DATA.encode()).decode()
KEY, TOKEN, TASK_KEY = "wJalrXUtnFEMI/SECRETKEY", "FwoGZXIvYXdzSESSIONTOKEN", "je7MtGbClwBF/TASKKEY"
SPELLINGS = (SECRET, ENCODED[4:-4], KEY, TOKEN, TASK_KEY)

LIFE = """
- hosts: localhost
  gather_facts: false
  tasks:
    - stateful_node.aws.stateful_node_config:
        name: a
        subnet_id: {subnet}
        launch:
          image_id: {image}
          instance_types: [t3.micro]
          user_data: |
            #!/bin/sh
            export PASSWORD={secret}
        access_key: testing
        secret_key: {task_key}
        session_token: {token}
- import_playbook: stateful_node.aws.resume
- import_playbook: stateful_node.aws.replace
- import_playbook: stateful_node.aws.pause
- import_playbook: stateful_node.aws.repair
- import_playbook: stateful_node.aws.orphans
- import_playbook: stateful_node.aws.delete
"""


class Told:
    """All that runs of playbooks print, at -vvv and with --diff, and what they log."""

    def __init__(self, playbooks: Playbooks) -> None:
        self._playbooks, self._log = playbooks, playbooks.directory / "ansible.log"
        self._secret = {
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_SESSION_TOKEN": TOKEN,
            "ANSIBLE_LOG_PATH": str(self._log),
        }

    def run(self, playbook: str, *options: str, **extra: str) -> Run:
        """Run a playbook, and look for what must not be told."""
        self._log.unlink(missing_ok=True)
        done = self._playbooks.run(playbook, "-vvv", "--diff", *options, environment=self._secret, **extra)
        logged = self._log.read_text()
        assert len(logged) > len(done.output) / 2
        assert [spelling for spelling in SPELLINGS if spelling in done.output or spelling in logged] == []
        return done


def write_life(directory: Path, network: Network) -> str:
    """Write a playbook that configures a node with user data, and takes it through everything."""
    file = directory / "life.yml"
    names = {"subnet": network.subnet_a_id, "image": network.image_id}
    file.write_text(LIFE.format(**names, secret=SECRET, task_key=TASK_KEY, token=TOKEN))
    return str(file)


def history(emulator: Emulator) -> str:
    return json.dumps(emulator.client("dynamodb").scan(TableName=f"{TABLE}-history")["Items"])


def launch(emulator: Emulator, network: Network) -> str:
    """Launch what is to be adopted."""
    parameters: dict[str, Any] = {"ImageId": network.image_id, "InstanceType": "t3.micro"}
    (instance,) = emulator.client("ec2").run_instances(
        MinCount=1, MaxCount=1, SubnetId=network.subnet_a_id, UserData=USER_DATA, **parameters
    )["Instances"]
    return str(instance["InstanceId"])


@pytest.mark.thorough
def test_a_life_with_secrets_tells_none(playbooks: Playbooks, emulator: Emulator, network: Network) -> None:
    """In check mode, cut short by a refusal that quotes them (as modules, which are handed them), and to its end."""
    create_tables(emulator.client("dynamodb"))
    emulator.configure(durations={"pending": 0, "shutting_down": 0})
    told, life = Told(playbooks), write_life(playbooks.directory, network)
    checked = told.run(life, "--check", stateful_nodes="a")
    assert "user_data_sha256" in checked.output
    quoting = f"'{USER_DATA}' or {ENCODED}"
    for call in range(1, 3):  # each candidate: the refusal may concern one instance type only
        emulator.add_fault("RunInstances", "refuse", call=call, code="InvalidParameterValue", message=quoting)
    failed = told.run(life, stateful_nodes="a", stateful_node_in_process="false")
    assert failed.status != 0
    assert "(not shown)" in failed.output
    done = told.run(life, stateful_nodes="a")
    assert done.status == 0, done.output
    instance_id = launch(emulator, network)
    adopted = told.run(
        "stateful_node.aws.adopt", stateful_nodes="b", adopt_instance_id=instance_id,
        adopt_accept_root_volume_loss="true",
    )  # fmt: skip
    assert adopted.status == 0, adopted.output
    assert [spelling for spelling in SPELLINGS if spelling in history(emulator)] == []
    assert SECRET in json.dumps(emulator.client("dynamodb").scan(TableName=TABLE)["Items"])


@pytest.mark.parametrize("in_process", first_stands_for_all(["true", "false"]))
@pytest.mark.parametrize("launch", ["{'user_data': '%s', ", "%s", ["%s"]], ids=["broken", "text", "list"])
def test_a_launch_that_nothing_can_be_made_of_is_not_shown(
    playbooks: Playbooks, network: Network, launch: str | list[str], in_process: str
) -> None:
    task = {"name": "a", "subnet_id": network.subnet_a_id, "launch": "{{ given }}"}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"stateful_node.aws.stateful_node_config": task}]}
    (playbooks.directory / "play.yml").write_text(json.dumps([play]))
    given = playbooks.directory / "given.json"
    given.write_text(json.dumps({"given": launch}).replace("%s", SECRET))
    failed = Told(playbooks).run(
        str(playbooks.directory / "play.yml"), f"-e@{given}", stateful_node_in_process=in_process
    )
    assert failed.status != 0
    assert "launch is neither a dictionary nor the text of one" in failed.output


@pytest.mark.parametrize("in_process", first_stands_for_all(["true", "false"]))
def test_user_data_in_the_wrong_place_is_not_shown(playbooks: Playbooks, network: Network, in_process: str) -> None:
    """Beside launch, misspelt inside, in an adoption's survey answer, and not a text."""
    node = {"name": "a", "subnet_id": network.subnet_a_id}
    misplaced = [{"user_data": SECRET}, *({"launch": {key: SECRET}} for key in ("user_dat", "userdata", "user-data"))]
    misplaced += [{"launch": {"user_data": [SECRET]}}, {"launch": f"user_dat={SECRET}"}]
    tasks: list[dict[str, Any]] = [
        {"stateful_node.aws.stateful_node_config": {**node, **options}, "ignore_errors": True} for options in misplaced
    ]
    adoption = {
        "ansible.builtin.include_role": {"name": "stateful_node.aws.adopt"},
        "vars": {"adopt_node": "b", "adopt_config": json.dumps({"launch": {"user_dat": SECRET}})},
    }
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [*tasks, adoption]}
    (playbooks.directory / "play.yml").write_text(json.dumps([play]))
    failed = Told(playbooks).run(
        str(playbooks.directory / "play.yml"),
        adopt_instance_id="i-0123456789abcdef0",
        stateful_node_in_process=in_process,
    )
    assert failed.status != 0
    assert failed.output.count("Did you mean launch.user_data?") >= len(misplaced)
    assert "launch.user_data is not a text." in failed.output
    assert "launch.user_dat is not an option of stateful_node_adopt." in failed.output
