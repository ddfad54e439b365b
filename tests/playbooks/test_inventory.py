# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin as Ansible's own programs load it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.playbooks import Playbooks, Run

from .second_region import OTHER_REGION, configure_elsewhere

NO_AWS = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"))
NO_REGION = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}


def write(playbooks: Playbooks, name: str = "x", suffix: str = ".stateful_nodes.yml", **options: Any) -> str:
    path = playbooks.directory / f"{name}{suffix}"
    path.write_text(yaml.safe_dump({"plugin": "stateful_node.aws.stateful_nodes", **options}))
    return str(path)


def inventory(
    playbooks: Playbooks, *paths: str, environment: Mapping[str, str | None] = {}, how: str = "--list"
) -> Run:
    given = [part for path in paths for part in ("-i", path)]
    # Warnings wrapped at the terminal's width would not be found.
    return playbooks.run_program("ansible-inventory", *given, how, environment={"COLUMNS": "9999", **environment})


def listed(run: Run) -> dict[str, Any]:
    """Read what ansible-inventory printed, below its warnings."""
    assert run.status == 0, run.output
    return json.JSONDecoder().raw_decode(run.output[run.output.index("\n{") + 1 if run.output[0] != "{" else 0 :])[0]


def hosts(run: Run) -> dict[str, dict[str, Any]]:
    return listed(run)["_meta"]["hostvars"]


def sees(run: Run, *words: str) -> bool:
    text = " ".join(run.output.split())
    return all(word in text for word in words)


def test_running_paused_and_new_nodes_are_hosts_in_groups(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    """`a` runs on spot, `c` is paused and keeps its Elastic IP, `b` never had an interface."""
    launch = {"user_data": "#!/bin/sh\necho secret"}
    collection.configure("a", network, tags={"role": "data-base", "note": "{{ 1 + 1 }}"}, launch=launch)
    collection.operate("resume", ["a", "c"])
    collection.operate("pause", ["c"])
    nodes = {node["name"]: node for node in collection.run("info").values["nodes"]}
    emulator.clear_calls()
    path = write(
        playbooks,
        ansible_host=["elastic_ip", "private_ip_address"],
        keyed_groups=[{"key": "config.launch.market", "prefix": "configured"}],
        groups={"stateless": "network_interface_id is none"},
        compose={"launches": "generation + 10"},
    )
    run = inventory(playbooks, path)
    seen = listed(run)
    variables = seen["_meta"]["hostvars"]
    assert emulator.calls(mutating=True) == []

    assert {name: of.get("ansible_host") for name, of in variables.items()} == {
        "a": nodes["a"]["private_ip_address"],
        "b": None,
        "c": nodes["c"]["public_ip"],
    }
    assert sees(run, "No elastic_ip or private_ip_address is known to lead to b:")
    same = nodes["c"].keys() - {"name", "timings", "seconds_out_of_service", "seconds_since_launch"}  # the last go on
    assert {key: variables["c"][key] for key in same} == {key: nodes["c"][key] for key in same}
    assert (variables["c"]["node_name"], variables["c"]["region"]) == ("c", "us-east-1")
    assert {name: of["launches"] for name, of in variables.items()} == {"a": 11, "b": 10, "c": 11}
    assert variables["a"]["config"]["tags"] == {"role": "data-base", "note": {"__ansible_unsafe": "{{ 1 + 1 }}"}}
    assert "secret" not in run.output

    members = {group: of["hosts"] for group, of in seen.items() if "hosts" in of}
    assert members == {
        "stateful_nodes": ["a", "b", "c"],
        "status_running": ["a"],
        "status_paused": ["c"],
        "status_new": ["b"],
        "zone_us_east_1a": ["a", "b", "c"],
        "market_spot": ["a"],
        "tag_role_data_base": ["a"],
        "tag_note____1___1___": ["a"],
        "configured_spot": ["a", "b", "c"],
        "stateless": ["b"],
    }


def test_no_tag_is_evaluated_where_a_play_takes_it_for_an_expression(
    playbooks: Playbooks, collection: Collection, network: Network
) -> None:
    """Without braces, and a bare word: `when`, `assert` and `debug: var:` evaluate what a template gives them."""
    ran = playbooks.directory / "ran"
    collection.configure("a", network, tags={"code": f"lookup('pipe', 'touch {ran}')", "word": "my_secret"})
    tasks: list[dict[str, Any]] = []
    for tag in ("code", "word"):
        given = f"{{{{ config.tags.{tag} }}}}"
        tasks += [
            {"ansible.builtin.debug": {"var": given}, "ignore_errors": True},
            {"ansible.builtin.debug": {"msg": "x"}, "when": given, "ignore_errors": True},
            {"ansible.builtin.assert": {"that": given}, "ignore_errors": True},
        ]
    play = {"hosts": "a", "gather_facts": False, "vars": {"my_secret": "hunter2"}, "tasks": tasks}
    path = playbooks.directory / "play.yml"
    path.write_text(yaml.safe_dump([play]))
    done = playbooks.run(str(path), "-i", write(playbooks), "-c", "local")
    assert done.status == 0, done.output
    assert not ran.exists()
    # The last lines of an error quote the play, where the secret stands, too.
    assert '"hunter2"' not in done.output
    assert "All assertions passed" not in done.output


@pytest.mark.thorough
def test_a_playbook_meets_the_nodes_by_group_and_takes_no_tag_for_a_template(
    playbooks: Playbooks, collection: Collection, network: Network
) -> None:
    collection.configure("a", network, tags={"note": "{{ 1 + 1 }}"})
    collection.operate("resume", ["a"])
    play = playbooks.directory / "play.yml"
    tasks = [{"ansible.builtin.debug": {"msg": "{{ ansible_host }} has note {{ config.tags.note }}"}}]
    play.write_text(
        yaml.safe_dump([{"hosts": "status_running:&zone_us_east_1a", "gather_facts": False, "tasks": tasks}])
    )
    done = playbooks.run(str(play), "-i", write(playbooks))
    assert done.status == 0, done.output
    (node,) = collection.run("info", name=["a"]).values["nodes"]
    assert f"{node['private_ip_address']} has note {{{{ 1 + 1 }}}}" in done.output
    assert "reserved name" not in done.output
    assert "b " not in done.output.split("PLAY RECAP")[1]


def test_an_address_that_leads_elsewhere_is_not_taken(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    """Somebody has put the Elastic IP of `c` on another interface, and `a` has lost its record."""
    collection.operate("resume", ["a", "c"])
    nodes = {node["name"]: node for node in collection.run("info").values["nodes"]}
    ec2 = emulator.client("ec2")
    other = ec2.create_network_interface(SubnetId=network.subnet_a_id)["NetworkInterface"]["NetworkInterfaceId"]
    allocation_id = nodes["c"]["allocation_id"]
    ec2.associate_address(AllocationId=allocation_id, NetworkInterfaceId=other, AllowReassociation=True)
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": "a"}})
    run = inventory(
        playbooks,
        write(playbooks, "public", ansible_host="elastic_ip", filters={"name": "c"}),
        write(playbooks, "private", group_by="drift", filters={"name": ["a", "c"]}, hostvars_prefix="node_"),
    )
    assert sees(run, "No elastic_ip is known to lead to c:")
    assert sees(run, f"Resources in EC2 are tagged for a, which have no record in table {TABLE}: they are not hosts.")
    variables = hosts(run)
    assert {name: of["ansible_host"] for name, of in variables.items()} == {"c": nodes["c"]["private_ip_address"]}
    seen = listed(run)
    assert seen["drift_elastic_ip_moved"]["hosts"] == ["c"]
    assert "drift_record_missing" not in seen


@pytest.mark.thorough
def test_what_only_tags_tell_of_is_shown_when_asked_for_and_leads_nowhere(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network
) -> None:
    """An interface with the tags of a node of which the table has no record: `b` has one, `web` has none."""
    tags = [{"Key": "stateful_node:table", "Value": TABLE}, {"Key": "stateful_node:name", "Value": "web"}]
    specification = [{"ResourceType": "network-interface", "Tags": tags}]
    ec2 = emulator.client("ec2")
    forged = ec2.create_network_interface(SubnetId=network.subnet_a_id, TagSpecifications=specification)
    path = write(
        playbooks,
        include_record_missing=True,
        filters={"name": ["b", "web"]},
        compose={"ansible_host": "private_ip_address"},
        groups={"composed": True},
        keyed_groups=[{"key": "region", "prefix": "in"}],
    )
    seen = listed(inventory(playbooks, path))
    shown = seen["_meta"]["hostvars"]["web"]
    assert shown["network_interface_id"] == forged["NetworkInterface"]["NetworkInterfaceId"]
    assert "ansible_host" not in shown
    assert {group for group, of in seen.items() if "web" in of.get("hosts", ())} == {"drift_record_missing"}
    assert (seen["stateful_nodes"]["hosts"], seen["composed"]["hosts"]) == (["b"], ["b"])


def test_an_item_that_is_not_a_record_costs_no_other_node(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    emulator.client("dynamodb").put_item(TableName=TABLE, Item={"name": {"S": "spoiled"}})
    run = inventory(playbooks, write(playbooks))
    assert hosts(run).keys() == {"a", "b", "c"}
    assert sees(run, "Not hosts, since they cannot be read: spoiled: this item of table stateful-nodes")


@pytest.mark.thorough
def test_what_is_cached_needs_no_aws_and_follows_the_file(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    collection.operate("resume", ["a"])
    directory = playbooks.directory / "cache" / "nodes"
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(directory)}
    role = {"assume_role_arn": "arn:aws:iam::123456789012:role/inventory", **cache}
    first = inventory(playbooks, write(playbooks, **role))
    assert emulator.calls(action="AssumeRole")
    (cached,) = directory.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (directory, cached)] == [0o700, 0o600]
    collection.operate("pause", ["a"])
    emulator.clear_calls()
    assert hosts(inventory(playbooks, write(playbooks, **role), environment=NO_AWS)) == hosts(first)
    filtered = inventory(playbooks, write(playbooks, **role, exclude_filters=[{"name": "[ab]"}, {"name": "?"}]))
    assert hosts(filtered) == {}
    assert emulator.calls() == []

    other = inventory(playbooks, write(playbooks, **role, table_name="other"))
    assert sees(other, "The nodes of table other in us-east-1 could not be read", "run the setup playbook")


@pytest.mark.thorough
def test_nodes_of_two_regions(playbooks: Playbooks, collection: Collection, emulator: Emulator) -> None:
    """Two nodes of one name are an error rather than one host, and are two hosts when asked for."""
    configure_elsewhere(emulator, "a", "d")
    both = {"regions": ["us-east-1", OTHER_REGION]}
    clash = inventory(playbooks, write(playbooks, **both))
    assert sees(clash, f"Both us-east-1 and {OTHER_REGION} have a node a. Give hostname_with_region: true")
    done = inventory(playbooks, write(playbooks, **both, hostname_with_region=True))
    assert set(hosts(done)) == {
        *(f"{name}.us-east-1" for name in "abc"),
        *(f"{name}.{OTHER_REGION}" for name in "ad"),
    }
    assert hosts(done)[f"d.{OTHER_REGION}"]["region"] == OTHER_REGION
    elsewhere = write(playbooks, suffix=".stateful_nodes.yaml", regions=[OTHER_REGION])
    graph = inventory(playbooks, elsewhere, how="--graph")
    assert sees(graph, "|--@status_new: | |--a | |--d", "|--@zone_eu_west_1a:")


def test_errors_are_sentences(playbooks: Playbooks, emulator: Emulator) -> None:
    """No table, and then nothing to reach AWS with; Ansible warns of each file and goes on."""
    run = inventory(
        playbooks,
        write(playbooks, "missing"),
        write(playbooks, "filters", filters={"colour": "red"}),
        write(playbooks, "choice", ansible_host=["dns_name"]),
        write(playbooks, "name", suffix=".yml"),
    )
    assert sees(
        run,
        "The nodes of table stateful-nodes in us-east-1 could not be read: Scan failed: the node table "
        "stateful-nodes in us-east-1 does not exist. Name the table and the region that the nodes are in, or run the "
        "setup playbook, stateful_node.aws.setup.",
        "'colour' is not a filter of nodes. Filter by one of name, status,",
        "dns_name",
        "name.yml names the plugin stateful_node.aws.stateful_nodes, which takes only files whose names end in "
        ".stateful_nodes.yml or .stateful_nodes.yaml. Rename it.",
    )
    lost = inventory(
        playbooks,
        write(playbooks, "region"),
        write(playbooks, "credentials", region="us-east-1"),
        write(playbooks, "profile", region="us-east-1", profile="nobody"),
        environment={**NO_AWS, **NO_REGION, "AWS_ENDPOINT_URL": emulator.endpoint},
    )
    assert sees(
        lost,
        "No region is known. Give regions in the inventory file, or set AWS_REGION.",
        "no AWS credentials were found. Give a profile, or set AWS_ACCESS_KEY_ID.",
        "The config profile (nobody) could not be found",
    )
    assert all(word not in run.output + lost.output for word in ("Traceback", "botocore", "ClientError"))


def test_a_run_can_be_made_to_fail_for_it(playbooks: Playbooks, emulator: Emulator) -> None:
    environment = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    assert inventory(playbooks, write(playbooks), environment=environment).status != 0


@pytest.mark.thorough
def test_a_key_that_is_no_option_and_filters_without_a_match_are_told(
    playbooks: Playbooks, collection: Collection
) -> None:
    """A mistyped `filters` made every node a host."""
    mistyped = inventory(playbooks, write(playbooks, filter={"name": "a"}))
    assert sees(mistyped, "'filter' is not an option of the inventory. Did you mean the option filters?")
    assert hosts(mistyped) == {}
    useless = inventory(playbooks, write(playbooks, filters={"name": "nope"}))
    assert sees(useless, "none of the 3 nodes matches the filters.")
    assert hosts(useless) == {}
    assert hosts(inventory(playbooks, write(playbooks, filters={"name": "a"}, cache=False, strict=True))).keys() == {
        "a"
    }
