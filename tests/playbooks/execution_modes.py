# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One play, in the controller's process and as modules: what each task of it returned."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.support.playbooks import Playbooks, Run

WAYS = ("true", "false")
"""stateful_node_in_process, as extra vars give it."""

ANSIBALLZ = re.compile(r" PUT \S+ TO \S+/AnsiballZ_(stateful_node_\w+)\.py$", re.MULTILINE)
"""A module that is made ready to run in a process of its own, at -vvv."""

_IDS = re.compile(r"\b(?:([a-z]+(?:-[a-z]+)?)-[0-9a-f]{8,17}|[0-9a-f]{32}|[0-9a-f]{64}|check-\w+-\w+)\b")
_CHANGING = (
    "attachment_id", "expires_at", "launch_time", "owner", "seconds_out_of_service", "seconds_since_launch", "since",
    "started_at", "timings",
)  # fmt: skip
_OTHERS = re.compile(r"\b54(?:\.\d+){3}\b|\S+@\S+/\d+|\b\d{4}-\d\d-\d\dT[\d:]+")
"""Addresses that EC2 lends, owners, and times."""

PLAY = """
- hosts: {hosts}
  gather_facts: false
  connection: local
  ignore_errors: true
  module_defaults:
    group/stateful_node.aws.aws:
      {defaults}
  tasks:
{tasks}
"""


def write_play(directory: Path, tasks: str, *, hosts: str = "localhost", defaults: str = "region: us-east-1") -> str:
    """Write a play of those tasks, given as a YAML list without indentation."""
    indented = "\n".join(f"    {line}" for line in tasks.strip().splitlines())
    path = directory / "ways.yml"
    path.write_text(PLAY.format(hosts=hosts, defaults=defaults, tasks=indented))
    return str(path)


def results(run: Run) -> list[tuple[str, str, dict[str, Any]]]:
    """Give the task, host and result of each task of a run with the callback ansible.posix.json."""
    start = re.search(r"^\{$", run.output, re.MULTILINE)
    assert start, run.output
    report, _end = json.JSONDecoder().raw_decode(run.output[start.start() :])
    return [
        (task["task"]["name"], host, result)
        for play in report["plays"]
        for task in play["tasks"]
        for host, result in task["hosts"].items()
    ]


def run_play(playbooks: Playbooks, play: str, *options: str, **extra: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Run a play and give its results."""
    environment = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    return results(playbooks.run(play, *options, environment=environment, **extra))


def without_ids_and_times(value: Any) -> Any:
    """Replace what differs between two runs of the same thing, and leave out what is not the collection's."""
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key != "deprecations" or _own(item)}
        return {
            key: sorted(item)
            if key == "timings"
            else "..."
            if key in _CHANGING and item is not None
            else without_ids_and_times(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_ids_and_times(item) for item in value]
    if isinstance(value, str):
        return _OTHERS.sub("...", _IDS.sub(lambda found: f"{found[1] or 'id'}-...", value))
    return value


def _own(deprecations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # On ansible-core 2.21 amazon.aws 10 imports what is deprecated, once a process.
    return [item for item in deprecations if "ansible.module_utils._text" not in item["msg"]]


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Name each leaf by its path, so that a difference says where it is."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    leaves = {} if items else {path: value if isinstance(value, str | int | float | None) else repr(value)}
    for key, item in items:
        leaves |= flat(item, f"{path}/{key}")
    return leaves
