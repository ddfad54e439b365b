# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""replace_interrupted, with unfiltered events as ansible-rulebook hands them over: none of their text runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks
from tests.support.queue import an_event

from .test_lifecycle import instances, statuses

PLAYBOOK = "stateful_node.aws.replace_interrupted"


def jinja(file: Path) -> str:
    """Text that leaves a file behind when Ansible takes it for a template."""
    return "{{ lookup('pipe', 'touch FILE') }}".replace("FILE", str(file))


def poisoned(event: dict[str, Any], text: str) -> dict[str, Any]:
    """A genuine event with the text wherever a message can have any."""
    detail = {**event["detail"], "instance-action": text, text: text, "more": [{"x": text}]}
    return {**event, "id": text, "resources": [text], text: text, "detail": detail}


def hand_over(directory: Path, *bodies: Any) -> str:
    """Write an extra-vars file as ansible-rulebook does: one event as `event`, several as `events`."""
    events = [{"body": body, "meta": {"MessageId": "1"}} for body in bodies]
    named = {f"m_{number}": event for number, event in enumerate(events)}
    handed_over = {"event": events[0]} if len(events) == 1 else {"events": named}
    file = directory / "extravars.yml"
    file.write_text(yaml.safe_dump({"ansible_eda": {"ruleset": "r", "rule": "r", **handed_over}}))
    return f"@{file}"


@pytest.mark.parametrize("in_process", first_stands_for_all(["true", "false"]))
def test_what_is_in_an_event_is_not_run(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, tmp_path: Path, in_process: str
) -> None:
    """Neither in a genuine event nor in one that is none; the node of the genuine one is replaced."""
    collection.operate("resume", ["a"])
    before, ran = instances(collection)["a"], tmp_path / "ran"
    emulator.mark(before)
    text = jinja(ran)
    others: list[Any] = [
        text,
        {"source": text, "detail-type": text, "detail": {"instance-id": text}},
        an_event(text, account=text, region=text, time=text),
        {"detail": text},
        [text],
        None,
    ]
    given = hand_over(tmp_path, poisoned(an_event(before), text), *others)
    done = playbooks.run(PLAYBOOK, "-e", given, stateful_node_in_process=in_process)
    assert done.status == 0, done.output
    assert not ran.exists()
    assert instances(collection)["a"] != before
    assert statuses(collection)["a"] == "running"
    assert f"{len(others)} of the events in ansible_eda left out" in " ".join(done.output.split())


def test_an_event_that_is_none_leads_to_nothing(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network, tmp_path: Path
) -> None:
    """Nor is the queue read, or any node looked at, in place of the event."""
    collection.operate("resume", ["a"])
    emulator.client("ec2").terminate_instances(InstanceIds=[instances(collection)["a"]])
    ran = tmp_path / "ran"
    emulator.clear_calls()
    done = playbooks.run(PLAYBOOK, "-e", hand_over(tmp_path, jinja(ran)))
    assert done.status == 0, done.output
    assert not ran.exists()
    assert emulator.calls(mutating=True) == []
    assert emulator.calls(service="sqs") == []
