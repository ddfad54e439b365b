# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages with templates in them, through ansible-rulebook: nothing runs, and the genuine event is dealt with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.emulator.network import Network
from tests.emulator.process import CHECKOUT, Emulator
from tests.support.collection import Collection
from tests.support.queue import EventQueue, an_event

from .rulebook import running
from .test_replace_interrupted import nodes, runs_again

OWN = CHECKOUT / "extensions" / "eda" / "rulebooks" / "replace_interrupted.yml"
COLLECTIONS = "stateful_node.aws.replace_interrupted"


def without_filter(directory: Path) -> str:
    """A user's own rulebook, which has the playbook and not the filter."""
    (rulebook,) = yaml.safe_load(OWN.read_text())
    for source in rulebook["sources"]:
        del source["filters"]
    file = directory / "own.yml"
    file.write_text(yaml.safe_dump([rulebook]))
    return str(file)


@pytest.mark.parametrize("filtered", [True, False])
def test_what_is_in_a_message_is_not_run(
    emulator: Emulator, network: Network, collection: Collection, tmp_path: Path, filtered: bool
) -> None:
    collection.configure("a", network)
    collection.operate("resume", ["a"])
    before, queue, ran = nodes(collection), EventQueue(emulator), tmp_path / "ran"
    instance_id = before["a"]["instance_id"]
    text = "{{ lookup('pipe', 'touch FILE') }}".replace("FILE", str(ran))
    event = an_event(instance_id)
    poisoned: dict[str, Any] = {**event, "id": text, "detail": {**event["detail"], "x": text, text: text}}
    queue.forget()
    emulator.mark(instance_id)
    emulator.clear_calls()
    name = COLLECTIONS if filtered else without_filter(tmp_path)
    with running(name, "stateful_node_region: us-east-1", emulator, tmp_path) as rulebook:
        rulebook.wait_until(lambda: bool(emulator.calls(action="ReceiveMessage")))
        queue.send(
            {"version": "0", "source": "x", "detail-type": "y", "detail": {"instance-id": "none", "x": text}},
            {"source": text, "detail-type": text, "detail": {"instance-id": text}},
            poisoned,
        )
        rulebook.wait_until(lambda: runs_again(collection, before, "a"))
        rulebook.wait_until(lambda: rulebook.output.count("PLAY RECAP") >= rulebook.output.count("PLAY ["))
    assert not ran.exists()
    assert "lookup" not in rulebook.output
    assert rulebook.output.count("was dropped") == (2 if filtered else 0)
