# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.stateful_node.aws.plugins.filter.unless_blank import unless_blank

ROLES = Path(__file__).resolve().parents[4] / "roles"


@pytest.mark.parametrize("value", [None, "", "  ", "\n"])
def test_what_is_blank_is_the_default(value: object) -> None:
    assert unless_blank(value, "default") == "default"


@pytest.mark.parametrize("value", [False, 0, [], {}, "0", "a", ["a"]])
def test_everything_else_is_kept(value: object) -> None:
    assert unless_blank(value, "default") == value


@pytest.mark.parametrize("role", sorted(path.name for path in ROLES.iterdir()))
def test_every_optional_variable_of_a_role_is_used_by_the_name_that_has_a_default_for_blanks(role: str) -> None:
    specification = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text())
    options = specification["argument_specs"]["main"]["options"]
    optional = {name for name, option in options.items() if not option.get("required")}
    path = ROLES / role / "vars/main.yml"
    defined = yaml.safe_load(path.read_text()) if path.exists() else {}
    without = {name for name in optional if "unless_blank" not in defined.get(f"__{name}", "")}
    assert without == set()
