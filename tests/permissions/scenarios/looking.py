# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""info, report and watch: who only looks."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result

from tests.support.collection import TABLE

from ..world import NAME, PolicyCase, PolicyEnvironment
from .nodes import EVERYTHING, only_instance, resumed

EVENTS = f"{TABLE}-events"


def _with_queue(world: PolicyEnvironment) -> None:
    """A node that runs, and the queue that `setup` makes."""
    resumed(auto_heal=True)(world)
    world.emulator.client("sqs").create_queue(QueueName=EVENTS)


def _warn(world: PolicyEnvironment) -> None:
    """Tell the queue that the node's instance is about to be interrupted, as EC2 has marked it."""
    world.emulator.mark(only_instance(world))
    event = {
        "detail-type": "EC2 Spot Instance Interruption Warning",
        "source": "aws.ec2",
        "account": "123456789012",
        "region": "us-east-1",
        "time": datetime.now(tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "detail": {"instance-id": only_instance(world), "instance-action": "terminate"},
    }
    queue = world.emulator.client("sqs")
    url = queue.get_queue_url(QueueName=EVENTS)["QueueUrl"]
    queue.send_message(QueueUrl=url, MessageBody=json.dumps(event))


def _handle_events(world: PolicyEnvironment) -> Result:
    """Look for what is to be done, as the role watch does, and take what was dealt with off the queue.

    What an attempt before this one has received is hidden for a while, so that there is a new warning each time.
    """
    _warn(world)
    found = world.somebody.run("events", wait_seconds=0)
    handles = [handle for decision in found.values["decisions"] for handle in decision["receipt_handles"]]
    return world.somebody.run("events", state="deleted", receipt_handles=handles)


INFO = (
    PolicyCase("one", resumed(**EVERYTHING), lambda world: world.somebody.run("info", name=[NAME])),
    PolicyCase("all", resumed(**EVERYTHING), lambda world: world.somebody.run("info")),
)
REPORT = (
    PolicyCase("one", resumed(**EVERYTHING), lambda world: world.somebody.run("history_info", name=[NAME])),
    PolicyCase("all", resumed(**EVERYTHING), lambda world: world.somebody.run("history_info")),
)
WATCH = (PolicyCase("an interruption", _with_queue, _handle_events),)
