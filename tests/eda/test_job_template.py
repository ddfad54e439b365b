# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebook for EDA Controller, without an inventory: it launches the job template and hands the events over."""

from __future__ import annotations

import json
from pathlib import Path

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.queue import EventQueue, an_event

from .launches import TOKEN, Launches
from .rulebook import running

FIRST = "i-0123456789abcdef0"
SECOND = "i-0123456789abcdef1"
LARGE = 200_000
"""Bytes of a message that the rule engine does not survive when it reaches it; SQS takes up to a MiB."""


def test_a_warning_launches_the_job_also_after_a_message_that_is_too_large(
    emulator: Emulator, network: Network, collection: Collection, tmp_path: Path
) -> None:
    queue = EventQueue(emulator)
    emulator.clear_calls()
    name = "stateful_node.aws.replace_interrupted_job"
    with (
        Launches() as launches,
        running(name, "stateful_node_region: us-east-1", emulator, tmp_path, controller=launches.options) as rulebook,
    ):
        rulebook.wait_until(lambda: bool(emulator.calls(action="ReceiveMessage")))
        queue.send({"text": "x" * LARGE}, json.dumps("x" * LARGE), "null", {"detail": []}, an_event(FIRST))
        rulebook.wait_until(lambda: FIRST in launches.instance_ids())
        queue.send(an_event(SECOND))
        rulebook.wait_until(lambda: SECOND in launches.instance_ids())
        printed = rulebook.output
    assert {body["extra_vars"]["stateful_node_region"] for body in launches.bodies} == {"us-east-1"}
    assert TOKEN not in printed
    assert "Traceback" not in printed
