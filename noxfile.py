# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make matrix`: sanity and the modules' tests on every ansible-core that the collection promises, one after the other.

A cell is a virtual environment of one Python and one ansible-core, with the amazon.aws that `make setup` installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nox

CELLS = {
    "2.17": ("3.10", "2.17.14"),
    "2.18": ("3.11", "2.18.19"),
    "2.19": ("3.11", "2.19.14"),
    "2.20": ("3.12", "2.20.10"),
    "2.21": ("3.13", "2.21.5"),
}
"""For each ansible-core the Python of its controller, and its newest patch level that was tried."""

TESTS = (
    "tests/unit",
    "tests/functional",
    "--ignore=tests/unit/scripts",  # they do not know Ansible
    "tests/playbooks/test_lifecycle.py",
    "tests/playbooks/test_in_process.py",
)
CHECKOUT = Path(__file__).resolve().parent
COLLECTIONS = ("amazon/aws", "ansible/posix", "community/aws")
"""What playbooks, examples and tests take from others; the same in every cell."""

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.stop_on_first_error = False


def find_interpreter(version: str) -> str:
    """Find a Python that really starts: a shim of pyenv is on PATH whether or not it is allowed to run."""
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [shutil.which(f"python{version}"), *installed.glob(f"{version}.*/bin/python{version}")]
    for path in filter(None, candidates):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return str(path)
    return f"python{version}"  # nox then says that it is missing, which is an error


@nox.session
@nox.parametrize(
    ("python", "core"), [nox.param(find_interpreter(python), core, id=cell) for cell, (python, core) in CELLS.items()]
)
def cell(session: nox.Session, core: str) -> None:
    """Run sanity and the tests on one ansible-core."""
    session.install(
        "--constraint", "requirements/matrix-constraints.txt", "--requirement", "requirements/matrix.txt",
        f"ansible-core=={core}",
    )  # fmt: skip
    link_collections(session)
    environment = {"VENV": session.virtualenv.location, "PYTHONDONTWRITEBYTECODE": None}
    session.run("ansible", "--version", env=environment)
    try:
        session.run("pytest", "--numprocesses=2", *(session.posargs or TESTS), env=environment)
    finally:  # a cell takes minutes: what either finds is worth knowing
        session.run("scripts/sanity", external=True, env=environment)


def link_collections(session: nox.Session) -> None:
    """Show the cell the checkout, and what is not tested by it: others' collections and the second DynamoDB."""
    (installed,) = CHECKOUT.glob(".venv/lib/python3.*/site-packages/ansible_collections")
    (site,) = Path(session.virtualenv.location).glob("lib/python3.*/site-packages")
    for collection in COLLECTIONS:
        link(site / "ansible_collections" / collection, installed / collection)
    link(site / "ansible_collections/stateful_node/aws", CHECKOUT)
    link(Path(session.virtualenv.location, "ministack"), CHECKOUT / ".venv/ministack")


def link(place: Path, target: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(target)
