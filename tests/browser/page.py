# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page in the browser, and what it did there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

PATIENCE = 120_000
"""Milliseconds that a slow machine is given; whatever is waited for ends the wait."""

expect.set_options(timeout=PATIENCE)


class Opened:
    """Opens pages from files.

    `requests` are what they asked for, `refused` those of them that their policy kept from being sent, and
    `complaints` what the console and dialogs said.
    """

    def __init__(self, browser: Browser, directory: Path) -> None:
        self._browser, self._directory = browser, directory
        self._contexts: list[BrowserContext] = []
        self.requests: list[str] = []
        self.refused: list[str] = []
        self.complaints: list[str] = []

    def __call__(self, html: str | Path, **context: Any) -> Page:
        """Open a page, in a browser that is as the context says."""
        path = html if isinstance(html, Path) else self._directory / "page.html"
        if isinstance(html, str):
            path.write_text(html, encoding="utf-8")
        opened = self._browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
        opened.set_default_timeout(PATIENCE)
        self._contexts.append(opened)
        page = opened.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.refused.append(request.url) if request.failure == "csp" else None)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def names(page: Page) -> list[str]:
    """List the nodes that are shown, in their order."""
    return page.eval_on_selector_all(
        "#nodes > tbody:not([hidden]) > tr:first-child > th", "cells => cells.map(cell => cell.firstChild.textContent)"
    )


def violations(page: Page) -> list[str]:
    """Have axe look at the page, by all of its rules."""
    found = Axe().run(page).response["violations"]
    return [f"{item['id']}: {node['html'][:200]}" for item in found for node in item["nodes"]]
