# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Galaxy takes the tarball: its own importer, without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ansible_galaxy

IMPORTER = Path(sys.prefix, "galaxy", "bin", "python")
SETTINGS = """\
[galaxy-importer]
check_required_tags = true
require_v1_or_greater = true
"""


@pytest.mark.thorough
def test_galaxys_importer_finds_nothing_to_say(tarball: Path, collections: Path, tmp_path: Path) -> None:
    """With one of the tags that Automation Hub requires, documentation that loads, and ansible-lint."""
    (tmp_path / "importer.cfg").write_text(SETTINGS)
    # The playbooks of extensions/awx import those of the collection, which have to be found by their names.
    ansible_galaxy("install", "--offline", "--no-deps", str(tarball), ANSIBLE_COLLECTIONS_PATH=str(collections))
    done = subprocess.run(
        [str(IMPORTER), "-m", "galaxy_importer.main", str(tarball)],
        cwd=tmp_path,
        env={
            "PATH": f"{IMPORTER.parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "GALAXY_IMPORTER_CONFIG": str(tmp_path / "importer.cfg"),
            "PYTHONPATH": str(collections),  # it sets the collections path itself
        },
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "Importer processing completed successfully" in said
    assert [line for line in said.splitlines() if line.startswith(("WARNING", "ERROR"))] == []
