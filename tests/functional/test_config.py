# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""stateful_node_config in its beats: check, create, again, update, again, absent."""

from __future__ import annotations

import hashlib
import importlib
import json

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module import runner
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.tasks.configure import ATTEMPTS

from tests.support.collection import TABLE
from tests.support.module_arguments import patch_module_args


@pytest.fixture
def ec2(emulator):
    return emulator.client("ec2")


@pytest.fixture
def store(collection):
    return Store(collection.client, TABLE)


def record(store, name="db-1"):
    return store.get([name]).get(name)


def config_of(result):
    return result.values["nodes"][0]["config"]


def make_template(ec2, name="web", **data):
    data = {"ImageId": "ami-0a1b2c3d4e5f60001", "InstanceType": "t3.micro", **data}
    return ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]


def test_check_create_again_update_again(emulator, collection, network, store):
    """The second run of each changes nothing, and none of them touches EC2."""
    emulator.clear_calls()
    collection.check_mode = True
    predicted = collection.configure("db-1", network, private_ip_address="10.0.1.15")
    assert predicted.values["changed"]
    assert emulator.calls(mutating=True) == []
    collection.check_mode = False

    created = collection.configure("db-1", network, private_ip_address="10.0.1.15")
    assert created.values["actions"] == predicted.values["actions"]
    assert created.values["actions"][0]["action"] == "create_record"
    assert created.values["diff"] == predicted.values["diff"]
    assert config_of(created)["private_ip_address"] == "10.0.1.15"
    assert record(store).subnet.availability_zone == network.zone_a
    again = collection.configure("db-1", network, private_ip_address="10.0.1.15")
    assert not again.values["changed"]
    assert again.values["actions"] == []

    updated = collection.run("config", name="db-1", tags={"team": "data"}, launch={"market": "on_demand"})
    assert updated.values["actions"][0]["action"] == "change_config"
    changes = updated.values["actions"][0]["changes"]
    assert set(changes) == {"tags", "launch.market"}
    assert updated.values["diff"]["before"]["tags"] == {}
    assert updated.values["diff"]["after"]["tags"] == {"team": "data"}
    assert record(store).config.private_ip_address == "10.0.1.15"
    assert record(store).config_version == 2
    assert not collection.run("config", name="db-1", tags={"team": "data"}).values["changed"]
    assert emulator.calls(mutating=True, service="ec2") == []


def test_a_no_op_reads_what_is_named_and_writes_nothing(emulator, collection, network):
    """Neither to EC2 nor to the table; an address that is yet to be allocated is not looked for."""
    options = {"elastic_ip": "new", "public_ip_assignment": "enabled"}
    collection.configure("db-1", network, **options)
    emulator.clear_calls()
    collection.configure("db-1", network, **options)
    assert emulator.calls(mutating=True) == []
    assert sorted(call["action"] for call in emulator.calls(service="ec2")) == [
        "DescribeAvailabilityZones",
        "DescribeSecurityGroups",
        "DescribeSubnets",
    ]


def test_references_are_stored_as_ids(ec2, collection, network, store):
    """A name, a public address and `$Latest` mean what they mean now."""
    address = ec2.allocate_address(Domain="vpc")
    template = make_template(ec2)
    ec2.create_launch_template_version(
        LaunchTemplateId=template["LaunchTemplateId"],
        LaunchTemplateData={"ImageId": "ami-1", "InstanceType": "t3.nano"},
    )
    options = {
        "security_groups": ["nodes", network.security_group_id],
        "elastic_ip": address["PublicIp"],
        "public_ip_assignment": "enabled",
        "launch": {"launch_template": {"name": "web", "version": "$Latest"}},
    }
    collection.configure("db-1", network, **options)
    stored = record(store).config
    assert stored.security_groups == (network.security_group_id,)
    assert stored.elastic_ip == address["AllocationId"]
    assert (stored.launch.launch_template.id, stored.launch.launch_template.version) == (
        template["LaunchTemplateId"],
        "2",
    )
    assert not collection.configure("db-1", network, **options).values["changed"]
    assert not collection.run("config", name="db-1").values["changed"]
    collection.run("config", name="db-1", launch={"launch_template": {"name": "web"}})
    assert record(store).config.launch.launch_template.version == "1"


def test_options_are_cleared(ec2, collection, network, store):
    """So that the node goes back to what EC2 picks; of groups that is the VPC's default one."""
    collection.configure("db-1", network, private_ip_address="10.0.1.15", secondary_private_ip_address_count=1)
    cleared = {"private_ip_address": "", "secondary_private_ip_address_count": 0, "security_groups": [""]}
    collection.run("config", name="db-1", **cleared)
    stored = record(store).config
    assert stored.private_ip_address is None
    assert stored.secondary_private_ip_address_count == 0
    default = [{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": [network.vpc_id]}]
    (group,) = ec2.describe_security_groups(Filters=default)["SecurityGroups"]
    assert stored.security_groups == (group["GroupId"],)


def test_what_changed_of_the_subnet_is_stored(ec2, collection, network, store):
    """An Elastic IP may depend on it."""
    collection.configure("db-1", network)
    ec2.modify_subnet_attribute(SubnetId=network.subnet_a_id, MapPublicIpOnLaunch={"Value": True})
    result = collection.configure("db-1", network)
    assert result.values["actions"][0]["changes"] == {"subnet.assigns_public_ip": {"before": False, "after": True}}
    assert record(store).subnet.assigns_public_ip
    assert not collection.configure("db-1", network).values["changed"]


def test_user_data_is_never_shown(collection, network, store):
    """Also not by a module that was not given it."""
    launch = {"image_id": network.image_id, "instance_types": ["t3.micro"], "user_data": "hunter2"}
    created = collection.configure("db-1", network, launch=launch)
    changed = collection.run("config", name="db-1", launch={"user_data": "hunter2 again"})
    info = collection.run("info", name=["db-1"])
    assert record(store).config.launch.user_data == "hunter2 again"
    assert "hunter2" not in json.dumps([created.values, changed.values, info.values])
    digest = hashlib.sha256(b"hunter2 again").hexdigest()
    assert config_of(info)["launch"]["user_data_sha256"] == digest


def test_absent_forgets_a_node(emulator, collection, network, store):
    """Check, forget, again."""
    collection.configure("db-1", network)
    collection.check_mode = True
    assert collection.run("config", name="db-1", state="absent").values["changed"]
    assert record(store)
    collection.check_mode = False
    forgotten = collection.run("config", name="db-1", state="absent")
    assert forgotten.values["actions"][0]["action"] == "delete_record"
    assert forgotten.values["nodes"] == []
    assert record(store) is None
    assert not collection.run("config", name="db-1", state="absent").values["changed"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"identity.instance": {"instance_id": "i-1"}}, ("instance i-1", "stateful_node.aws.pause")),
        (
            {"identity.interface": {"network_interface_id": "eni-1"}},
            ("network interface eni-1", "stateful_node_eni state=absent"),
        ),
        (
            {"identity.elastic_ip": {"allocation_id": "eipalloc-1", "allocated": True}},
            ("Elastic IP eipalloc-1", "stateful_node_eip state=absent release=true"),
        ),
        (
            {"intent": {"action": "CreateNetworkInterface", "token": "t", "parameters": {}}},
            ("CreateNetworkInterface has not ended", "take_over=true"),
        ),
    ],
)
def test_a_node_that_owns_something_is_not_forgotten(collection, network, store, changes, words):
    """The error names it, and how to part with it."""
    collection.configure("db-1", network)
    store.update("db-1", changes, {})
    with pytest.raises(NodeError) as caught:
        collection.run("config", name="db-1", state="absent")
    assert str(caught.value).startswith("db-1: state 'absent' is refused")
    assert not [word for word in words if word not in str(caught.value)], str(caught.value)
    assert record(store)


def test_a_node_is_forgotten_with_an_elastic_ip_of_the_users(collection, network, store):
    """It stays the user's."""
    collection.configure("db-1", network)
    store.update("db-1", {"identity.elastic_ip": {"allocation_id": "eipalloc-1"}}, {})
    assert collection.run("config", name="db-1", state="absent").values["changed"]
    assert record(store) is None


def test_a_node_held_by_an_operation_is_not_forgotten(collection, network, store):
    """Nor with its interface, which the operation creates."""
    collection.configure("db-1", network)
    collection.run("operation", name=["db-1"], state="begun", operation="resume")
    with pytest.raises(NodeError, match=r"state 'absent' is refused: resume has not ended\. .*take_over"):
        collection.run("config", name="db-1", state="absent")
    assert record(store)


def test_a_running_node_can_be_configured(ec2, collection, network, store):
    """What it holds itself is not held by others, and it stays in its subnet."""
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    options = {"private_ip_address": "10.0.1.15", "elastic_ip": address, "public_ip_assignment": "enabled"}
    collection.configure("db-1", network, **options)
    collection.operate("resume", ["db-1"])
    assert not collection.configure("db-1", network, **options).values["changed"]
    interface_id = record(store).identity.network_interface_id
    with pytest.raises(NodeError, match=f"subnet_id '{network.subnet_b_id}' .*{interface_id} cannot leave"):
        collection.run("config", name="db-1", subnet_id=network.subnet_b_id, private_ip_address="10.0.2.15")


def test_a_node_without_an_interface_can_move(collection, network, store):
    """Its zone goes with the subnet."""
    collection.configure("db-1", network)
    moved = collection.configure("db-1", network, subnet_id=network.subnet_b_id)
    assert set(moved.values["actions"][0]["changes"]) == {"subnet_id"}
    assert record(store).subnet.availability_zone == network.zone_b


class Interfering(Store):
    """A store in which somebody else changes the configuration right before each of the first writes."""

    times = 0

    def write_config(self, before, config, subnet):
        if self.times:
            self.times -= 1
            version = record(self, before.name).config_version
            self.update(before.name, {"config.tags": {"by": f"other-{version}"}, "config_version": version + 1}, {})
        super().write_config(before, config, subnet)


def interfere(monkeypatch, collection, times):
    store = Interfering(collection.client, TABLE)
    store.times = times
    monkeypatch.setattr(runner, "Store", lambda *_given: store)


def test_a_change_meanwhile_is_merged(collection, network, store, monkeypatch):
    """Both changes are there in the end."""
    collection.configure("db-1", network)
    interfere(monkeypatch, collection, ATTEMPTS - 1)
    assert collection.run("config", name="db-1", source_dest_check=False).values["changed"]
    assert record(store).config.tags == {"by": "other-2"}
    assert record(store).config.source_dest_check is False


def test_changes_without_end_are_an_error(collection, network, store, monkeypatch):
    """What the others wrote stays."""
    collection.configure("db-1", network)
    interfere(monkeypatch, collection, ATTEMPTS)
    with pytest.raises(NodeError, match="db-1: its configuration was changed by somebody else 3 times"):
        collection.run("config", name="db-1", source_dest_check=False)
    assert record(store).config.source_dest_check is True
    assert record(store).config.tags == {"by": "other-3"}


def main(emulator, monkeypatch, capsys, **params):
    """Run the module as ansible-playbook does, and read what it prints."""
    for variable, value in emulator.environment.items():
        monkeypatch.setenv(variable, value)
    module = importlib.import_module("ansible_collections.stateful_node.aws.plugins.modules.stateful_node_config")
    with patch_module_args({"name": "db-1", **params}), pytest.raises(SystemExit):
        module.main()
    return json.loads(capsys.readouterr().out)


def test_main(emulator, collection, network, store, monkeypatch, capsys):
    """The whole way, there and into an error, with the result as JSON."""
    options = {
        "subnet_id": network.subnet_a_id,
        "launch": {"image_id": network.image_id, "instance_types": ["t3.nano"]},
    }
    result = main(emulator, monkeypatch, capsys, **options)
    assert result["changed"]
    assert result["nodes"][0]["status"] == "new"
    assert record(store).config.launch.instance_types == ("t3.nano",)
    refused = main(emulator, monkeypatch, capsys, private_ip="10.0.1.1")
    assert refused["failed"]
    assert refused["msg"].startswith("db-1: private_ip_address '10.0.1.1' is reserved")
