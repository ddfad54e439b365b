# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 may answer to a look-up and no emulation does."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.lookups.reference_lookup import Lookup
from botocore.exceptions import ClientError


class Refusing:
    """A client that refuses the value `bad` with a code, and knows every other as a security group."""

    def __init__(self, code):
        self.code, self.asked = code, []

    def can_paginate(self, _operation):
        return False

    def describe_security_groups(self, **request):
        values = request["Filters"][0]["Values"]
        self.asked.append(values)
        self._refuse(values)
        return {"SecurityGroups": [{"GroupId": value, "GroupName": "g", "VpcId": "vpc-1"} for value in values]}

    def describe_subnets(self, **request):
        self._refuse(request["Filters"][0]["Values"])

    def describe_launch_template_versions(self, **_request):
        self._refuse(["bad"])

    def _refuse(self, values):
        if "bad" in values:
            raise ClientError({"Error": {"Code": self.code, "Message": "refused"}}, "Describe")


def test_a_malformed_id_is_not_found():
    """Whoever asked names the option."""
    assert Lookup(Refusing("InvalidSubnetID.Malformed")).find_subnet("bad") is None


def test_one_malformed_id_does_not_hide_the_others():
    """EC2 refuses the whole call."""
    found = Lookup(Refusing("InvalidGroupId.Malformed")).list_security_groups("group-id", ["sg-1", "bad", "sg-2"])
    assert [group.group_id for group in found] == ["sg-1", "sg-2"]


def test_nothing_is_asked_for_nothing():
    """A filter without values would find everything."""
    client = Refusing("")
    assert Lookup(client).list_security_groups("group-id", []) == ()
    assert client.asked == []


@pytest.mark.parametrize(
    "code",
    [
        "InvalidLaunchTemplateId.Malformed",
        "InvalidLaunchTemplateId.NotFound",
        "InvalidLaunchTemplateId.VersionNotFound",
        "InvalidLaunchTemplateName.NotFoundException",
    ],
)
def test_an_unknown_launch_template_is_not_found(code):
    """Whether it is the template or the version."""
    assert Lookup(Refusing(code)).find_launch_template("LaunchTemplateId", "bad", "1") is None


@pytest.mark.parametrize("ask", ["find_subnet", "find_launch_template"])
def test_other_errors_are_passed_on(ask):
    """A missing permission must not look like a missing thing."""
    lookup = Lookup(Refusing("UnauthorizedOperation"))
    arguments = ("bad",) if ask == "find_subnet" else ("LaunchTemplateId", "bad", "1")
    with pytest.raises(AwsError, match="UnauthorizedOperation"):
        getattr(lookup, ask)(*arguments)


class Paging:
    """A client whose answer to DescribeNetworkInterfaces comes in pages of one interface."""

    def __init__(self, *interfaces):
        self.interfaces = interfaces

    def can_paginate(self, _operation):
        return True

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_request):
        return [{"NetworkInterfaces": [interface]} for interface in self.interfaces]


def interface(address, *secondary, **more):
    addresses = [{"PrivateIpAddress": each} for each in (address, *secondary)]
    found = {"NetworkInterfaceId": f"eni-{address}", "PrivateIpAddress": address, "PrivateIpAddresses": addresses}
    return {**found, "Status": "available", **more}


def holders(*interfaces):
    found = Lookup(Paging(*interfaces)).find_address_holders("subnet-1", ["10.0.1.5", "10.0.1.6"])
    return {address: (holder.network_interface_id, holder.attached_to) for address, holder in found.items()}


def test_the_holders_of_addresses_come_from_every_page():
    """By address, and only by those asked for."""
    assert holders(interface("10.0.1.5"), interface("10.0.1.7", "10.0.1.6", "10.0.1.8")) == {
        "10.0.1.5": ("eni-10.0.1.5", None),
        "10.0.1.6": ("eni-10.0.1.7", None),
    }


@pytest.mark.parametrize(
    ("more", "attached_to"),
    [
        ({"Attachment": {"InstanceId": "i-1"}, "Status": "in-use", "Description": "node"}, "i-1"),
        ({"Attachment": {"InstanceOwnerId": "amazon-elb"}, "Description": "ELB app/web"}, "ELB app/web"),
        ({"Attachment": {"InstanceOwnerId": "amazon-aws"}}, "amazon-aws"),
        ({"Status": "in-use", "Description": "NAT gateway nat-1"}, "NAT gateway nat-1"),
        ({"Description": "left over"}, None),
    ],
)
def test_what_an_interface_is_attached_to(more, attached_to):
    """Where there is no instance, its description says whose it is."""
    assert holders(interface("10.0.1.5", **more)) == {"10.0.1.5": ("eni-10.0.1.5", attached_to)}
