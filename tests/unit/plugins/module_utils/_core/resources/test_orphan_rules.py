# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orphans: their ids, what they cost and what uses them."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.orphan_rules import (
    check_unused,
    orphan_result,
    parse_ids,
)

from tests.support.builders import (
    INSTANCE,
    INTERFACE,
    associated,
    attached,
    make_address,
    make_instance,
    make_interface,
)

ENI, EIPALLOC, I = "eni-0123456789abcdef0", "eipalloc-0123456789abcdef0", "i-0123456789abcdef0"  # noqa: E741 - its prefix


@pytest.mark.parametrize("given", [[EIPALLOC, ENI, I], [f"{EIPALLOC},{ENI}\n{I}"], [f" {ENI} \n", EIPALLOC, I, ENI]])
def test_ids_are_read_from_lists_and_texts_in_the_order_of_deletion(given):
    assert parse_ids(given) == (I, ENI, EIPALLOC)


@pytest.mark.parametrize("wrong", ["all", "eni", "i-*", "subnet-0123456789abcdef0", f"{ENI} {I}"])
def test_what_is_no_id_is_refused(wrong):
    with pytest.raises(NodeError) as caught:
        parse_ids([wrong])
    assert caught.value.failure.code == "InvalidId"


def test_a_list_that_was_cut_is_refused():
    with pytest.raises(NodeError, match=r"delete: something is missing after the last comma .*orphans_delete"):
        parse_ids([f"{ENI},"])


@pytest.mark.parametrize(
    ("thing", "cost"),
    [
        pytest.param(make_address(), 3.65, id="an address that nothing uses"),
        pytest.param(make_address(INTERFACE), 3.65, id="or something"),
        pytest.param(make_interface(), 0, id="an interface"),
        pytest.param(associated(make_interface()), 0, id="is not charged for an Elastic IP once more"),
        pytest.param(associated(make_interface(), None), 3.65, id="but for an address that EC2 lends"),
        pytest.param(make_instance(), 0, id="an instance is charged by the second, which is not told"),
    ],
)
def test_public_addresses_are_charged_once(thing, cost):
    assert orphan_result(thing)["monthly_cost"] == cost


@pytest.mark.parametrize(
    ("thing", "user"), [(attached(make_interface(), INSTANCE), INSTANCE), (make_address(INTERFACE), INTERFACE)]
)
def test_what_is_used_is_kept_unless_its_user_goes_first(thing, user):
    with pytest.raises(NodeError, match=user):
        check_unused(thing, ())
    check_unused(thing, (user,))
