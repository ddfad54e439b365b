# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job as AWX runs it: ansible-runner transmits a private directory, a worker runs it, the answer is processed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from tests.emulator.environment import clean_environment

from .configuration import AWX, CHECKOUT, configuration

JOB_ID = 481
META = {
    "job_id": JOB_ID,
    "job_launch_type": "manual",
    "job_template_name": "Stateful nodes: replace",
    "user_name": "alice",
}
"""Some of the extra vars that AWX adds to those of each job, with the prefixes `awx_` and `tower_`."""

VERSION = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]
"""Of the project's playbooks, unless a runner has another one."""

SECONDS = 300
"""How long a job may take before it is held to hang."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text, style="'"))


def safe_dump(value: Any) -> str:
    """Write answers as AWX's `awx.main.utils.safe_yaml.safe_dump` does: each text is marked as one that is no template.

    https://github.com/ansible/awx/blob/24.6.1/awx/main/utils/safe_yaml.py
    """
    return yaml.dump(value, Dumper=_Dumper, default_flow_style=False)


@dataclass(frozen=True)
class Job:
    """A job that has ended: ansible-runner's status, and the events of its playbook."""

    status: str
    output: str
    events: list[dict[str, Any]]

    @property
    def changed(self) -> int:
        """How many tasks changed something."""
        (stats,) = (event["event_data"] for event in self.events if event["event"] == "playbook_on_stats")
        return sum(stats["changed"].values())


class Runner:
    """Runs templates' playbooks; `environment` is what AWX's credentials would inject."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        self.environment = environment
        self.version = VERSION
        self._jobs = 0
        own, programs = clean_environment(), str(Path(sys.executable).parent)
        self._own = {**own, "PATH": f"{programs}{os.pathsep}{own['PATH']}", "HOME": str(directory)}

    def launch(self, template: Mapping[str, Any], extra_vars: Mapping[str, Any], *options: str) -> Job:
        """Launch a job of a template."""
        self._jobs += 1
        job = self.directory / f"job-{self._jobs}"
        sent, worked, received = (job / name for name in ("sent", "worked", "received"))
        self._prepare(sent, extra_vars)
        for made in (worked, received):
            made.mkdir()
        more = {"cmdline": " ".join(options)} if options else {}
        transmitted, answered, printed = job / "transmitted", job / "answered", io.StringIO()
        with transmitted.open("wb") as output:
            settings = {"private_data_dir": str(sent), "playbook": template["playbook"], **more}
            ansible_runner.run(streamer="transmit", _output=output, **settings)
        answered.write_bytes(self._work(worked, transmitted.read_bytes()))
        with answered.open("rb") as given, contextlib.redirect_stdout(printed):
            ansible_runner.run(streamer="process", _input=given, private_data_dir=str(received))
        artifacts = received / "artifacts"
        events = [json.loads(path.read_text()) for path in artifacts.glob("job_events/*.json")]
        return Job((artifacts / "status").read_text(), printed.getvalue(), events)

    def _prepare(self, directory: Path, extra_vars: Mapping[str, Any]) -> None:
        project = directory / "project" / AWX.relative_to(CHECKOUT) / "playbooks"
        shutil.copytree(AWX / "playbooks", project)
        galaxy = (CHECKOUT / "galaxy.yml").read_text()
        of_version = re.sub(r"^version: .*$", f"version: {self.version}", galaxy, flags=re.MULTILINE)
        (directory / "project/galaxy.yml").write_text(of_version)
        settings = {"ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"), "ANSIBLE_NOCOLOR": "1"}
        (host,) = configuration()["controller_hosts"]
        meta = {f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in META.items()}
        self._write(directory / "env/extravars", {**meta, **extra_vars}, safe_dump)
        self._write(directory / "env/envvars", {**settings, **self.environment})
        self._write(directory / "inventory/hosts.yml", {"all": {"hosts": {host["name"]: host["variables"]}}})

    @staticmethod
    def _write(path: Path, value: Any, dump: Callable[[Any], str] = yaml.safe_dump) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(value))

    def _work(self, directory: Path, given: bytes) -> bytes:
        # In a process of its own, as on AWX's execution node: it knows nothing but what was transmitted.
        program = str(Path(sys.executable).with_name("ansible-runner"))
        command = [program, "worker", "--private-data-dir", str(directory)]
        done = subprocess.run(command, input=given, env=self._own, capture_output=True, timeout=SECONDS, check=False)
        assert done.stdout, done.stderr.decode()
        return done.stdout
