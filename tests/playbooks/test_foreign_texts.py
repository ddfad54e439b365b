# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that others write, through real playbooks: in the results of modules and as the answers of a survey."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest

from tests.emulator.network import Network
from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection
from tests.support.parameters import first_stands_for_all
from tests.support.playbooks import Playbooks, Run

from .execution_modes import WAYS, run_play, write_play

RAN = "ran"
"""The file that a text creates when it is evaluated."""

NODES = ("a", "b")

ANSWERS: dict[str, tuple[str, ...]] = {
    "adopt": ("stateful_nodes", "adopt_instance_id", "adopt_config"),
    "delete": ("stateful_nodes", "delete_instance", "delete_confirm"),
    "orphans": ("orphans_delete",),
    "pause": ("stateful_nodes", "stateful_node_wait_timeout"),
    "repair": ("stateful_nodes", "repair_rebuild", "repair_confirm"),
    "replace": ("stateful_nodes", "replace_batch_size", "replace_only"),
    "report": ("stateful_nodes", "report_file", "report_title", "report_since"),
    "resume": ("stateful_nodes", "resume_wait_for", "stateful_node_take_over"),
}
"""Questions of the surveys, by the names of the playbooks."""

SHOWING = """
- name: look
  stateful_node.aws.stateful_node_info: {name: all}
  register: found
- name: look for leftovers
  stateful_node.aws.stateful_node_orphans:
  register: orphans
- name: show the results
  ansible.builtin.debug: {var: "[found, orphans]"}
- name: show the texts
  ansible.builtin.debug: {msg: "{{ item.config.tags.note }}"}
  loop: "{{ found.nodes[:2] }}"
- name: keep them as facts
  ansible.builtin.set_fact: {kept: "{{ found.nodes[:2] | map(attribute='config.tags.note') }}"}
- name: show the facts
  ansible.builtin.debug: {var: kept}
- name: use the one with braces as an expression
  ansible.builtin.debug: {msg: "evaluated"}
  when: "{{ kept[0] }}"
- name: use the one without braces as an expression
  ansible.builtin.debug: {msg: "evaluated"}
  when: "{{ kept[1] }}"
"""


def hostile_texts(directory: Path) -> list[str]:
    """Compose Jinja with and without braces that creates a file."""
    call = f"lookup('pipe', 'touch {directory / RAN}')"
    return [f"{{{{ {call} }}}}", call]


def forge(emulator: Emulator, network: Network, text: str) -> str:
    """Launch an instance that has the table's tags and the text in its name, without a record."""
    tags = {"stateful_node:table": TABLE, "stateful_node:name": text, "Name": text}
    specification = {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    made = emulator.client("ec2").run_instances(
        MinCount=1,
        MaxCount=1,
        ImageId=network.image_id,
        InstanceType="t3.micro",
        SubnetId=network.subnet_a_id,
        TagSpecifications=[specification],
    )
    return str(made["Instances"][0]["InstanceId"])


@pytest.mark.parametrize("in_process", first_stands_for_all(WAYS))
def test_texts_in_the_results_of_modules_are_not_evaluated(
    playbooks: Playbooks, collection: Collection, emulator: Emulator, network: Network, in_process: str
) -> None:
    emulator.configure(durations={"pending": 0})
    texts = hostile_texts(playbooks.directory)
    forged = [forge(emulator, network, text) for text in texts]
    for name, text in zip(NODES, texts, strict=True):
        collection.run("config", name=name, tags={"note": text, "Name": text})
    collection.operate("resume", [*NODES])

    told = run_play(playbooks, write_play(playbooks.directory, SHOWING), stateful_node_in_process=in_process)
    results = {name: result for name, _host, result in told}

    shown = json.dumps(results["show the results"])
    assert all(instance_id in shown for instance_id in forged)
    assert [item["msg"] for item in results["show the texts"]["results"]] == texts
    assert results["show the facts"]["kept"] == texts
    assert results["use the one with braces as an expression"].get("failed")
    assert results["use the one without braces as an expression"].get("failed")
    assert not (playbooks.directory / RAN).exists()


def answer(playbooks: Playbooks, playbook: str, text: str, **fixed: str) -> Run:
    """Run a playbook with survey answers, which AWX marks as unsafe; those that are not fixed are the text."""
    answers = {**dict.fromkeys(ANSWERS[playbook], text), **fixed}
    file = playbooks.directory / "answers.yml"
    file.write_text("".join(f"{name}: !unsafe {json.dumps(value)}\n" for name, value in answers.items()))
    return playbooks.run(f"stateful_node.aws.{playbook}", f"-e@{file}")


@pytest.mark.parametrize("playbook", first_stands_for_all(list(ANSWERS)))
def test_survey_answers_are_not_evaluated(playbooks: Playbooks, collection: Collection, playbook: str) -> None:
    for text in hostile_texts(playbooks.directory):
        done = answer(playbooks, playbook, text)
        assert done.status != 0, done.output
        assert "Traceback" not in done.output
        assert not (playbooks.directory / RAN).exists(), done.output


def test_a_title_from_a_survey_is_text_on_the_page(playbooks: Playbooks, collection: Collection) -> None:
    """An answer that is accepted, and so reaches the module, the filter and the page."""
    text, _without_braces = hostile_texts(playbooks.directory)
    page = playbooks.directory / "page.html"
    done = answer(playbooks, "report", text, stateful_nodes="all", report_file=str(page), report_since="30d")
    assert done.status == 0, done.output
    assert html.escape(text, quote=False) in html.unescape(page.read_text())
    assert not (playbooks.directory / RAN).exists()


def test_an_extra_var_without_the_mark_is_code(playbooks: Playbooks) -> None:
    """The same texts do run where Ansible trusts them: the tests above would notice."""
    text, _without_braces = hostile_texts(playbooks.directory)
    play = write_play(playbooks.directory, "- ansible.builtin.debug: {msg: '{{ given }}'}")
    playbooks.run(play, given=text)
    assert (playbooks.directory / RAN).exists()
