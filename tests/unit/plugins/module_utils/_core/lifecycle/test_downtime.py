# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a node is without a running instance."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.downtime import (
    back_in_service,
    find_out_of_service_since,
    seconds_out_of_service,
)

from tests.support.builders import (
    NOW,
    make_identity,
    make_operation,
    make_record,
    paused,
    running,
    see_paused,
    see_running,
)


@pytest.mark.parametrize(
    ("record", "since"),
    [
        (make_record(), None),
        (paused(out_of_service_since=NOW - 500), NOW - 500),
        (replace(running(out_of_service_since=NOW - 9), operation=make_operation("replace")), NOW - 9),
        (replace(running(), operation=make_operation("resume")), NOW - 60),
        (replace(paused(), operation=make_operation("resume")), None),
        (running(), None),
    ],
    ids=["new", "paused", "terminated by us", "ended otherwise", "not known", "nobody looks"],
)
def test_since_when(record, since):
    assert find_out_of_service_since(record) == since


def test_the_next_instance_ends_it():
    before = make_identity(out_of_service_since=NOW - 74, seconds_out_of_service=5)
    after = back_in_service(before, NOW)
    assert (after.out_of_service_since, after.seconds_out_of_service) == (None, 74)
    assert back_in_service(after, NOW + 10) == after
    assert back_in_service(before, NOW - 80).seconds_out_of_service == 0, "a clock that went back"


@pytest.mark.parametrize(
    ("record", "observed", "seconds"),
    [
        (paused(out_of_service_since=NOW - 3600), see_paused(), 3600),
        (running(seconds_out_of_service=74), see_running(), 74),
        (running(), see_running(), None),
        (running(out_of_service_since=NOW - 3, seconds_out_of_service=74), see_running("shutting-down"), 3),
        (running(out_of_service_since=NOW - 3, seconds_out_of_service=74), see_running(), None),
    ],
    ids=["while paused", "before the present one", "the first one", "on its way out", "running, and nobody saw it"],
)
def test_seconds(record, observed, seconds):
    assert seconds_out_of_service(record.identity, observed, NOW) == seconds
