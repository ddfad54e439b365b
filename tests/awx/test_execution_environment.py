# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images: ansible-builder takes their definitions, with the collection's part of others, and all is pinned."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .configuration import CHECKOUT

VERSION = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]
TARBALL = f"stateful_node-aws-{VERSION}.tar.gz"
DEFINITIONS = (
    CHECKOUT / "extensions/awx/execution-environment.yml",
    CHECKOUT / "extensions/eda/decision-environment.yml",
)
EXECUTION, DECISION = DEFINITIONS


def builder(*arguments: str, directory: Path) -> str:
    program = Path(sys.executable).with_name("ansible-builder")
    done = subprocess.run([program, *arguments], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def read(definition: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(definition.read_text())
    return content


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda path: path.stem)
def test_the_definition_makes_a_build_context_with_this_collection(definition: Path, tmp_path: Path) -> None:
    shutil.copy(definition, tmp_path)
    (tmp_path / TARBALL).touch()
    said = builder("create", "-f", definition.name, "-c", "context", directory=tmp_path)
    assert "outdated" not in said
    made = tmp_path / "context"
    assert TARBALL in (made / "_build/requirements.yml").read_text()
    container_file = next(path for name in ("Containerfile", "Dockerfile") if (path := made / name).exists())
    assert f"/build/{TARBALL}" in container_file.read_text()


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda path: path.stem)
def test_every_version_is_pinned(definition: Path) -> None:
    wanted = read(definition)["dependencies"]
    packages = [*wanted["python"], wanted["ansible_core"]["package_pip"], wanted["ansible_runner"]["package_pip"]]
    assert [package for package in packages if "==" not in package] == []
    collections = wanted["galaxy"]["collections"]
    assert [item["name"] for item in collections if "version" not in item] == [TARBALL]


def test_the_jobs_run_on_what_the_tests_run_on() -> None:
    wanted = read(EXECUTION)["dependencies"]
    packages = [*wanted["python"], wanted["ansible_core"]["package_pip"], wanted["ansible_runner"]["package_pip"]]
    for package in packages:
        name, _, version = package.partition("==")
        assert importlib.metadata.version(name) == version


def test_the_rulebook_runs_on_what_the_tests_run_on() -> None:
    pinned = (CHECKOUT / "requirements/eda.txt").read_text()
    for package in read(DECISION)["dependencies"]["python"]:
        assert re.search(rf"^{re.escape(package)}\b", pinned, re.MULTILINE), package


def test_the_collection_says_what_it_needs(tmp_path: Path) -> None:
    collection = tmp_path / "ansible_collections/stateful_node/aws"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(CHECKOUT)
    told = builder("introspect", str(tmp_path), directory=tmp_path)
    assert "boto3>=1.34.0  # from collection stateful_node.aws" in told


def test_both_find_the_same_requirements() -> None:
    assert (CHECKOUT / "requirements.txt").read_text() == (CHECKOUT / "meta/requirements.txt").read_text()
