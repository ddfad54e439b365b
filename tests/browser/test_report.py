# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the fleet to the page: what the playbook writes of nodes that were resumed, replaced, paused and interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.playbooks import Playbooks

from .chromium import chromium
from .fleet import MARKUP, StagedFleet, stage_fleet
from .page import Opened, names, violations

SECRET = "hunter2-correct-horse"


def bars(page: Page, node: str, kind: str) -> int:
    return page.locator(f"tbody:has(th:text-is('{node}')) .strip .bar.{kind}:not(.unsure)").count()


def test_the_playbook_writes_what_has_happened(emulator: Emulator, network: Network, tmp_path: Path) -> None:
    fleet = stage_fleet(emulator, network)
    fleet.collection.run("config", name="new-1", launch={"user_data": f"PASSWORD={SECRET}"})
    emulator.clear_calls()
    done = Playbooks(emulator, tmp_path).run(
        "stateful_node.aws.report", report_file="fleet.html", report_title="<b>Fleet</b>"
    )
    assert done.status == 0, done.output
    assert emulator.calls(mutating=True, service=None) == []
    written = tmp_path / "fleet.html"
    assert f"9 nodes: {written}" in done.output
    assert written.stat().st_mode & 0o777 == 0o640
    assert SECRET not in written.read_text() + done.output
    nodes = fleet.collection.run("info").values["nodes"]
    with chromium() as browser:
        _check_page(Opened(browser, tmp_path), written, nodes)


def _check_page(opened: Opened, written: Path, nodes: list[dict[str, Any]]) -> None:
    page = opened(written)
    assert page.title() == "<b>Fleet</b>"
    assert names(page) == [node["name"] for node in nodes]
    for node in nodes:
        row = page.locator(f"tbody:has(th:text-is('{node['name']}')) > tr").first
        for key in ("status", "private_ip_address", "public_ip", "instance_id"):
            expect(row).to_contain_text(node[key] or "")
    counts = {"cassandra-1": (2, 0), "gateway-1": (0, 2), "web-1": (1, 1), "dev-2": (4, 0), "new-1": (0, 0)}
    assert {name: (bars(page, name, "spot"), bars(page, name, "on-demand")) for name in counts} == counts
    assert [bars(page, "web-1", kind) for kind in ("replaced", "paused", "lost")] == [1, 0, 0]
    assert [bars(page, "dev-2", kind) for kind in ("replaced", "paused", "lost")] == [0, 4, 0]
    assert [bars(page, "worker-1", kind) for kind in ("replaced", "paused", "lost")] == [2, 0, 2]
    assert page.locator(".strip .failure").count() == 1
    expect(page.get_by_role("list", name="Nodes by status")).to_contain_text("1 degraded")

    page.get_by_role("button", name="Open all").click()
    for value in MARKUP.values():
        expect(page.get_by_text(value, exact=True).first).to_be_visible()
    assert violations(page) == []
    assert opened.requests == [page.url]
    assert opened.complaints == []


@pytest.mark.thorough
def test_what_cannot_be_read_fails_after_the_page_is_written(
    emulator: Emulator, network: Network, tmp_path: Path
) -> None:
    StagedFleet(emulator, network).describe("a", "spot")
    done = Playbooks(emulator, tmp_path).operate("report", "a,nobody")
    assert done.status != 0
    assert "nobody: table stateful-nodes has no node of this name" in done.output
    written = (tmp_path / "stateful_nodes.html").read_text()
    assert 'data-status="new"' in written
    assert 'data-status="failed"' in written
