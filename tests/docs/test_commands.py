# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of README, guides and roles are run by bash, page by page and in their order, against the embedded AWS.

What a page may name, and what stands for it here: `substitutes`. A page says by `<!-- nodes: a=running b=paused -->`
which nodes there are when its first command is run. Files are blocks whose first line is their name, `# roll.yml`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.emulator import playground
from tests.emulator.environment import REGION
from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection, create_tables
from tests.support.playbooks import Playbooks

from .blocks import PAGES, Block, indented_blocks, list_blocks, name_of, nodes_of, script_of

NOT_RUN = {
    "ansible-rulebook": "runs until it is stopped; tests/eda starts it",
    "ansible-galaxy": "asks a server; the tarball's installation is tested in tests/packaging",
    "curl": "is not on every machine; tests/emulator/tests asks the emulator the same",
    "aws": "the AWS CLI is not a part of this; its commands are for an account",
    "git": "asks a server",
    "ip": "is for the guest",
    "make": "runs these tests, or the demo, which the picture in README is made from",
}
"""Programs that a page's shell finds, but that do nothing there, and why."""

RUN = ("ansible", "ansible-doc", "ansible-inventory", "ansible-playbook", "mkdir", "nodetool")
"""The other programs that a page's shell finds. There are no more: a page that names one of the rest fails."""

LANGUAGES = {"bash", "yaml", "ini", "json", "text"}
SECONDS = 1800
"""How long the commands of a page may take together."""

LEFT_OVER = "eni-0fedcba9876543210"
"""A page's interface of a node that is no more; an Elastic IP of the same number goes with it."""

NODETOOL = "#!/bin/sh\nexit 0\n"


class Terminal:
    """A shell as a reader's: what is copied into it is run by bash, with its quotes, as one script."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self.directory = directory
        self.programs = directory / ".programs"
        self.programs.mkdir()
        self.environment = {**environment, "PATH": str(self.programs)}
        for name in NOT_RUN:
            self._add(name, "exit 0")
        for name in RUN:
            self._add(name, f"PATH='{environment['PATH']}' exec {name} \"$@\"")

    def _add(self, name: str, command: str) -> None:
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{command}\n")
        program.chmod(0o700)

    def run(self, script: str) -> None:
        bash = shutil.which("bash")
        assert bash, "bash is needed to run the pages' commands"
        file = self.directory / ".commands"
        file.write_text(script)
        done = subprocess.run(
            [bash, "-euxo", "pipefail", str(file)],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout


class Reader:
    """Somebody who follows a page, in a directory of theirs, with nothing but the embedded AWS."""

    def __init__(self, emulator: Emulator, network: Network, directory: Path) -> None:
        self.directory = directory
        self.network = network
        self.ec2 = emulator.client("ec2")
        (directory / "nodetool").write_text(NODETOOL)
        (directory / "nodetool").chmod(0o700)
        programs = f"{directory}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        # The hosts of the pages' inventories are this machine.
        here = {"PATH": programs, "ANSIBLE_TRANSPORT": "local"}
        self.terminal = Terminal(directory, {**Playbooks(emulator, directory).environment, **here})
        self.substitutes = self._substitutes()

    def _substitutes(self) -> dict[str, str]:
        return {
            "subnet-0123456789abcdef0": self.network.subnet_a_id,
            "sg-0123456789abcdef0": self.network.security_group_id,
            "ami-0123456789abcdef0": self.network.image_id,
            "vpc-0123456789abcdef0": self.network.vpc_id,
            "10.42.2.": "10.0.1.",
            "eu-central-1": REGION,
        }

    def _made_when_named(self, text: str) -> None:
        """Make what a page takes for granted, when it is first named."""
        instance, address = "i-0123456789abcdef0", "eipalloc-0123456789abcdef0"
        if instance in text and instance not in self.substitutes:
            self.substitutes[instance] = self._launch()
        if address in text and address not in self.substitutes:
            self.substitutes[address] = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        if LEFT_OVER in text and LEFT_OVER not in self.substitutes:
            self._leave_over()

    def _leave_over(self) -> None:
        """Make an interface and an address of a node whose record is gone."""
        tags = [{"Key": "stateful_node:table", "Value": TABLE}, {"Key": "stateful_node:name", "Value": "gone"}]
        interface = self.ec2.create_network_interface(SubnetId=self.network.subnet_a_id)["NetworkInterface"]
        address = self.ec2.allocate_address(Domain="vpc")
        ids = {LEFT_OVER: interface["NetworkInterfaceId"], f"eipalloc-{LEFT_OVER[4:]}": address["AllocationId"]}
        self.ec2.create_tags(Resources=list(ids.values()), Tags=tags)
        self.substitutes.update(ids)

    def _launch(self) -> str:
        launch = {"ImageId": self.network.image_id, "InstanceType": "t3.small", "SubnetId": self.network.subnet_a_id}
        (instance,) = self.ec2.run_instances(**launch, MinCount=1, MaxCount=1)["Instances"]
        self.ec2.get_waiter("instance_running").wait(
            InstanceIds=[instance["InstanceId"]], WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        return str(instance["InstanceId"])

    def here(self, text: str) -> str:
        self._made_when_named(text)
        for theirs, ours in self.substitutes.items():
            text = text.replace(theirs, ours)
        return text

    def write(self, block: Block) -> None:
        assert block.file_name is not None
        (self.directory / block.file_name).write_text(self.here(block.text))

    def run(self, script: str) -> None:
        self.terminal.run(self.here(script))


@pytest.fixture
def reader(emulator: Emulator, network: Network, tmp_path: Path) -> Reader:
    return Reader(emulator, network, tmp_path)


def prepare(page: Path, reader: Reader, emulator: Emulator, network: Network) -> None:
    """Make the nodes that the page starts with, and the queue where it is read."""
    nodes = nodes_of(page)
    text = page.read_text()
    if "SUBNET_ID" in text:
        reader.terminal.environment.update(playground.lay_out(emulator.endpoint))
    if not nodes and "stateful_node.aws.setup" in text:
        return
    if "stateful_node.aws.watch" in text or "stateful_node.aws.setup" in text:
        reader.run("ansible-playbook stateful_node.aws.setup")
    else:
        create_tables(emulator.client("dynamodb"))
    collection = Collection(emulator.endpoint)
    for name in nodes:
        collection.configure(name, network)
    if nodes:
        collection.operate("resume", list(nodes))
    if paused := [name for name, status in nodes.items() if status == "paused"]:
        collection.operate("pause", paused)


@pytest.mark.thorough
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_can_be_followed(page: Path, reader: Reader, emulator: Emulator, network: Network) -> None:
    blocks = list_blocks(page)
    prepare(page, reader, emulator, network)
    for block in blocks:
        if block.file_name:
            reader.write(block)
    script = script_of(page)
    reader.run(script)
    for block in blocks:
        if block.language == "yaml" and block.file_name not in script.split():
            check_unused(block, reader)


def check_unused(block: Block, reader: Reader) -> None:
    """A playbook that no command of the page runs is looked at by Ansible; other YAML is at least YAML."""
    content = yaml.safe_load(reader.here(block.text))
    if isinstance(content, list) and "hosts" in content[0]:
        assert block.file_name, "a playbook's first line is its name: # roll.yml"
        reader.run(f"ansible-playbook --syntax-check {block.file_name}")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {block.language for block in list_blocks(page)} <= LANGUAGES
    assert not indented_blocks(page), "is not seen by this test: write ```bash"
