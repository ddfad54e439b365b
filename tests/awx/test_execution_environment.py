# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""meta/execution-environment.yml: ansible-builder takes it, as a definition and as the collection's part of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .configuration import CHECKOUT

META = CHECKOUT / "meta"


def builder(*arguments: str, directory: Path) -> str:
    program = Path(sys.executable).with_name("ansible-builder")
    done = subprocess.run([program, *arguments], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_definition_makes_a_build_context_with_the_requirements(tmp_path: Path) -> None:
    builder("create", "-f", str(META / "execution-environment.yml"), "-c", "context", directory=tmp_path)
    made = tmp_path / "context/_build"
    assert (made / "requirements.txt").read_text() == (META / "requirements.txt").read_text()
    assert "stateful_node.aws" in (made / "requirements.yml").read_text()


def test_the_collection_says_what_it_needs(tmp_path: Path) -> None:
    collection = tmp_path / "ansible_collections/stateful_node/aws"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(CHECKOUT)
    told = builder("introspect", str(tmp_path), directory=tmp_path)
    assert "boto3>=1.34.0  # from collection stateful_node.aws" in told


def test_both_find_the_same_requirements() -> None:
    assert (CHECKOUT / "requirements.txt").read_text() == (META / "requirements.txt").read_text()
