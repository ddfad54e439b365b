# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be done about a call that went wrong: one entry for each call of Ec2, Store and Queue.

There is no default: a call without an entry cannot be made. "By its token" and the like name what makes a call
idempotent (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html); "by a look" says that the caller
reads EC2 after an error, and decides by that.
"""

from __future__ import annotations

from enum import Enum, auto


class Policy(Enum):
    """How a call is made; for those that change EC2, see the methods of Executor."""

    READ = auto()
    """Changes nothing: botocore repeats it, and no fence is needed."""

    DRY_RUN = auto()
    """Changes nothing, but takes from the rate limit of the action that it tries. Made once, without a fence."""

    REPLAY = auto()
    """Made again while its outcome is unknown: a second call has no effect of its own, or is refused."""

    REPLAY_BELIEVING_NOT_FOUND = auto()
    """Like REPLAY, but `NotFound` is final: what it names was looked for, so that it is not only invisible still."""

    UNTIL_GONE = auto()
    """Like REPLAY, and made again while EC2 reports the thing as in use; `NotFound` counts as success."""

    ONCE = auto()
    """Made again only when EC2 has refused it. Otherwise the caller finds out by a look what has become of it."""

    BATCH = auto()
    """Made once for many nodes, each with a fence of its own; what failed is made again for each alone."""

    CONDITIONAL = auto()
    """A write to the table that names its condition and recognizes its own effect: botocore repeats it. The condition
    stands in place of a fence."""

    APPEND = auto()
    """A write to the history under a key of its own, which a second one overwrites with the same."""

    MESSAGE = auto()
    """Changes what the queue delivers next, and nothing else: botocore repeats it, and no fence is needed."""


POLICY = {
    # EC2: reads.
    "describe_network_interfaces": Policy.READ,
    "describe_instances": Policy.READ,
    "describe_addresses": Policy.READ,
    "describe_spot_status_codes": Policy.READ,
    "describe_spot_instances": Policy.READ,
    "describe_instance_status": Policy.READ,
    "describe_impaired_since": Policy.READ,
    "dry_run_instances": Policy.DRY_RUN,
    #
    # EC2: the interface.
    # By its ClientToken, which the intent holds.
    "create_network_interface": Policy.REPLAY,
    # By the id: an interface is deleted once.
    "delete_network_interface": Policy.UNTIL_GONE,
    # Sets a value.
    "modify_network_interface_attribute": Policy.REPLAY,
    # The same, of an interface that EC2 deletes with its instance.
    "modify_network_interface_attribute_if_present": Policy.UNTIL_GONE,
    # An interface is on one instance at a time: a second call is refused, and the caller looks who has it.
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachNetworkInterface.html
    "attach_network_interface": Policy.REPLAY,
    # By the attachment's id, which each attachment has for itself.
    "detach_network_interface": Policy.UNTIL_GONE,
    #
    # EC2: secondary and IPv6 addresses.
    # By the addresses: those that the interface has already stay.
    "assign_private_ip_addresses": Policy.REPLAY,
    "assign_ipv6_addresses": Policy.REPLAY,
    # By count, without a token: made twice, it assigns twice. By a look at the addresses before and after.
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateIpAddresses.html
    "assign_private_ip_addresses_by_count": Policy.ONCE,
    "assign_ipv6_addresses_by_count": Policy.ONCE,
    # EC2 refuses addresses that are off already. By a look at the interface.
    "unassign_private_ip_addresses": Policy.ONCE,
    "unassign_ipv6_addresses": Policy.ONCE,
    #
    # EC2: tags. Set to values, or removed by their keys.
    "create_tags": Policy.REPLAY,
    "delete_tags": Policy.REPLAY,
    # The same, of something that may have been deleted.
    "delete_tags_if_present": Policy.UNTIL_GONE,
    #
    # EC2: the Elastic IP address.
    # No token: made twice, it allocates twice. By a look for the random tag that the intent holds.
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html
    "allocate_address": Policy.ONCE,
    # With AllowReassociation off a second call is refused, and the caller looks where the address is.
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
    "associate_address": Policy.REPLAY,
    # By the association's id, which each association has for itself.
    "disassociate_address": Policy.UNTIL_GONE,
    # By the allocation's id.
    "release_address": Policy.UNTIL_GONE,
    #
    # EC2: instances.
    # By its ClientToken, which the intent holds.
    "run_instances": Policy.REPLAY,
    # The same, on an interface that was not found.
    "run_instances_believing_not_found": Policy.REPLAY_BELIEVING_NOT_FOUND,
    # A running instance stays as it is.
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html
    "start_instances": Policy.REPLAY,
    # An instance that has ended stays ended.
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
    "terminate_instances": Policy.REPLAY,
    "terminate_instances_if_present": Policy.UNTIL_GONE,
    "terminate_batch": Policy.BATCH,
    # By the request's id.
    "cancel_spot_instance_requests": Policy.UNTIL_GONE,
    #
    # The node table and its history.
    "get_region": Policy.READ,
    "get": Policy.READ,
    "get_with_unreadable": Policy.READ,
    "get_one": Policy.READ,
    "all": Policy.READ,
    "check_holds_records": Policy.READ,
    "claims": Policy.READ,
    "history": Policy.READ,
    "create": Policy.CONDITIONAL,
    "update": Policy.CONDITIONAL,
    "write_config": Policy.CONDITIONAL,
    "forget": Policy.CONDITIONAL,
    "remove": Policy.CONDITIONAL,
    "add_history": Policy.APPEND,
    #
    # The queue of events.
    "get_url": Policy.READ,
    # A receive that is repeated hides more messages for a while.
    "receive": Policy.MESSAGE,
    # A message is deleted once.
    "delete": Policy.MESSAGE,
}
"""The policy of each call, by the name of its method."""

NEEDS_FENCE = frozenset(
    {Policy.REPLAY, Policy.REPLAY_BELIEVING_NOT_FOUND, Policy.UNTIL_GONE, Policy.ONCE, Policy.BATCH}
)
"""Policies of calls that change EC2."""


class CallPolicyError(Exception):
    """A call has no policy, or one that its caller cannot follow: a mistake in this collection."""


def policy_of(call: str, *, fenced: bool) -> Policy:
    """Return the policy of a call. Raises CallPolicyError without one, or when it needs a fence and has none."""
    policy = POLICY.get(call)
    if policy is None:
        raise CallPolicyError(f"{call} has no entry in call_policy.POLICY.")
    if (policy in NEEDS_FENCE) is not fenced:
        raise CallPolicyError(f"{call} is {policy.name}, and {'has a' if fenced else 'is made without a'} fence.")
    return policy
