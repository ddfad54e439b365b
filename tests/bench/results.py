# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results on disk: what is measured anew replaces what was, so that parts can be run by themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.emulator.process import CHECKOUT

from .samples import Samples

DIRECTORY = CHECKOUT / "docs" / "bench"
FILE = "results.json"


def read(directory: Path) -> Samples:
    """Read the results; none where there are none yet."""
    path = directory / FILE
    return Samples.from_json(json.loads(path.read_text())["samples"]) if path.exists() else Samples()


def write(directory: Path, samples: Samples) -> None:
    """Write the results, a sample a line."""
    directory.mkdir(parents=True, exist_ok=True)
    # In one go: whoever ends the bench by hand may do so now.
    written = directory / f"{FILE}.new"
    written.write_text("\n".join(_lines(samples)) + "\n")
    written.replace(directory / FILE)


def _lines(samples: Samples) -> Iterator[str]:
    yield '{"units": {"wall": "s", "cpu": "s", "peak_memory": "bytes of the largest process"}, "samples": ['
    listed = [json.dumps(sample) for sample in samples.to_json()]
    yield ",\n".join(listed)
    yield "]}"
