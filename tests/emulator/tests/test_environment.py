# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs under test see of their user's environment."""

from __future__ import annotations

import os

import pytest

from tests.emulator.environment import clean_environment


def test_settings_of_ansible_and_aws_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANSIBLE_CONFIG", "AWS_PROFILE", "AWS_CONFIG_FILE", "EDA_PORT", "PYTHONDONTWRITEBYTECODE", "PAGER"):
        monkeypatch.setenv(name, "of-the-user")
    seen = clean_environment()
    assert [name for name, value in seen.items() if value == "of-the-user"] == ["PAGER"]
    assert seen["AWS_CONFIG_FILE"] == seen["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
