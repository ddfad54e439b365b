# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node that hands over between running instances needs."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.validation import check_config

from tests.support.configurations import (
    LAUNCH,
    PUBLIC_SUBNET,
    TEMPLATE,
    config,
    expect,
    facts,
    refusal,
    template,
)

LIMITS = {"m6i.large": 3, "t2.one": 1}


def prelaunching(**changes):
    return config(handover="prelaunch", **changes)


def test_two_interfaces_are_enough():
    check_config("db-1", None, prelaunching(), facts(interface_limits={"m6i.large": 2}))


@pytest.mark.parametrize(
    ("launch", "code", "words"),
    [
        ({"instance_types": ("m6i.large", "t2.one")}, "TooFewNetworkInterfaces", ("t2.one", "takes 1 network")),
        ({"instance_types": ("m6i.larg",)}, "UnknownInstanceType", ("m6i.larg", "us-east-1")),
    ],
)
def test_each_instance_type_takes_two(launch, code, words):
    configured = prelaunching(launch=dataclasses.replace(LAUNCH, **launch))
    expect(refusal(configured, facts(interface_limits=LIMITS)), code, "launch.instance_types", *words)


def test_so_does_that_of_the_launch_template():
    launch = dataclasses.replace(LAUNCH, launch_template=TEMPLATE, image_id=None, instance_types=())
    known = dataclasses.replace(template(InstanceType="t2.one"), interface_limits=LIMITS)
    expect(refusal(prelaunching(launch=launch), known), "TooFewNetworkInterfaces", "launch.launch_template", "t2.one")


def test_nothing_is_lent_at_device_1():
    expect(refusal(prelaunching(public_ip_assignment="enabled")), "PublicIpNotAtDevice1", "public_ip_assignment")
    public = facts(subnet=PUBLIC_SUBNET, interface_limits=LIMITS)
    expect(refusal(prelaunching(), public), "PublicIpNotAtDevice1", "subnet_default", "assigns one")
    check_config("db-1", None, prelaunching(public_ip_assignment="disabled"), public)


def test_an_elastic_ip_will_do():
    known = facts(subnet=PUBLIC_SUBNET, interface_limits=LIMITS)
    check_config("db-1", None, prelaunching(elastic_ip="new"), known)
    check_config("db-1", None, prelaunching(elastic_ip="new", public_ip_assignment="enabled"), known)


def test_there_is_something_to_hand_over():
    expect(refusal(prelaunching(persist_private_ip=False)), "NothingToHandOver", "handover", "persist_private_ip")


def test_the_way_is_one_of_two():
    expect(refusal(config(handover="swap")), "InvalidChoice", "handover", "swap", "terminate, prelaunch")


def test_who_terminates_first_is_asked_nothing_of_it():
    check_config("db-1", None, config(public_ip_assignment="enabled"), facts())
