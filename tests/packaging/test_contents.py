# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball holds what users need and nothing else."""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath

import pytest

from .conftest import CHECKOUT

SHIPPED = {
    "COPYING", "LICENSES", "README.md", "CHANGELOG.rst", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "REUSE.toml",
    "SECURITY.md",
    "MANIFEST.json", "FILES.json", "requirements.txt",
    "changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles",
}  # fmt: skip
SUFFIXES = {
    ".py", ".yml", ".yaml", ".md", ".rst", ".txt", ".json", ".toml", ".svg", ".png", ".j2", ".css", ".js", ".service",
    ".timer",
}  # fmt: skip
WITHOUT_SUFFIX = {"COPYING"}


@pytest.fixture(scope="module")
def files(tarball: Path) -> set[PurePosixPath]:
    with tarfile.open(tarball) as archive:
        return {PurePosixPath(member.name) for member in archive if member.isfile()}


def test_it_holds_nothing_else_at_its_top(files: set[PurePosixPath]) -> None:
    assert {file.parts[0] for file in files} <= SHIPPED


def test_it_holds_no_molecule_no_tests_and_nothing_compiled(files: set[PurePosixPath]) -> None:
    unwanted = {"molecule", "tests", "__pycache__", "demo", "fragments", "_build"}
    assert [str(file) for file in files if unwanted & set(file.parts)] == []
    assert [str(file) for file in files if file.suffix not in SUFFIXES and file.name not in WITHOUT_SUFFIX] == []


@pytest.mark.parametrize("part", ["plugins", "roles", "playbooks", "meta", "LICENSES", "docs", "extensions"])
def test_it_holds_all_that_the_checkout_has_of_it(files: set[PurePosixPath], part: str) -> None:
    found = (file.relative_to(CHECKOUT) for file in (CHECKOUT / part).rglob("*") if file.is_file())
    left_out = {"__pycache__", "molecule", "_build", ".ansible", ".cache"}
    wanted = {PurePosixPath(file) for file in found if not left_out & set(file.parts)}
    assert wanted - files == set()


def test_its_release_notes_are_those_of_its_version(tarball: Path) -> None:
    version = tarball.name.removeprefix("stateful_node-aws-").removesuffix(".tar.gz")
    with tarfile.open(tarball) as archive:
        notes = archive.extractfile("CHANGELOG.rst")
        assert notes is not None
        assert f"v{version}\n" in notes.read().decode()
