# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook, and the nodes that it ends with."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.emulator.environment import clean_environment

CHECKOUT = Path(__file__).resolve().parents[1]
Node = dict[str, Any]


class PlaybookFailed(Exception):
    """ansible-playbook ended with an error."""


class Playbooks:
    """Runs playbooks against one endpoint, whatever the user's own settings of Ansible and AWS."""

    def __init__(self, endpoint: Mapping[str, str]) -> None:
        self._environment = {**clean_environment(), **_SETTINGS, **endpoint}

    def run(self, title: str, *arguments: str) -> list[Node]:
        print(f"\n{title}\n$ ansible-playbook {shlex.join(arguments)}", flush=True)
        done = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), *arguments],
            cwd=CHECKOUT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PlaybookFailed("\n".join(_errors(done.stdout)) or done.stdout + done.stderr)
        return _last_nodes(json.loads(done.stdout))


_SETTINGS = {
    "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"),
    "ANSIBLE_CONFIG": str(CHECKOUT / "demo/ansible.cfg"),
}


def _results(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [host for play in report["plays"] for task in play["tasks"] for host in task["hosts"].values()]


def _last_nodes(report: dict[str, Any]) -> list[Node]:
    facts = [fact for result in _results(report) for fact in (result.get("ansible_facts") or {}).values()]
    lists = [fact["nodes"] for fact in facts if isinstance(fact, dict) and "nodes" in fact]
    return lists[-1] if lists else []


def _errors(output: str) -> list[str]:
    try:
        results = _results(json.loads(output))
    except ValueError:
        return []
    return [str(result.get("msg")) for result in results if result.get("failed") or result.get("unreachable")]
