# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who runs a task, by its variables: what the user says, or the job of AWX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

OWNER = "stateful_node_owner"
"""The variable by which users name themselves, or what runs the playbook for them."""

_OF_AWX = ("awx_job_id", "awx_user_name", "awx_schedule_name", "awx_job_template_name")


def owner_in(variables: Mapping[str, Any], template: Callable[[Any], Any]) -> str:
    """Name the owner: the variable stateful_node_owner, else AWX's job with its user and template, else nothing.

    AWX adds its variables to the extra vars of each job:
    https://docs.ansible.com/automation-controller/latest/html/userguide/job_templates.html#extra-variables
    """
    values = {name: template(variables.get(name)) for name in (OWNER, *_OF_AWX)}
    if values[OWNER]:
        return str(values[OWNER])
    job, user, schedule, job_template = (values[name] for name in _OF_AWX)
    if not job:
        return ""
    by_schedule = f" of schedule {schedule}" if schedule else ""
    by = f" of {user}" if user else by_schedule
    of_template = f" ({job_template})" if job_template else ""
    return f"job {job}{by}{of_template}"
