# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.browser.screenshot [FILE]`: docs/report.png, of a fleet in the embedded AWS."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.stateful_node.aws.plugins.filter.report_page import report_page

from tests.emulator.network import lay_out_network
from tests.emulator.process import CHECKOUT, Emulator

from .chromium import chromium
from .fleet import stage_fleet
from .page import Opened

TARGET = CHECKOUT / "docs" / "report.png"


def main() -> int:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    with Emulator() as emulator:
        fleet = stage_fleet(emulator, lay_out_network(emulator.client("ec2")))
        nodes = fleet.collection.run("info").values["nodes"]
        history = fleet.collection.run("history_info", since="30d").values
    take(target, nodes, history)
    print(f"{target} has {target.stat().st_size} bytes")
    return 0


def take(target: Path, nodes: list[dict[str, Any]], history: dict[str, Any]) -> None:
    """Write the screenshot: as much as a laptop's window shows."""
    target.parent.mkdir(exist_ok=True)
    with chromium() as browser, tempfile.TemporaryDirectory() as directory:
        page = Opened(browser, Path(directory))(report_page(nodes, history), viewport={"width": 1280, "height": 1080})
        page.locator("#nodes > thead").get_by_role("columnheader", name="Status").get_by_role("button").click()
        page.mouse.move(0, 0)
        page.screenshot(path=target, full_page=True)


if __name__ == "__main__":
    sys.exit(main())
