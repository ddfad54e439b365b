# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose an interface is, as EC2's answer says."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.lookups.adoption_lookup import Adoptees

INTERFACE = {
    "NetworkInterfaceId": "eni-1",
    "SubnetId": "subnet-1",
    "PrivateIpAddress": "10.0.1.10",
    "Status": "available",
    "RequesterManaged": False,
    "InterfaceType": "interface",
}


class OneInterface:
    """An EC2 that knows one interface."""

    def __init__(self, **changes):
        self.interface = {**INTERFACE, **changes}

    def can_paginate(self, _operation):
        return False

    def describe_network_interfaces(self, Filters):  # noqa: N803 - boto3's name
        ((_name, wanted),) = [(item["Name"], item["Values"]) for item in Filters]
        return {"NetworkInterfaces": [self.interface] if self.interface["NetworkInterfaceId"] in wanted else []}


@pytest.mark.parametrize(
    ("changes", "operator"),
    [
        ({}, None),
        ({"InterfaceType": "efa"}, None),
        ({"Operator": {"Managed": False}}, None),
        ({"Operator": {"Managed": True, "Principal": "ecs.amazonaws.com"}}, "ecs.amazonaws.com"),
        ({"RequesterManaged": True, "RequesterId": "amazon-elb"}, "amazon-elb"),
        ({"RequesterManaged": True}, "another service"),
        ({"InterfaceType": "nat_gateway"}, "its service, as one of type nat_gateway"),
    ],
)
def test_an_interface_of_a_service_says_so(changes, operator):
    assert Adoptees(OneInterface(**changes)).find_interface("eni-1").operator == operator


def test_what_is_not_there_is_empty():
    assert Adoptees(OneInterface()).find_interface("eni-2").network_interface is None
