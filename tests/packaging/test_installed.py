# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Installed from the tarball, where the checkout cannot be seen, a node lives its life."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection, create_tables
from tests.support.playbooks import Playbooks, Run

from .conftest import ansible_galaxy


class Installed:
    """Playbooks that see the collections of one path only."""

    def __init__(self, emulator: Emulator, directory: Path, collections: Path) -> None:
        self.collections = collections
        self.playbooks = Playbooks(emulator, directory)
        self.environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
        }

    def install(self, tarball: Path) -> None:
        # amazon.aws is there, and without --no-deps ansible-galaxy would ask a server for its versions.
        ansible_galaxy("install", "--offline", "--no-deps", str(tarball), **self.environment)

    def operate(self, operation: str, nodes: str) -> Run:
        playbook = f"stateful_node.aws.{operation}"
        return self.playbooks.run(playbook, "-v", environment=self.environment, stateful_nodes=nodes)


@pytest.fixture
def installed(emulator: Emulator, tmp_path: Path, collections: Path) -> Installed:
    return Installed(emulator, tmp_path, collections)


@pytest.mark.thorough
def test_a_node_is_resumed_replaced_and_paused(
    installed: Installed, tarball: Path, emulator: Emulator, network: Network
) -> None:
    create_tables(emulator.client("dynamodb"))
    node = Collection(emulator.endpoint)
    node.configure("a", network, private_ip_address="10.0.1.50", elastic_ip="new", public_ip_assignment="enabled")

    missing = installed.operate("resume", "a")
    assert missing.status != 0, "the checkout is seen"
    installed.install(tarball)

    seen = []
    for operation, status in (("resume", "running"), ("replace", "running"), ("pause", "paused")):
        done = installed.operate(operation, "a")
        assert done.status == 0, done.output
        (now,) = node.run("info", name=["a"]).values["nodes"]
        assert now["status"] == status
        seen.append(now)
    assert {(now["private_ip_address"], now["public_ip"]) for now in seen} == {("10.0.1.50", seen[0]["public_ip"])}
    assert seen[0]["public_ip"]
    assert seen[1]["instance_id"] not in {seen[0]["instance_id"], None}


@pytest.mark.thorough
def test_its_modules_take_defaults_by_the_group(tarball: Path, collections: Path) -> None:
    """`module_defaults: group/stateful_node.aws.aws` reaches each module that there is."""
    ansible_galaxy("install", "--offline", "--no-deps", str(tarball), ANSIBLE_COLLECTIONS_PATH=str(collections))
    root = collections / "ansible_collections/stateful_node/aws"
    group = yaml.safe_load((root / "meta/runtime.yml").read_text())["action_groups"]["aws"]
    modules = {file.stem for file in (root / "plugins/modules").glob("[!_]*.py")}
    assert sorted(group) == sorted(modules - {"stateful_node_arguments", "stateful_node_show"}), (
        "which take nothing of AWS's"
    )
