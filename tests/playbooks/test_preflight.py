# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node that could not be launched again is not drained, and not terminated."""

from __future__ import annotations

from pathlib import Path

from tests.emulator.process import Emulator
from tests.support.collection import Collection
from tests.support.playbooks import Playbooks

from .test_lifecycle import instances

DRAIN = """
- name: Drain
  ansible.builtin.copy:
    content: drained
    dest: "{{ playbook_dir }}/drained"
    mode: "0600"
"""
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: stateful_node.aws.replace
      vars:
        replace_nodes: "a"
        replace_before: drain.yml
"""


def test_a_node_that_could_not_be_launched_is_refused_before_the_drain(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, tmp_path: Path
) -> None:
    collection.operate("resume", ["a"])
    old = instances(collection)
    collection.run("config", name="a", launch={"image_id": "ami-00000000000000bad"})
    (tmp_path / "drain.yml").write_text(DRAIN)
    (tmp_path / "roll.yml").write_text(PLAY)
    emulator.clear_calls()

    done = playbooks.run(str(tmp_path / "roll.yml"))

    assert done.status != 0
    assert "a: launch.image_id 'ami-00000000000000bad' does not exist in us-east-1" in done.output
    assert "Nothing was terminated." in done.output
    assert f"instance {old['a']}" in done.output
    assert not (tmp_path / "drained").exists()
    assert emulator.calls(mutating=True, service="ec2") == []
    assert instances(collection) == old
