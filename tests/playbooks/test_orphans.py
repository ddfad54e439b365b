# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""orphans: lists, and deletes what is named."""

from __future__ import annotations

from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.playbooks import Playbooks

ORPHANS = "stateful_node.aws.orphans"


def test_orphans_are_listed_and_those_that_are_named_are_deleted(
    playbooks: Playbooks, collection: Collection, emulator: Emulator
) -> None:
    assert not collection.operate("resume", ["a", "c"]).failures
    node = next(node for node in collection.run("info").values["nodes"] if node["name"] == "c")
    instance, interface, address = (node[key] for key in ("instance_id", "network_interface_id", "allocation_id"))
    emulator.client("dynamodb").delete_item(TableName=TABLE, Key={"name": {"S": "c"}})

    listed = playbooks.run(ORPHANS)
    assert (listed.status, listed.changed) == (0, 0), listed.output
    assert "3 orphans: USD 3.65 a month for public addresses, deleted none" in listed.output
    lines = listed.output.splitlines()
    rows = {line.split()[0]: line for line in lines if line.startswith(("i-", "eni-", "eipalloc-"))}
    assert set(rows) == {instance, interface, address}
    assert rows[address].endswith("  3.65")

    refused = playbooks.run(ORPHANS, orphans_delete=f"{interface},{address}")
    assert refused.status != 0
    assert f"{interface} is used by {instance} and is not deleted" in refused.output

    emulator.clear_calls()
    named = f"{address},{interface},{instance}"
    assert playbooks.run(ORPHANS, "--check", orphans_delete=named).changed == 1
    assert emulator.calls(mutating=True) == []
    done = playbooks.run(ORPHANS, orphans_delete=named)
    assert (done.status, done.changed) == (0, 1), done.output
    again = playbooks.run(ORPHANS, orphans_delete=named)
    assert (again.status, again.changed) == (0, 0), again.output
    assert collection.run("orphans").values["orphans"] == []
