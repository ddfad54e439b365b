# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README is short, its links lead somewhere, and it is the landing page of the site."""

from __future__ import annotations

import re

import pytest

from .blocks import CHECKOUT, GUIDES

README = (CHECKOUT / "README.md").read_text()
INDEX = (CHECKOUT / "docs/index.md").read_text()
IN_THE_REPOSITORY = re.compile(
    r"https://(?:github|raw\.githubusercontent)\.com/[^/\s]+/[^/\s]+/(?:blob/|tree/)?main/([^)\s]+)"
)
DEFINITION = re.compile(r"^\[([^]]+)\]: (\S+)$", re.MULTILINE)
ROLES = sorted(file.parents[1].name for file in CHECKOUT.glob("roles/*/tasks/main.yml"))


def test_it_has_at_most_100_lines() -> None:
    assert len(README.splitlines()) <= 100


@pytest.mark.parametrize("path", sorted(set(IN_THE_REPOSITORY.findall(README))))
def test_its_links_lead_somewhere(path: str) -> None:
    assert (CHECKOUT / path).exists()


def test_the_landing_page_has_a_place_of_its_own_for_each_link() -> None:
    assert dict(DEFINITION.findall(INDEX)).keys() == dict(DEFINITION.findall(README)).keys()


@pytest.mark.parametrize("role", ROLES)
def test_its_table_has_each_playbook_with_a_command(role: str) -> None:
    assert re.search(
        rf"^\| `{role}` \|.*\| `ansible-playbook stateful_node\.aws\.{role}\b[^`]*` \|$", README, re.MULTILINE
    )


@pytest.mark.parametrize("guide", [guide.stem for guide in GUIDES])
def test_the_site_lists_each_guide(guide: str) -> None:
    assert f"\nguides/{guide}\n" in INDEX
