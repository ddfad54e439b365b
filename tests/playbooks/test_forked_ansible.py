# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook in a forked child does, prints and returns what the program does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.collection import Collection
from tests.support.forked_ansible import ForkedAnsible
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks, Run

SURROUNDINGS = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.command: pwd
      register: directory
    - ansible.builtin.debug:
        msg:
          - "{{ directory.stdout }}"
          - "{{ lookup('env', 'HOME') }}"
          - "{{ lookup('env', 'AWS_SDK_UA_APP_ID') }}"
          - "{{ lookup('env', 'AWS_CONFIG_FILE') }}"
          - "{{ lookup('env', 'PYTHONPATH') }}"
          - "{{ given }}"
"""
ENVIRONMENT = {"AWS_SDK_UA_APP_ID": "of-this-run", "AWS_CONFIG_FILE": None}
"""A variable that only this run has, and one that it does not have."""


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    path = tmp_path / "surroundings.yml"
    path.write_text(SURROUNDINGS)
    return path


def program(playbooks: Playbooks, playbook: str, *options: str, **extra: str) -> Run:
    process = playbooks.start(playbook, *options, environment=ENVIRONMENT, **extra)
    output, _nothing = process.communicate(timeout=120)
    return Run(process.returncode, output)


def forked(playbooks: Playbooks, playbook: str, *options: str, **extra: str) -> Run:
    return playbooks.run(playbook, *options, environment=ENVIRONMENT, **extra)


@pytest.mark.parametrize(
    ("options", "extra"),
    first_stands_for_all(
        [
            ((), {}),
            ((), {"given": "a value"}),
            (("--no-such-option",), {}),
            (("--syntax-check",), {}),
            (("--limit", "elsewhere"), {"given": "x"}),
        ]
    ),
    ids=["failed task", "success", "usage", "syntax check", "no hosts"],
)
def test_it_prints_and_returns_what_the_program_does(
    playbooks: Playbooks, playbook: Path, options: tuple[str, ...], extra: dict[str, str]
) -> None:
    expected = program(playbooks, playbook.name, *options, **extra)
    assert forked(playbooks, playbook.name, *options, **extra) == expected


def test_it_reads_the_collections_playbooks(playbooks: Playbooks, collection: Collection) -> None:
    expected = program(playbooks, "stateful_node.aws.status")
    assert expected.status == 0, expected.output
    assert forked(playbooks, "stateful_node.aws.status") == expected


@pytest.mark.thorough
def test_one_run_leaves_nothing_to_the_next(playbooks: Playbooks, playbook: Path) -> None:
    first = forked(playbooks, str(playbook), "-vvvv", given="x")
    assert "of-this-run" in first.output
    second = playbooks.run(str(playbook), given="x")
    assert second.status == 0
    assert "of-this-run" not in second.output
    assert "Using module file" not in second.output


def test_temporary_directories_are_removed(playbooks: Playbooks, playbook: Path, tmp_path: Path) -> None:
    server = ForkedAnsible(playbooks.environment)
    try:
        for _time in range(2):
            status, output = server.run(
                [str(playbook), "-e", "given=x"], directory=tmp_path, environment=playbooks.environment, seconds=60
            )
            assert status == 0, output
        assert len(_local_directories(server)) == 1, "that of the process which imported Ansible"
    finally:
        server.stop()


def _local_directories(server: ForkedAnsible) -> list[Path]:
    return list(server.home.glob(".ansible/tmp/ansible-local-*"))


@pytest.mark.thorough
def test_a_run_that_hangs_is_ended(playbooks: Playbooks, tmp_path: Path) -> None:
    play = tmp_path / "hangs.yml"
    play.write_text("- hosts: localhost\n  gather_facts: false\n  tasks: [{ansible.builtin.command: sleep 60}]\n")
    server = ForkedAnsible(playbooks.environment)
    try:
        with pytest.raises(TimeoutError, match="has run for 3 seconds"):
            server.run([str(play)], directory=tmp_path, environment=playbooks.environment, seconds=3)
    finally:
        server.stop()


@pytest.mark.parametrize("name", first_stands_for_all(["ANSIBLE_STDOUT_CALLBACK", "PYTHONPATH", "COLUMNS"]))
def test_what_is_read_at_the_start_is_given_to_the_program(
    playbooks: Playbooks, playbook: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(ForkedAnsible, "run", _not_forked)
    value = "minimal" if name.startswith("ANSIBLE") else "100"
    assert playbooks.run(str(playbook), environment={name: value}, given="x").status == 0


@pytest.mark.thorough
def test_a_configuration_file_is_given_to_the_program(
    playbooks: Playbooks, playbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ForkedAnsible, "run", _not_forked)
    (tmp_path / "ansible.cfg").write_text("[defaults]\nstdout_callback = minimal\n")
    assert "PLAY [" not in playbooks.run(str(playbook), given="x").output


def _not_forked(*_arguments: object, **_named: object) -> None:
    raise AssertionError("it was forked")
