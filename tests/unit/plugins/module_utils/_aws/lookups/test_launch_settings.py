# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an instance was launched, from EC2's answers."""

from __future__ import annotations

import base64

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.lookups.launch_settings import (
    from_instance,
    read_launched,
)

INSTANCE = {
    "InstanceId": "i-1",
    "ImageId": "ami-1",
    "InstanceType": "t3.micro",
    "KeyName": "key",
    "IamInstanceProfile": {"Arn": "arn:aws:iam::1:instance-profile/p", "Id": "x"},
    "Placement": {"Tenancy": "dedicated", "AvailabilityZone": "a"},
    "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpPutResponseHopLimit": 2},
}


class Client:
    def __init__(self, instance):
        self.instance = instance

    def describe_instances(self, **_filters):
        return {"Reservations": [{"Instances": [self.instance]}]}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_settings_are_read_as_the_option_takes_them():
    launched = from_instance({**INSTANCE, "InstanceLifecycle": "spot"}, encoded("ü\n".encode()))
    assert launched.options == {
        "image_id": "ami-1",
        "instance_types": ["t3.micro"],
        "key_name": "key",
        "iam_instance_profile": "arn:aws:iam::1:instance-profile/p",
        "tenancy": "dedicated",
        "market": "spot",
        "metadata_options": {"http_tokens": "required", "http_put_response_hop_limit": 2},
        "user_data": "ü\n",
    }


def test_user_data_that_is_no_text_is_said_to_be_unknown():
    launched = from_instance(INSTANCE, encoded(b"\xff\xfe"))
    assert "user_data" not in launched.options
    assert "launch.user_data" in [item.option for item in launched.assumed]
    assert "launch.user_data" not in [item.option for item in from_instance(INSTANCE, None).assumed]


def test_an_instance_on_demand_may_have_been_meant_for_spot():
    launched = from_instance(INSTANCE, None)
    assert [item.value for item in launched.assumed if item.option == "launch.market"] == ["on_demand"]


def test_a_template_says_all_but_what_stood_beside_it():
    tags = {"aws:ec2launchtemplate:id": "lt-1", "aws:ec2launchtemplate:version": "3"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    launched = read_launched(Client({**INSTANCE, "Tags": listed}), "i-1")
    assert launched.options["launch_template"] == {"id": "lt-1", "version": "3"}
    assert "image_id" not in launched.options
    assert launched.assumed[0].option == "launch.launch_template"
