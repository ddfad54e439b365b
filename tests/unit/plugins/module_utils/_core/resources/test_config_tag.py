# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tag that keeps what nothing else in EC2 tells."""

from __future__ import annotations

import re

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.config_tag import (
    config_tag,
    parse_config_tag,
)

from tests.support.builders import ALLOCATION, make_config

LONGEST = {
    "persist_private_ip": False,
    "secondary_private_ip_addresses": tuple(f"10.0.1.{number}" for number in range(100)),
    "ipv6_address_count": 100,
    "elastic_ip": "eipalloc-0123456789abcdef0",
    "elastic_ip_private_ip_address": "100.100.100.100",
    "handover": "prelaunch",
}


@pytest.mark.parametrize("options", [{}, LONGEST], ids=["the defaults", "all that can be"])
def test_the_tag_is_one_that_every_service_takes(options):
    assert re.fullmatch(r"[\w .:/=+@-]{1,256}", config_tag(make_config(**options)))


def test_what_is_written_is_read_again():
    config = make_config(**LONGEST)
    tagged = parse_config_tag(config_tag(config))
    assert (tagged.persist, tagged.pinned, tagged.secondary, tagged.named) == (False, False, 100, True)
    assert (tagged.ipv6, tagged.public_ip) == (100, "subnet_default")
    assert (tagged.elastic_ip, tagged.on) == ("eipalloc-0123456789abcdef0", "100.100.100.100")
    plain = parse_config_tag(config_tag(make_config(private_ip_address="10.0.1.9")))
    assert (plain.persist, plain.pinned, plain.named, plain.elastic_ip, plain.on) == (True, True, False, None, None)


def test_the_hand_over_is_told_where_it_is_not_the_usual_one():
    """The tags of nodes from before there was another one stay as they are."""
    assert "handover" not in config_tag(make_config())
    assert parse_config_tag(config_tag(make_config())).handover == "terminate"
    assert parse_config_tag(config_tag(make_config(handover="prelaunch"))).handover == "prelaunch"
    assert parse_config_tag(config_tag(make_config(handover="prelaunch")).replace("prelaunch", "swap")) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "whatever",
        config_tag(make_config()).replace("secondary=0", "secondary=x"),
        config_tag(make_config()).replace("persist=true", "persist=1"),
        config_tag(make_config()).replace("subnet_default", "perhaps"),
        config_tag(make_config(elastic_ip=ALLOCATION)).partition(" elastic_ip")[0],
    ],
)
def test_a_tag_that_is_not_complete_and_right_says_nothing(value):
    assert parse_config_tag(value) is None
