# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make emulator` prints what a reader of docs/guides/playground.md pastes: all of it exists."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.emulator import playground
from tests.emulator.environment import environment
from tests.emulator.process import Emulator

CHECKOUT = Path(__file__).resolve().parents[3]
GUIDE = CHECKOUT / "docs/guides/playground.md"


def test_a_spot_instance_can_be_launched_with_what_it_prints(emulator: Emulator) -> None:
    printed = playground.lay_out(emulator.endpoint)
    ec2 = emulator.client("ec2")
    for instance_type in printed["INSTANCE_TYPES"].split(","):
        for subnet in ("SUBNET_ID", "OTHER_SUBNET_ID"):
            launched = ec2.run_instances(
                MinCount=1,
                MaxCount=1,
                ImageId=printed["IMAGE_ID"],
                InstanceType=instance_type,
                KeyName=printed["KEY_NAME"],
                SubnetId=printed[subnet],
                SecurityGroupIds=[printed["SECURITY_GROUP_ID"]],
                InstanceMarketOptions={"MarketType": "spot"},
            )
            assert launched["Instances"][0]["SubnetId"] == printed[subnet]


def test_an_elastic_ip_can_be_associated_there(emulator: Emulator) -> None:
    printed = playground.lay_out(emulator.endpoint)
    ec2 = emulator.client("ec2")
    interface = ec2.create_network_interface(SubnetId=printed["SUBNET_ID"])["NetworkInterface"]
    address = ec2.allocate_address(Domain="vpc")
    associated = ec2.associate_address(
        AllocationId=address["AllocationId"], NetworkInterfaceId=interface["NetworkInterfaceId"]
    )
    assert associated["AssociationId"]


def test_the_command_prints_the_environment_and_then_the_playground() -> None:
    command = [sys.executable, "-m", "tests.emulator", "--playground", "--parent-pid", str(os.getpid())]
    names = [*environment(""), "VPC_ID", "SUBNET_ID", "OTHER_SUBNET_ID"]
    names += ["SECURITY_GROUP_ID", "IMAGE_ID", "KEY_NAME", "INSTANCE_TYPES"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("READY http://127.0.0.1:")
        lines = [process.stdout.readline() for _ in names]
        process.terminate()
    assert [line.split("=")[0] for line in lines] == [f"export {name}" for name in names]


def test_the_guide_names_what_is_printed() -> None:
    guide = GUIDE.read_text()
    for name in ("AWS_ENDPOINT_URL", "SUBNET_ID", "SECURITY_GROUP_ID", "IMAGE_ID", "KEY_NAME", "INSTANCE_TYPES"):
        assert f"export {name}=" in guide
