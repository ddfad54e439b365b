# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client needs in its environment to talk to the emulator and to nothing else."""

from __future__ import annotations

import os

REGION = "us-east-1"
OF_THE_USER = ("ANSIBLE_", "AWS_", "EDA_")
NO_AWS_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def clean_environment() -> dict[str, str]:
    """This process's environment without its user's settings of Ansible and AWS, and with compiled files kept."""
    # With COLUMNS, which pytest-xdist sets as well, tables are folded.
    left_out = ("PYTHONDONTWRITEBYTECODE", "COLUMNS")
    own = {
        name: value for name, value in os.environ.items() if name not in left_out and not name.startswith(OF_THE_USER)
    }
    return {**own, **NO_AWS_FILES}


def environment(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
