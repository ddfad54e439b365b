# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chromium, as Debian packages it, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

MISSING = "The browser tests need Chromium, and there is none on PATH. On Debian and as root: apt-get install chromium"


class ChromiumMissing(Exception):
    """There is no Chromium."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium. Raises ChromiumMissing."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise ChromiumMissing(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        try:
            yield browser
        finally:
            browser.close()
