# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role report: where it writes, and who may read what it writes."""

from __future__ import annotations

import stat

import pytest

from tests.support.collection import Collection
from tests.support.playbooks import Playbooks

EVERYBODY = 0o666


def test_other_users_may_not_read_the_page(playbooks: Playbooks, collection: Collection) -> None:
    """Also where a page that everybody may read is replaced by it."""
    page = playbooks.directory / "page.html"
    page.touch()
    for given, expected in (({}, 0o640), ({"report_file_mode": "0600"}, 0o600)):
        page.chmod(EVERYBODY)
        done = playbooks.run("stateful_node.aws.report", report_file=str(page), **given)
        assert done.status == 0, done.output
        assert stat.S_IMODE(page.stat().st_mode) == expected


@pytest.mark.parametrize("mode", ["416", "u=rw", "0999"])
def test_a_mode_that_could_be_misread_is_refused(playbooks: Playbooks, collection: Collection, mode: str) -> None:
    """416 is what YAML makes of an unquoted 0640: as octal digits it would be another mode."""
    page = playbooks.directory / "page.html"
    done = playbooks.run("stateful_node.aws.report", report_file=str(page), report_file_mode=mode)
    assert done.status != 0
    assert f"report_file_mode '{mode}' is not a quoted text of four octal digits" in done.output
    assert not page.exists()


@pytest.mark.parametrize("file", ["missing/page.html", "."])
def test_a_path_that_is_not_a_file_in_a_directory_is_refused(
    playbooks: Playbooks, collection: Collection, file: str
) -> None:
    done = playbooks.run("stateful_node.aws.report", report_file=file)
    assert done.status != 0
    assert f"report_file '{file}' is not the path of a file in an existing directory." in done.output
