# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's tarball, built once, and a directory that holds nothing but what it depends on."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
INSTALLED = Path(sysconfig.get_path("purelib"), "ansible_collections")


def ansible_galaxy(*arguments: str, **environment: str) -> str:
    """Run ansible-galaxy where it sees no collections but those of `ANSIBLE_COLLECTIONS_PATH`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-galaxy")), "collection", *arguments],
        cwd=CHECKOUT,
        env={**own, "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false", "ANSIBLE_NOCOLOR": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tarball")
    ansible_galaxy("build", "--output-path", str(place))
    (built,) = place.glob("stateful_node-aws-*.tar.gz")
    return built


@pytest.fixture
def collections(tmp_path: Path) -> Path:
    """A collections path with what is named by playbooks, examples and `extensions/`, and without the checkout."""
    for collection in ("amazon/aws", "awx/awx", "community/aws"):
        place = tmp_path / "collections/ansible_collections" / collection
        place.parent.mkdir(parents=True)
        place.symlink_to(INSTALLED / collection)
    return tmp_path / "collections"
