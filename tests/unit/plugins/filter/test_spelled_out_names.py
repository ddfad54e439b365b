# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.stateful_node.aws.plugins.filter.spelled_out_names import spelled_out_names


@pytest.mark.parametrize("given", ["a, b*,tag:c=d,e", ["a", "b*", "tag:c=d", "e"], ("a\ntag:c=d\ne",)])
def test_lists_and_texts(given: object) -> None:
    assert spelled_out_names(given) == ["a", "e"]


@pytest.mark.parametrize("given", ["all", "", [], "b*"])
def test_nothing_is_named(given: object) -> None:
    assert spelled_out_names(given) == []


def test_what_is_not_valid_is_told() -> None:
    with pytest.raises(AnsibleFilterError, match="after the last comma"):
        spelled_out_names("a,")
