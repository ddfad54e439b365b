# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a phase takes still: EC2's bucket until the launches are measured, then what was measured."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.phase_eta import (
    Pace,
    seconds_left,
    wording,
)

LAUNCHING = Pace(phase="launch", queued=35, accepted=65, reached=62, elapsed=30.0, newest=1.0, typical=8.0)


@pytest.mark.parametrize(
    ("pace", "seconds"),
    [
        # 60 launches after the burst of five took 30 seconds: two a second.
        (LAUNCHING, 35 / 2 + 8),
        # An account of which others have half, or of a larger bucket.
        (replace(LAUNCHING, elapsed=60.0), 35 + 8),
        (replace(LAUNCHING, elapsed=10.0), 35 / 6 + 8),
        # Too early to tell more than that it is slower than the bucket, which it never is.
        (replace(LAUNCHING, queued=96, accepted=4, elapsed=1.0, reached=1), (96 - 1) / 2 + 8),
        (replace(LAUNCHING, queued=90, accepted=10, elapsed=20.0), 90 / 0.5 + 8),
        (replace(LAUNCHING, queued=3, accepted=0, reached=0, elapsed=0.0), 8.0),
        # Nothing was measured.
        (replace(LAUNCHING, typical=None), None),
        # Nobody queues: the newest needs what the others took.
        (replace(LAUNCHING, queued=0), 7.0),
        (replace(LAUNCHING, queued=0, newest=20.0), 0.0),
        # Nothing is left.
        (replace(LAUNCHING, queued=0, newest=None), None),
        # One call terminates many.
        (replace(LAUNCHING, phase="terminate", queued=100, accepted=0), 8.0),
        # Quick phases: as quick as so far.
        (Pace(phase="interface", queued=30, accepted=10, reached=10, elapsed=5.0), 15.0),
        (Pace(phase="interface", queued=30, accepted=0, reached=0, elapsed=5.0), None),
        # A call that was refused may be refused for as long as a wait lasts.
        (Pace(phase="elastic_ip", queued=5, accepted=4, reached=3, elapsed=5.0, retrying=1), None),
    ],
)
def test_seconds_left(pace: Pace, seconds: float | None) -> None:
    assert seconds_left(pace) == (seconds if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 s"), (0.2, "1 s"), (6.1, "7 s"), (11, "15 s"), (40, "40 s"), (118, "120 s"), (130, "3 min")],
)
def test_wording(seconds: float, words: str) -> None:
    assert wording(seconds) == words
