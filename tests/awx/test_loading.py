# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration as the modules of awx.awx load it, into an API that validates as AWX does."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.emulator.environment import clean_environment

from .configuration import AWX, configuration
from .validating_controller import TOKEN, ValidatingController

KINDS = {
    "controller_credentials": "credentials",
    "controller_inventories": "inventories",
    "controller_templates": "job_templates",
    "controller_workflows": "workflow_job_templates",
    "controller_schedules": "schedules",
}


def load(controller: ValidatingController, *options: str) -> str:
    environment = {
        **clean_environment(),
        "ANSIBLE_COLLECTIONS_PATH": sysconfig.get_path("purelib"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "CONTROLLER_HOST": controller.url,
        "CONTROLLER_OAUTH_TOKEN": TOKEN,
    }
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, str(AWX / "load.yml"), *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert TOKEN not in done.stdout
    return done.stdout


@pytest.mark.thorough
def test_it_loads_and_a_second_set_does_not_touch_the_first() -> None:
    with ValidatingController() as controller:
        load(controller)
        for variable, kind in KINDS.items():
            assert controller.names(kind) == {item["name"] for item in configuration()[variable]}, kind
        types = [item for item in controller.objects["credential_types"].values() if "injectors" in item]
        assert [item["injectors"]["env"]["AWS_REGION"] for item in types] == ["{{ region }}"]
        first = {number: dict(item) for number, item in controller.objects["job_templates"].items()}

        load(controller, "-e", "stateful_node_awx_prefix=Staging")
        assert {number: controller.objects["job_templates"][number] for number in first} == first
        assert "Staging: resume" in controller.names("job_templates")
