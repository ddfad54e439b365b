# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.faults`: run the sweep, print how many schedules of each kind were run and violated."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

from .scenarios import SCENARIOS
from .schedules import FAULTS, KILLS
from .sweep import ScheduleOutcome, sweep


def main() -> int:
    """Run every schedule, or each `--every`-th one; exit with 1 when one is violated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="run each n-th schedule only")
    parser.add_argument(
        "--only", default="", help="run the schedules whose name contains this, 'SCENARIO: ACTION #CALL KIND'"
    )
    # One more than processors, since each waits now and then for what its emulator does not do at once.
    jobs = min((os.cpu_count() or 1) + 1, 8)
    parser.add_argument("--jobs", type=int, default=jobs, help="how many run at the same time, each with its emulator")
    options = parser.parse_args()
    began, outcomes = time.monotonic(), []
    for schedule, problems in sweep(every=options.every, only=options.only, jobs=options.jobs):
        outcomes.append((schedule, problems))
        if problems:
            print(f"VIOLATED {schedule}: {'; '.join(problems)}", flush=True)
        if len(outcomes) % 200 == 0:
            print(f"{len(outcomes)} schedules run, {time.monotonic() - began:.0f} seconds", flush=True)
    print_table(outcomes)
    print(f"{time.monotonic() - began:.0f} seconds")
    return 1 if any(problems for _schedule, problems in outcomes) or not outcomes else 0


def print_table(outcomes: Sequence[ScheduleOutcome]) -> None:
    """Print operation by kind of fault: schedules run, and in brackets violated."""
    run = Counter((schedule.scenario.name, schedule.kind) for schedule, _problems in outcomes)
    violated = Counter((schedule.scenario.name, schedule.kind) for schedule, problems in outcomes if problems)
    kinds = (*FAULTS, *KILLS)
    print(f"{'schedules run (violated)':24}" + "".join(f"{kind:>13}" for kind in kinds))
    for scenario in SCENARIOS:
        cells = [f"{run[scenario.name, kind]} ({violated[scenario.name, kind]})" for kind in kinds]
        print(f"{scenario.name:24}" + "".join(f"{cell:>13}" for cell in cells))
    print(f"{run.total()} schedules run, {violated.total()} violated")
    print("A read has no effect: lost_before is lost there, 500_after 500, a kill one right after the write before it.")


if __name__ == "__main__":
    sys.exit(main())
