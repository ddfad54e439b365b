# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules through their real main(): arguments in, JSON out, real boto3 over HTTP, never a traceback."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._module.arguments import _ARGUMENTS

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection, create_tables
from tests.support.module_arguments import patch_module_args

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
MODULES = "ansible_collections.stateful_node.aws.plugins.modules"

ARGUMENTS: dict[str, dict[str, Any]] = {
    "config": {"name": "a", "subnet_id": "subnet-0123456789abcdef0"},
    "eni": {"name": ["a"]},
    "eip": {"name": ["a"]},
    "instance": {"name": ["a"]},
    "operation": {"name": ["a"], "state": "begun", "operation": "resume"},
    "info": {},
    "history_info": {},
    "orphans": {},
    "events": {"receive": False},
    "rebuild": {"name": "a"},
    "adopt": {"name": "a", "instance_id": "i-0123456789abcdef0", "accept_root_volume_loss": True},
}


@pytest.fixture(autouse=True)
def _environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have what a user has in the environment, and none of what the machine has."""
    for name in os.environ:
        if name.startswith(("AWS_", "EC2_", "STATEFUL_NODE_")):
            monkeypatch.delenv(name)
    for name, value in {**emulator.environment, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture
def tables(emulator: Emulator) -> None:
    create_tables(emulator.client("dynamodb"))


@contextmanager
def leaving(status: int) -> Iterator[None]:
    with pytest.raises(SystemExit) as left:
        yield
    assert left.value.code == status


class Main:
    """Runs modules and reads what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, module: str, *, fails: bool = False, **arguments: Any) -> dict[str, Any]:
        main = importlib.import_module(f"{MODULES}.stateful_node_{module}").main
        self._capsys.readouterr()
        with patch_module_args(arguments), leaving(1 if fails else 0):
            main()
        printed = self._capsys.readouterr()
        answer = json.loads(printed.out)
        # On ansible-core 2.21 amazon.aws 10 imports what is deprecated, and a module by itself says from where.
        answer.pop("deprecations", None)
        assert "Traceback" not in json.dumps(answer) + printed.err
        assert answer.get("failed", False) is fails
        assert "exception" not in answer
        return answer


@pytest.fixture
def main(capsys: pytest.CaptureFixture[str]) -> Main:
    return Main(capsys)


def configuration(network: Network) -> dict[str, Any]:
    launch = {"image_id": network.image_id, "instance_types": ["t3.micro"]}
    return {"name": "a", "subnet_id": network.subnet_a_id, "launch": launch}


def test_these_are_all_modules() -> None:
    assert {f"stateful_node_{module}" for module in ARGUMENTS} == _ARGUMENTS.keys()
    documented = {path.stem for path in PLUGINS.glob("modules/stateful_node_*.py")}
    # It prints, and is an action plugin alone.
    assert documented - {"stateful_node_arguments", "stateful_node_show"} == _ARGUMENTS.keys()


def test_a_node_from_its_configuration_to_its_pause(main: Main, network: Network, tables: None) -> None:
    created = main("config", **configuration(network), security_groups="nodes")
    assert created["changed"]
    assert created["nodes"][0]["config"]["security_groups"] == [network.security_group_id]
    assert not main("config", **configuration(network))["changed"]

    begun = main("operation", name="a", state="begun", operation="resume", lease_seconds="60")
    assert begun["begun"] == ["a"]
    for module in ("eni", "eip", "instance"):
        done = main(module, name=begun["begun"], operation_id=begun["operation_id"])
    ended = main("operation", name=["a"], state="ended", operation_id=begun["operation_id"])
    (node,) = ended["nodes"]
    assert (node["status"], node["instance_id"]) == ("running", done["nodes"][0]["instance_id"])
    assert [action["action"] for action in done["actions"]] == ["launch_instance"]
    assert done["diff"][0]["after"]["instance"]["instance_id"] == node["instance_id"]
    assert not main("instance", name="all")["changed"]

    paused = main("instance", name=["a"], state="terminated")
    assert (paused["changed"], paused["nodes"][0]["status"]) == (True, "paused")
    (shown,) = main("info")["nodes"]
    passing = {"timings": {}, "seconds_out_of_service": 0, "seconds_since_launch": 0}  # these go on
    assert {**shown, **passing} == {**paused["nodes"][0], **passing}
    main("eni", name=["a"], state="absent")
    assert main("config", name="a", state="absent")["changed"]


def test_check_mode_reaches_the_modules(main: Main, emulator: Emulator, network: Network, tables: None) -> None:
    emulator.clear_calls()
    assert main("config", **configuration(network), _ansible_check_mode=True)["changed"]
    assert emulator.calls(mutating=True) == []
    assert main("info")["nodes"] == []


def test_the_table_may_come_from_the_environment(
    main: Main, emulator: Emulator, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_tables(emulator.client("dynamodb"), "others")
    monkeypatch.setenv("STATEFUL_NODE_TABLE", "others")
    main("config", **configuration(network))
    assert [node["name"] for node in main("info", table_name="others")["nodes"]] == ["a"]


def test_one_failing_node_fails_the_module_and_keeps_the_results(
    main: Main, emulator: Emulator, network: Network, tables: None
) -> None:
    main("config", **configuration(network))
    answer = main("eni", fails=True, name=["a", "unknown"])
    assert answer["msg"].startswith("unknown: table stateful-nodes has no node of this name.")
    made, unknown = answer["nodes"]
    assert made["network_interface_id"]
    assert unknown["error"]["code"] == "UnknownNode"
    assert answer["changed"]


def test_a_configuration_that_is_refused_fails_with_its_sentence(main: Main, network: Network, tables: None) -> None:
    given = {**configuration(network), "private_ip_address": "10.0.1.1"}
    answer = main("config", fails=True, **given)
    assert answer["msg"].startswith("a: private_ip_address '10.0.1.1' is reserved")
    assert answer["code"] == "PrivateIpAddressOutOfRange"


@pytest.mark.parametrize("module", ARGUMENTS)
def test_without_its_table_a_module_names_the_setup_playbook(main: Main, network: Network, module: str) -> None:
    answer = main(module, fails=True, **ARGUMENTS[module])
    assert "un the setup playbook, stateful_node.aws.setup" in answer["msg"]


def test_a_missing_table_is_named_with_its_region_and_the_command_that_makes_it(main: Main) -> None:
    answer = main("eni", fails=True, name="a", region="eu-west-1", table_name="nodes")
    assert answer["msg"].startswith("a: BatchGetItem failed: the node table nodes in eu-west-1 does not exist.")
    made_by = (
        "ansible-playbook stateful_node.aws.setup -e stateful_node_region=eu-west-1 -e stateful_node_table_name=nodes"
    )
    assert answer["next_command"] == made_by
    assert answer["msg"].endswith(f"Next: {made_by}")


@pytest.mark.parametrize("name", ["a", "all"])
def test_a_table_of_something_else_is_told(main: Main, emulator: Emulator, tables: None, name: str) -> None:
    order = {"name": {"S": "a"}, "config": {"S": "express"}}
    emulator.client("dynamodb").put_item(TableName="stateful-nodes", Item=order)
    answer = main("eni", fails=True, name=name)
    assert answer["msg"].startswith("a: this item of table stateful-nodes in us-east-1 is not the record of a node")
    assert answer["code"] == "ForeignTable"


def test_nothing_is_configured_in_a_table_of_something_else(
    main: Main, emulator: Emulator, network: Network, tables: None
) -> None:
    dynamodb = emulator.client("dynamodb")
    dynamodb.put_item(TableName="stateful-nodes", Item={"name": {"S": "order-1"}, "config": {"S": "express"}})
    answer = main("config", fails=True, **{**configuration(network), "name": "a"})
    assert answer["code"] == "ForeignTable"
    assert "Item" not in dynamodb.get_item(TableName="stateful-nodes", Key={"name": {"S": "a"}})


@pytest.mark.parametrize("module", ["eni", "config"])
def test_a_table_with_other_keys_is_told(main: Main, emulator: Emulator, network: Network, module: str) -> None:
    keys = {"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "id", "KeyType": "HASH"}
    emulator.client("dynamodb").create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[keys[0]], KeySchema=[keys[1]]
    )
    given = configuration(network) if module == "config" else {"name": "a"}
    told = main(module, fails=True, table_name="orders", **given)["msg"]
    assert "Table orders in us-east-1 has other keys than the one that the setup playbook makes." in told


def test_the_next_command_leads_to_the_same_region(
    main: Main, emulator: Emulator, network: Network, tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    main("config", **configuration(network))
    emulator.add_fault("CreateNetworkInterface", "refuse", code="UnauthorizedOperation", status=403)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    answer = main("eni", fails=True, name="a", region="us-east-1")
    command = "ansible-playbook stateful_node.aws.resume -e stateful_node_region=us-east-1 -e stateful_nodes=a"
    assert answer["nodes"][0]["error"]["next_command"] == command
    assert answer["msg"].endswith(f": {command}")


def test_a_missing_history_is_a_missing_table_too(
    main: Main, emulator: Emulator, network: Network, collection: Collection
) -> None:
    emulator.client("dynamodb").delete_table(TableName="stateful-nodes-history")
    collection.configure("a", network)
    begun = collection.run("operation", name="a", state="begun", operation="resume")
    ended = main("operation", fails=True, name="a", state="ended", operation_id=begun.values["operation_id"])
    assert "setup playbook" in ended["nodes"][0]["error"]["message"]


@pytest.mark.parametrize("module", ARGUMENTS)
def test_without_credentials_a_module_says_what_is_missing(
    main: Main, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    answer = main(module, fails=True, **ARGUMENTS[module])
    assert "no AWS credentials were found" in answer["msg"]
    assert "profile" in answer["msg"]


@pytest.mark.parametrize("module", ARGUMENTS)
def test_without_a_region_a_module_says_so(main: Main, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    told = main(module, fails=True, **ARGUMENTS[module])["msg"]
    assert "Set AWS_REGION" in told
    assert "-e stateful_node_region=REGION" in told


def test_an_endpoint_that_does_not_answer_is_told(main: Main, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert "BatchGetItem" in main("eni", fails=True, name="a")["msg"]
    # Reads that go out together fail together: any of them may be the first to say so.
    told = main("info", fails=True, name="a")["msg"]
    assert re.match(
        "a: (BatchGetItem|DescribeInstances|DescribeNetworkInterfaces|DescribeAddresses) got no answer", told
    )
    assert "AWS_ENDPOINT_URL" in told
    assert "took effect" not in told


def test_access_that_is_denied_names_the_action(main: Main, emulator: Emulator, network: Network, tables: None) -> None:
    main("config", **configuration(network))
    emulator.add_fault("CreateNetworkInterface", "refuse", code="UnauthorizedOperation", status=403)
    answer = main("eni", fails=True, name="a")
    assert "a: CreateNetworkInterface was not allowed (UnauthorizedOperation)" in answer["msg"]


def test_credentials_that_have_expired_are_to_be_renewed(main: Main, emulator: Emulator, tables: None) -> None:
    expired = {"code": "ExpiredTokenException", "status": 400}
    emulator.add_fault("BatchGetItem", "refuse", service="dynamodb", **expired)
    told = main("eni", fails=True, name="a")["msg"]
    assert "a: BatchGetItem failed with ExpiredTokenException: " in told
    assert "AWS does not take the credentials: renew or correct them first. Next: " in told


@pytest.mark.parametrize(
    ("module", "arguments", "named"),
    [
        ("operation", {"name": ["a"], "state": "begun"}, "operation"),
        ("operation", {"name": ["a"], "state": "ended"}, "operation_id"),
        ("eni", {}, "name"),
        ("instance", {"name": ["a"], "wait_for": "forever"}, "wait_for"),
        ("instance", {"name": ["a"], "wait_timeout": 0}, "wait_timeout"),
        ("operation", {"name": ["a"], "state": "begun", "operation": "resume", "lease_seconds": 1}, "lease_seconds"),
        ("info", {"name": ["a", "a"]}, "more than once"),
        ("info", {"table_name": ""}, "table_name '' is not a valid name of a DynamoDB table"),
        (
            "eni",
            {"name": ["a"], "table_name": "my nodes"},
            "table_name 'my nodes' is not a valid name of a DynamoDB table",
        ),
        ("history_info", {"limit": 0}, "limit '0' is out of range"),
        ("history_info", {"limit": 1001}, "limit '1001' is out of range"),
        ("history_info", {"since": "yesterday"}, "since 'yesterday' is not a time"),
    ],
)
def test_arguments_that_cannot_be_are_refused(
    main: Main, emulator: Emulator, module: str, arguments: dict[str, Any], named: str
) -> None:
    emulator.clear_calls()
    assert named in main(module, fails=True, **arguments)["msg"]
    assert emulator.calls() == []


def test_user_data_is_not_printed(main: Main, network: Network, tables: None) -> None:
    given = configuration(network)
    given["launch"]["user_data"] = "#!/bin/sh\nexport PASSWORD=hunter2\n"
    assert "hunter2" not in json.dumps(main("config", **given))
    assert "hunter2" not in json.dumps(main("eni", name="a"))


def test_a_module_runs_as_a_program(emulator: Emulator, tables: None) -> None:
    """As Ansible runs it: its arguments on standard input, its answer on standard output."""
    arguments = {"ANSIBLE_MODULE_ARGS": {"name": ["unknown"]}}
    command = [sys.executable, "-m", f"{MODULES}.stateful_node_info"]
    done = subprocess.run(command, input=json.dumps(arguments), capture_output=True, text=True, check=False, timeout=60)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["failed"], done.stderr) == (1, True, "")
    assert answer["nodes"][0]["error"]["code"] == "UnknownNode"
