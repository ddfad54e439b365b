# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""setup, whose task is of another collection: its calls need its whole policy, and each permission of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.access.permissions import Permission
from botocore.exceptions import ClientError

from tests.emulator.process import CHECKOUT, Emulator
from tests.support.collection import TABLE, new_client
from tests.support.playbooks import Playbooks

from .least_privilege import permissions
from .world import SOMEBODY, identifier, separate_policy

TEMPLATE = (CHECKOUT / "roles/setup/files/stateful_node.yml").read_text()
ALLOWED = permissions("setup")


def test_the_playbook_needs_its_whole_policy(emulator: Emulator, tmp_path: Path) -> None:
    """From nothing to tables and queue, looked at again, and without the queue."""
    playbooks = Playbooks(emulator, tmp_path)
    emulator.configure(policies={SOMEBODY: [separate_policy(ALLOWED)]})
    for options, extra in (([], {}), (["--check"], {"setup_events": "false"}), ([], {"setup_events": "false"})):
        done = playbooks.run("stateful_node.aws.setup", *options, environment={"AWS_ACCESS_KEY_ID": SOMEBODY}, **extra)
        assert done.status == 0, done.output
    asked = [item for call in emulator.calls() for item in call.get("authorized", ())]
    used = {statement for item in asked for statement in item["statements"]}
    assert used == {identifier(item) for item in ALLOWED}


@pytest.mark.parametrize("permission", ALLOWED, ids=identifier)
def test_without_one_of_its_permissions_a_call_is_refused(shared_emulator: Emulator, permission: Permission) -> None:
    shared_emulator.reset()
    others = [item for item in ALLOWED if item != permission]
    shared_emulator.configure(policies={SOMEBODY: [separate_policy(others)]})
    with pytest.raises(ClientError, match=f"not authorized to perform: {permission.action} on resource"):
        _deploy(new_client(shared_emulator.endpoint, "cloudformation", {}, access_key_id=SOMEBODY))
    shared_emulator.configure(policies={})


def _deploy(stacks: Any) -> None:
    """The calls of amazon.aws.cloudformation: the queue comes and goes."""
    stack = {"StackName": TABLE, "TemplateBody": TEMPLATE}
    without = [{"ParameterKey": "Events", "ParameterValue": "false"}]
    stacks.create_stack(**stack)
    stacks.describe_stacks(StackName=TABLE)
    stacks.describe_stack_events(StackName=TABLE)
    stacks.list_stack_resources(StackName=TABLE)
    stacks.create_change_set(**stack, ChangeSetName="check", Parameters=without)
    stacks.describe_change_set(ChangeSetName="check", StackName=TABLE)
    stacks.delete_change_set(ChangeSetName="check", StackName=TABLE)
    stacks.update_stack(**stack, Parameters=without)
