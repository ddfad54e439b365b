# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is offered where is found once for each question, and each question has its own answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.process import Emulator


def offered(emulator: Emulator, **filters: list[str]) -> set[tuple[str, str]]:
    asked: Any = [{"Name": name.replace("_", "-"), "Values": values} for name, values in filters.items()]
    ec2 = emulator.client("ec2")
    found = ec2.describe_instance_type_offerings(LocationType="availability-zone", Filters=asked)
    return {(item["InstanceType"], item["Location"]) for item in found["InstanceTypeOfferings"]}


@pytest.mark.parametrize("_time", [1, 2])
def test_each_question_has_its_own_answer(emulator: Emulator, _time: int) -> None:
    micro = offered(emulator, instance_type=["t3.micro"])
    assert {kind for kind, _zone in micro} == {"t3.micro"}
    both = offered(emulator, instance_type=["t3.micro", "t3.small"])
    assert {kind for kind, _zone in both} == {"t3.micro", "t3.small"}
    assert offered(emulator, instance_type=["t3.micro"], location=["us-east-1a"]) == {("t3.micro", "us-east-1a")}
    assert micro < both
