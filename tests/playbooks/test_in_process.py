# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks in the controller's process return what modules return, and are modules where they have to be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.network import Network, lay_out_network
from tests.emulator.process import CHECKOUT, Emulator
from tests.support.collection import TABLE, Collection, create_tables
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks

from .execution_modes import ANSIBALLZ, WAYS, flat, run_play, without_ids_and_times, write_play

OTHER_TABLE = "of-its-own"
SECRET = "hunter2-correct-horse"

TASKS = """
- name: describe in check mode
  stateful_node.aws.stateful_node_config: &first
    name: a
    subnet_id: {network.subnet_a_id}
    private_ip: 10.0.1.50
    security_groups: ["{network.security_group_id}"]
    resource_tags: {{team: "{{{{ 1 + 1 }}}}"}}
    launch: {{image_id: {network.image_id}, instance_types: [t3.micro], user_data: {secret}}}
  check_mode: true
  diff: true
- name: describe
  stateful_node.aws.stateful_node_config: *first
  diff: true
- name: describe again
  stateful_node.aws.stateful_node_config: *first
- name: describe one with an address that EC2 lends
  stateful_node.aws.stateful_node_config:
    name: b
    subnet_id: {network.public_subnet_id}
    public_ip_assignment: enabled
    security_groups: ["{network.security_group_id}"]
    launch: {{image_id: {network.image_id}, instance_types: [t3.micro]}}
- name: describe what AWS would refuse
  stateful_node.aws.stateful_node_config: {{name: c, subnet_id: {network.subnet_a_id}, private_ip_address: 10.9.9.9}}
- name: an option that is none
  stateful_node.aws.stateful_node_config: {{name: c, subnet: {network.subnet_a_id}}}
- name: options that exclude each other
  stateful_node.aws.stateful_node_config:
    {{name: c, secondary_private_ip_addresses: [10.0.1.9], secondary_private_ip_address_count: 1}}
- name: an option that is missing
  stateful_node.aws.stateful_node_operation: {{name: a, state: begun}}
- name: a choice that is none
  stateful_node.aws.stateful_node_operation: {{name: a, state: begun, operation: destroy}}
- name: both an option and its alias
  stateful_node.aws.stateful_node_info: {{name: a, secret_key: {secret}, aws_secret_key: {secret}}}
- name: a profile that does not exist
  stateful_node.aws.stateful_node_info: {{profile: none, access_key: "", secret_key: ""}}
- name: an interface in check mode
  stateful_node.aws.stateful_node_eni: {{name: [a, b]}}
  check_mode: true
  diff: true
- name: begin
  stateful_node.aws.stateful_node_operation: {{name: "a,b", state: begun, operation: resume, lease_seconds: "90"}}
  register: begun
- name: begin what is held
  stateful_node.aws.stateful_node_operation: {{name: a, state: begun, operation: pause}}
- name: interfaces
  stateful_node.aws.stateful_node_eni: &step
    name: "{{{{ begun.begun }}}}"
    operation_id: "{{{{ begun.operation_id }}}}"
  diff: true
- name: addresses
  stateful_node.aws.stateful_node_eip: *step
- name: instances
  stateful_node.aws.stateful_node_instance: *step
- name: end
  stateful_node.aws.stateful_node_operation:
    {{name: [a, b], state: ended, operation_id: "{{{{ begun.operation_id }}}}"}}
- name: look at each
  stateful_node.aws.stateful_node_info: {{name: "{{{{ item }}}}", debug_botocore_endpoint_logs: true}}
  loop: [b, nobody, a]
- name: look where nothing is
  stateful_node.aws.stateful_node_info: {{table_name: elsewhere}}
"""


@pytest.fixture
def table(emulator: Emulator) -> None:
    """Make an empty table, and another one."""
    for name in (TABLE, OTHER_TABLE):
        create_tables(emulator.client("dynamodb"), name)


def run_tasks(playbooks: Playbooks, emulator: Emulator, way: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Run TASKS in an account that nothing has been done in yet."""
    emulator.reset()
    emulator.configure(durations={"pending": 0, "attaching": 0})
    create_tables(emulator.client("dynamodb"))
    tasks = TASKS.format(network=lay_out_network(emulator.client("ec2")), secret=SECRET)
    return run_play(playbooks, write_play(playbooks.directory, tasks), stateful_node_in_process=way)


@pytest.mark.thorough
def test_both_ways_return_the_same(playbooks: Playbooks, emulator: Emulator) -> None:
    in_process, as_modules = (
        {task: without_ids_and_times(result) for task, _host, result in run_tasks(playbooks, emulator, way)}
        for way in WAYS
    )
    assert flat(in_process).items() ^ flat(as_modules).items() == set()
    assert list(in_process) == [line[8:] for line in TASKS.splitlines() if line.startswith("- name: ")]
    failed = [task for task, result in in_process.items() if result.get("failed")]
    assert failed == [
        "describe what AWS would refuse",
        "an option that is none",
        "options that exclude each other",
        "an option that is missing",
        "a choice that is none",
        "a profile that does not exist",
        "begin what is held",
        "look at each",
        "look where nothing is",
    ]
    assert in_process["describe"]["changed"]
    assert in_process["describe in check mode"]["diff"] == in_process["describe"]["diff"]
    assert [node["status"] for node in in_process["end"]["nodes"]] == ["running", "running"]
    # A loop's items are run by one process: each warns of its own node only.
    assert ["EC2 assigned" in warning for warning in in_process["look at each"]["warnings"]] == [True]
    assert not any(result.get("deprecations") for result in in_process.values())
    assert SECRET not in str(in_process)


@pytest.mark.parametrize("way", first_stands_for_all(WAYS))
def test_only_modules_start_processes(playbooks: Playbooks, collection: Collection, way: str) -> None:
    done = playbooks.operate("resume", "a", "-vvvv", stateful_node_in_process=way)
    assert done.status == 0, done.output
    modules = [f"stateful_node_{name}" for name in ("operation", "instance", "operation")]
    assert ANSIBALLZ.findall(done.output) == ([] if way == "true" else modules)
    assert ("EXEC /bin/sh" in done.output) == (way == "false")


@pytest.mark.parametrize("way", first_stands_for_all(WAYS))
def test_secrets_are_not_shown(playbooks: Playbooks, network: Network, table: None, way: str) -> None:
    tasks = f"""
- stateful_node.aws.stateful_node_config:
    name: a
    subnet_id: {network.subnet_a_id}
    security_groups: ["{network.security_group_id}"]
    session_token: {SECRET}
    tags: {{told: "it is {SECRET}"}}
    launch: {{image_id: {network.image_id}, instance_types: [t3.micro], user_data: {SECRET}}}
  diff: true
- stateful_node.aws.stateful_node_info: {{secret_key: {SECRET}, option: "it is {SECRET}"}}
"""
    play = write_play(playbooks.directory, tasks)
    output = playbooks.run(play, "-vvv", stateful_node_in_process=way).output
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in output
    assert "it is ********" in output
    # The lines of a playbook around a task that fails are shown as they stand, with their numbers, whoever runs it.
    shown = [line for line in output.splitlines() if SECRET in line]
    assert [line for line in shown if not line[:1].isdigit()] == []


@pytest.mark.parametrize("way", first_stands_for_all(WAYS))
def test_defaults_of_the_group_reach_them(playbooks: Playbooks, table: None, way: str) -> None:
    play = write_play(
        playbooks.directory, "- stateful_node.aws.stateful_node_info: {name: a}", defaults="table_name: of-the-group"
    )
    ((_task, _host, result),) = run_play(playbooks, play, stateful_node_in_process=way)
    assert result["invocation"]["module_args"]["table_name"] == "of-the-group"


@pytest.mark.parametrize("way", first_stands_for_all(WAYS))
def test_paths_are_relative_to_the_playbook(playbooks: Playbooks, table: None, tmp_path: Path, way: str) -> None:
    (tmp_path / "config").write_text("[profile own]\naws_access_key_id = own\naws_secret_access_key = own\n")
    (tmp_path / "elsewhere").mkdir()
    play = write_play(tmp_path, "- stateful_node.aws.stateful_node_info: {name: a, profile: own}")
    playbooks.directory = tmp_path / "elsewhere"
    playbooks.environment |= {"AWS_CONFIG_FILE": "config"}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        playbooks.environment.pop(name)
    ((_task, _host, result),) = run_play(playbooks, play, stateful_node_in_process=way)
    assert "a: table stateful-nodes has no node of this name" in result["msg"]


def another_python(directory: Path) -> Path:
    """Write an interpreter that is the controller's in an environment of its own."""
    path = directory / "python"
    path.write_text(f'#!/bin/sh\nexport STATEFUL_NODE_TABLE=of-its-own\nexec {sys.executable} "$@"\n')
    path.chmod(0o700)
    return path


def another_user(directory: Path) -> Path:
    """Write a sudo that becomes nobody else, and has an environment of its own."""
    path = directory / "sudo"
    path.write_text(
        '#!/bin/sh\nexport STATEFUL_NODE_TABLE=of-its-own\nwhile [ "$1" != /bin/sh ]; do shift; done\nexec "$@"\n'
    )
    path.chmod(0o700)
    return path


@pytest.mark.parametrize(
    "keywords",
    [
        "environment: {STATEFUL_NODE_TABLE: of-its-own}",
        "vars: {ansible_python_interpreter: '{{ directory }}/python'}",
        "vars: {ansible_become: true, ansible_become_exe: '{{ directory }}/sudo'}",
    ],
)
def test_what_a_process_of_its_own_would_see_is_seen(
    playbooks: Playbooks, table: None, tmp_path: Path, keywords: str
) -> None:
    another_python(tmp_path)
    another_user(tmp_path)
    play = write_play(tmp_path, f"- stateful_node.aws.stateful_node_info: {{name: a}}\n  {keywords}")
    playbooks.environment["ANSIBLE_BECOME_ALLOW_SAME_USER"] = "true"
    ((_task, _host, result),) = run_play(playbooks, play, directory=str(tmp_path))
    assert "a: table of-its-own has no node of this name" in result["msg"]


def test_a_task_that_is_left_behind_is_a_module(playbooks: Playbooks, collection: Collection, tmp_path: Path) -> None:
    tasks = """
- stateful_node.aws.stateful_node_info: {name: a}
  async: 60
  poll: 0
  register: started
- ansible.builtin.async_status: {jid: "{{ started.ansible_job_id }}"}
  register: ended
  until: ended.finished
  retries: 600
  delay: 0.1
"""
    playbooks.environment["ANSIBLE_ASYNC_DIR"] = str(tmp_path / "jobs")  # else it is in the user's home
    (_task, _host, started), (_task, _host, ended) = run_play(playbooks, write_play(tmp_path, tasks))
    assert started["ansible_job_id"]
    assert [node["name"] for node in ended["nodes"]] == ["a"], ended


@pytest.mark.thorough
def test_another_host_is_not_the_controller(playbooks: Playbooks, collection: Collection, tmp_path: Path) -> None:
    tasks = """
- stateful_node.aws.stateful_node_info: {name: a}
  delegate_to: 127.0.0.2
  vars: {ansible_connection: local}
- stateful_node.aws.stateful_node_info: {name: a}
  delegate_to: 127.0.0.2
  vars: {ansible_connection: ssh, ansible_port: 1}
"""
    (_task, _host, here), (_task, _host, there) = run_play(playbooks, write_play(tmp_path, tasks))
    assert [node["name"] for node in here["nodes"]] == ["a"]
    assert there["unreachable"]


@pytest.mark.parametrize("value", first_stands_for_all(["", "yes", "1"]))
def test_left_empty_it_is_true(playbooks: Playbooks, table: None, value: str) -> None:
    play = write_play(playbooks.directory, "- stateful_node.aws.stateful_node_info: {name: []}")
    done = playbooks.run(play, "-vvv", stateful_node_in_process=value)
    assert '"nodes": []' in done.output
    assert ANSIBALLZ.findall(done.output) == []


def test_a_value_that_is_neither_true_nor_false_is_an_error(playbooks: Playbooks, tmp_path: Path) -> None:
    play = write_play(tmp_path, "- stateful_node.aws.stateful_node_info:")
    ((_task, _host, result),) = run_play(playbooks, play, stateful_node_in_process="perhaps")
    assert "stateful_node_in_process 'perhaps' is neither true nor false." in result["msg"]


@pytest.mark.parametrize("name", first_stands_for_all(["boto3", "botocore"]))
def test_without_boto3_the_module_says_what_is_missing(playbooks: Playbooks, tmp_path: Path, name: str) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / f"{name}.py").write_text("raise ImportError('hidden')\n")
    play = write_play(tmp_path, "- stateful_node.aws.stateful_node_info:\n- ansible.builtin.debug:")
    environment = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "PYTHONPATH": str(tmp_path / "hidden")}
    done = playbooks.run(play, environment=environment)
    assert "Failed to import the required Python library (botocore and boto3)" in done.output
    assert "Hello world!" in done.output
    assert "Traceback" not in done.output


def test_without_amazon_aws_the_run_goes_on(playbooks: Playbooks, tmp_path: Path) -> None:
    (tmp_path / "only/ansible_collections/stateful_node").mkdir(parents=True)
    (tmp_path / "only/ansible_collections/stateful_node/aws").symlink_to(CHECKOUT)
    play = write_play(tmp_path, "- stateful_node.aws.stateful_node_info:\n- ansible.builtin.debug:")
    playbooks.environment |= {"ANSIBLE_COLLECTIONS_PATH": "only", "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    done = playbooks.run(play)
    assert "ansible_collections.amazon.aws.plugins.module_utils" in done.output
    assert "Hello world!" in done.output
    assert "Traceback" not in done.output
