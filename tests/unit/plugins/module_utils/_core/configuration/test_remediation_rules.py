# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for what a node is told to do about events, with the words that their messages must have."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.validation import check_config

from tests.support.configurations import FACTS, config, expect, refusal


def test_what_cannot_be_done_about_a_recommendation_is_refused():
    expect(refusal(config(rebalance="panic")), "InvalidChoice", "rebalance 'panic'", "ignore, replace")


def test_seconds_below_zero_are_refused():
    expect(refusal(config(unhealthy_after=-1)), "InvalidNumber", "unhealthy_after '-1'", "0 or more")


@pytest.mark.parametrize(
    "configured", [config(rebalance="replace", auto_heal=True, unhealthy_after=0), config(unhealthy_after=86_400)]
)
def test_the_edges_are_accepted(configured):
    check_config("db-1", None, configured, FACTS)
