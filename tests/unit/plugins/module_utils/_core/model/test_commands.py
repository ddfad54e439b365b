# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command becomes text once: completed with region, profile and table, quoted for the shell, and never a template."""

from __future__ import annotations

import shlex

import pytest
from ansible import context
from ansible.parsing.dataloader import DataLoader
from ansible.utils.vars import load_extra_vars
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import (
    NOT_SHOWN,
    AwsCommand,
    Command,
    Reach,
    orphans_command,
)

RESUME = Command(playbook="resume", names=("db-1",))
ELSEWHERE = Reach(table="mine", region="eu-central-1", profile="prod")


def test_a_plain_command():
    assert RESUME.text(Reach()) == "ansible-playbook stateful_node.aws.resume -e stateful_nodes=db-1"


def test_region_profile_and_table_are_named_where_they_are_needed():
    assert RESUME.text(ELSEWHERE) == (
        "ansible-playbook stateful_node.aws.resume -e stateful_node_region=eu-central-1 "
        "-e stateful_node_profile=prod -e stateful_node_table_name=mine -e stateful_nodes=db-1"
    )


def test_several_nodes_and_more_extra_vars():
    command = Command(playbook="replace", names=("a", "b"), variables={"replace_before": "drain.yml"})
    assert command.adding(stateful_node_take_over="true").text(Reach()) == (
        "ansible-playbook stateful_node.aws.replace -e stateful_nodes=a,b -e replace_before=drain.yml "
        "-e stateful_node_take_over=true"
    )


def test_a_playbook_without_nodes():
    assert Command(playbook="setup").text(Reach()) == "ansible-playbook stateful_node.aws.setup"
    assert orphans_command("i-1", "eni-1").text(Reach()) == (
        "ansible-playbook stateful_node.aws.orphans -e orphans_delete=i-1,eni-1"
    )


def test_the_users_own_playbook_is_not_named():
    """Nothing is known of its inventory and limits, so that a command would not be the one that was typed."""
    assert Command().text(ELSEWHERE) == "run your own playbook again as before"
    assert Command().adding(stateful_node_take_over="true").text(Reach()) == (
        "run your own playbook again as before, with -e stateful_node_take_over=true in addition"
    )


@pytest.mark.parametrize(
    "value", ["my drain.yml", "a'b", 'a"b', "a; touch x", "$(id)", "`id`", "é", "a\nb", "a\\b", "key=value", "", "*"]
)
def test_any_value_reaches_ansible_as_it_is(value, monkeypatch):
    """Through a POSIX shell and Ansible's own reading of extra vars."""
    words = shlex.split(Command(playbook="replace", variables={"replace_before": value}).text(Reach()))
    assert words[:3] == ["ansible-playbook", "stateful_node.aws.replace", "-e"]
    monkeypatch.setattr(context, "CLIARGS", {"extra_vars": (words[3],)})
    monkeypatch.delattr(load_extra_vars, "extra_vars", raising=False)  # it remembers what it has read
    assert dict(load_extra_vars(DataLoader())) == {"replace_before": value}
    monkeypatch.delattr(load_extra_vars, "extra_vars", raising=False)


@pytest.mark.parametrize("text", ["{{ lookup('pipe', 'id') }}", "{% if x %}", "{# x #}"])
def test_template_text_is_never_written(text):
    """Pasted, it would be a template of an extra var, which Ansible trusts."""
    assert Command(playbook="resume", names=(text,)).text(Reach()) == NOT_SHOWN
    assert Command(playbook="resume", variables={"replace_before": text}).text(Reach()) == NOT_SHOWN


def test_a_command_of_the_aws_cli_goes_to_the_same_region():
    command = AwsCommand(arguments=("ec2", "disassociate-address", "--association-id", "eipassoc-1; id"))
    assert command.text(Reach()) == "aws ec2 disassociate-address --association-id 'eipassoc-1; id'"
    assert command.text(ELSEWHERE).endswith(" --region eu-central-1 --profile prod")
