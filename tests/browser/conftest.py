# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Chromium for the tests of a module, and the pages that they look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .chromium import ChromiumMissing, chromium
from .page import Opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A test that has no browser has failed: it is not skipped.

    Playwright keeps an event loop running for as long as it is there, and no module of the collection runs meanwhile.
    """
    try:
        with chromium() as started:
            yield started
    except ChromiumMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Open pages, and see that none of them asked for anything or complained."""
    pages = Opened(browser, tmp_path)
    yield pages
    pages.close()
