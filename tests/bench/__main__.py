# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make bench`: measure, print, write docs/bench, and exit with 1 when a bar is missed or a step has failed."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from tests.support.fleet import Conditions

from . import results
from .bars import judge
from .catalogue import SYSTEMS
from .plot import draw
from .samples import Samples
from .schedule import measure_all, schedule
from .systems import STEPS
from .table import table

SIZES = (1, 10, 100, 1000)
REPEATS, AT_ONCE = 3, 4


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--systems", type=_one_of(SYSTEMS), default=tuple(SYSTEMS), help=",".join(SYSTEMS))
    parser.add_argument("--sizes", type=_numbers, default=SIZES, help="numbers of nodes: 1,10,100,1000")
    parser.add_argument("--steps", type=_one_of(STEPS), default=STEPS, help=", ".join(STEPS))
    parser.add_argument("--repeats", type=int, default=REPEATS, help="of which the medians are shown")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="fleets of up to 10 nodes that live side by side")
    parser.add_argument("--speed", type=float, default=1.0, help="4: EC2 is four times as fast, what we add is not")
    parser.add_argument("--out", type=Path, default=results.DIRECTORY, help="what is there already is added to")
    return parser.parse_args()


def _one_of(known: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    """Make a type that reads names separated by commas, each of which must be known."""

    def read(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: must be among {', '.join(known)}")
        return names

    return read


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def main() -> int:
    options = arguments()
    before, measured = results.read(options.out), Samples()
    lives = schedule([SYSTEMS[name] for name in options.systems], options.sizes, options.steps, options.repeats)
    for sample in measure_all(lives, Conditions(speed=options.speed), options.at_once):
        print(f"{sample.system}: {sample.step} of {sample.nodes}: {sample.wall:.1f} s", flush=True)
        measured.add(sample)
        # At once: whoever ends this keeps what was measured until then.
        before.replace(measured)
        results.write(options.out, before)
    return report(options, before)


def report(options: argparse.Namespace, samples: Samples) -> int:
    """Draw and print the figures; return the exit status."""
    verdicts = judge(samples, options.speed)
    draw(options.out, samples)
    print(*table(samples, verdicts), sep="\n")
    failed = any(sample.failed for sample in samples.medians())
    return 1 if failed or any(verdict.is_missed for verdict in verdicts) else 0


if __name__ == "__main__":
    # As by Ctrl-C: what was started is ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main())
