# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.emulator.conformance PROBE`: asks a probe script its questions and judges the answers.

The probe is a program that takes an endpoint, `--skip GROUPS` and `--out FILE`, and writes a verdict for each of its
ids. Ends with 1 when one of them deviates that is not known to.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from .process import Emulator

# Id to the reason why it deviates; README.md tells it at length.
KNOWN = {
    "EIP-02": "the quota of 5 Elastic IPs is off unless set",
    "EVT-03": "the probe's queue has no policy, and EventBridge delivers to none without (EVT-04)",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator.conformance", description=__doc__)
    parser.add_argument("probe", type=Path)
    parser.add_argument("--only", help="ids, with commas between them")
    options = parser.parse_args()
    with Emulator() as emulator, tempfile.TemporaryDirectory() as folder:
        results = ask(options.probe, emulator.endpoint, options.only, Path(folder) / "results.json")
    return judge(results)


def ask(probe: Path, endpoint: str, only: str | None, out: Path) -> list[dict[str, str]]:
    command = [sys.executable, str(probe), endpoint, "--skip", "bench", "--out", str(out)]
    subprocess.run(command + (["--only", only] if only else []), check=True, stdout=subprocess.DEVNULL)
    return json.loads(out.read_text())["results"]


def judge(results: list[dict[str, str]]) -> int:
    unexpected = [each for each in results if each["verdict"] not in ("MATCH", "INFO") and each["id"] not in KNOWN]
    for each in results:
        if each["verdict"] not in ("MATCH", "INFO"):
            reason = KNOWN.get(each["id"], "UNEXPECTED")
            print(f"{each['id']} {each['verdict']} ({reason}): {each['behaviour']}\n    {each['observed']}")
    print(dict(Counter(each["verdict"] for each in results)))
    if not results:
        print("the probe answered nothing")
    return 1 if unexpected or not results else 0


if __name__ == "__main__":
    sys.exit(main())
