# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one table of AWS error codes, asked by questions.

Sources: the EC2 error code page (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), the
DynamoDB programming errors page
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html) and the errors of SQS's
GetQueueUrl (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html).
"""

from __future__ import annotations

from .aws_error import LOST_REPLY, NO_CREDENTIALS, AwsError

UNSUPPORTED = "Unsupported"
CAPACITY = frozenset({
    "InsufficientInstanceCapacity",
    "InsufficientCapacity",
    "InsufficientCapacityOnHost",
    "InsufficientHostCapacity",
    "IncompatibleHostRequirements",
    "InsufficientReservedInstanceCapacity",
    "InsufficientReservedInstancesCapacity",
    "InsufficientVolumeCapacity",
    "DedicatedHostLimitExceeded",
    "InstanceLimitExceeded",
    "InvalidHostConfiguration",
    "MaxSpotInstanceCountExceeded",
    "ReservationCapacityExceeded",
    "SpotMaxPriceTooLow",
    "UnavailableHostRequirements",
    "UnfulfillableCapacity",
    UNSUPPORTED,
    "VcpuLimitExceeded",
    "ZonesMismatched",
})  # fmt: skip
INVALID_VALUE = "InvalidParameterValue"
ABOUT_CANDIDATE = frozenset({
    "AttachmentLimitExceeded",
    "InstanceCreditSpecification.NotSupported",
    "InvalidInstanceType",
    "InvalidInterface.IpAddressLimitExceeded",
    "InvalidParameterCombination",
    INVALID_VALUE,
    "UnsupportedHibernationConfiguration",
    "UnsupportedInstanceTypeOnHost",
    "UnsupportedOperation",
})  # fmt: skip
"""Refusals of a launch that may concern its instance type or market alone, as far as the code says.

EC2 has no code of its own for an architecture that is not the image's, for a type that is not sold on spot, and for
options that one type has and another does not.
"""

IP_ADDRESS_LIMIT = "IpAddressLimitExceeded"
DECIDED_SERVER_ERRORS = frozenset({"InsufficientAddressCapacity"})
"""Decided refusals that EC2 answers with HTTP 500, next to those of CAPACITY."""

PROFILE_NOT_VISIBLE = "Invalid IAM Instance Profile"
"""What EC2 says of an instance profile that IAM has made a moment ago, in a message with the code for any value."""

UNSEEN = frozenset({"InvalidNetworkInterfaceID.NotFound", "InvalidAllocationID.NotFound", "InvalidInstanceID.NotFound"})
IN_USE = frozenset({"InvalidNetworkInterface.InUse"})
ADDRESS_IN_USE = frozenset({"InvalidIPAddress.InUse"})

THROTTLING = frozenset({
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "ConcurrentTagAccess",
    "EC2ThrottledException",
    "SlowDown",
})  # fmt: skip
NO_PERMISSION = frozenset({
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
    "UnauthorizedOperation",
})  # fmt: skip
NO_ACCESS = NO_PERMISSION | {"AuthFailure"}
"""AuthFailure is about credentials, or about an image that another account does not share."""

NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
SERVER_FAULT = 500
"""The lowest HTTP status that says that the fault is the server's."""

BAD_CREDENTIALS = frozenset({
    NO_CREDENTIALS,
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidSecurity.RequestHasExpired",
    "MissingAuthenticationToken",
    "InvalidClientTokenId",
    "NoRegion",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
})  # fmt: skip
NOT_LOOKED_AT = frozenset({"Blocked", "OptInRequired", "PendingVerification"})
"""Codes about the account: the call was not looked at."""

NO_PROFILE = "NoSuchEntity"
DRY_RUN_PASSED = "DryRunOperation"
"""What a call with DryRun fails with when it is permitted.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

OF_A_NEW_INTERFACE = frozenset({
    "InsufficientFreeAddressesInSubnet",
    "NetworkInterfaceLimitExceeded",
    "PrivateIpAddressLimitExceeded",
})  # fmt: skip
"""Refusals that a launch with a new interface may get and one with the node's own does not."""

OF_THE_LAUNCH = {
    "InvalidAMIID": "launch.image_id",
    "InvalidBlockDeviceMapping": "launch.block_device_mappings",
    "InvalidKeyPair": "launch.key_name",
    "InvalidLaunchTemplateId": "launch.launch_template",
    "InvalidLaunchTemplateName": "launch.launch_template",
    "InvalidSnapshot": "launch.block_device_mappings",
    "InvalidUserData": "launch.user_data",
}
"""The option of a node that RunInstances refuses, by what the code begins with."""

READS = ("Describe", "Get", "BatchGet", "Query", "Scan", "List")
"""What the names of actions that change nothing begin with."""


def is_capacity(error: AwsError) -> bool:
    """Whether another instance type or market may be had where this one was not."""
    return error.code in CAPACITY


def is_about_candidate(error: AwsError) -> bool:
    """Return whether a launch was refused for its instance type or market, so that another candidate may do."""
    return error.code in ABOUT_CANDIDATE and error.action == "RunInstances"


def is_profile_not_visible(error: AwsError) -> bool:
    """Return whether EC2 does not know an instance profile that may have been created a moment ago.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshoot-iam-roles.html (eventual consistency)
    """
    return error.code == INVALID_VALUE and PROFILE_NOT_VISIBLE in error.message


def is_unsupported(error: AwsError) -> bool:
    """Return whether the zone does not offer the instance type, however much capacity there is."""
    return error.code == UNSUPPORTED


def is_launch_fault(state_reason: str | None) -> bool:
    """Return whether an instance that terminated while pending did so for a reason that another candidate may not have.

    EC2 says by `Server.` that the fault is its own:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
    """
    reason = state_reason or ""
    return reason.startswith("Server.") or reason.endswith(IP_ADDRESS_LIMIT)


def is_gone(error: AwsError) -> bool:
    """Whether what was asked for does not exist, or is not visible yet."""
    return error.code.endswith(".NotFound")


def is_unseen(error: AwsError) -> bool:
    """Whether something that was created a moment ago may be invisible to this call still."""
    return error.code in UNSEEN


def is_in_use(error: AwsError) -> bool:
    """Whether another instance holds the interface: observe, it is not a failure yet."""
    return error.code in IN_USE


def is_invalid_value(error: AwsError) -> bool:
    """Whether EC2 does not take a value: also its way to say that an interface, or an instance's device, is in use."""
    return error.code == INVALID_VALUE


def is_still_used(error: AwsError) -> bool:
    """Whether something is not deleted since EC2 thinks that it is in use, as it may for a while after it was.

    DeleteNetworkInterface has a code of its own for that and uses the general one as well.
    """
    return error.code in IN_USE | ADDRESS_IN_USE or (is_invalid_value(error) and "in use" in error.message)


def is_already_associated(error: AwsError) -> bool:
    """Whether the Elastic IP address, or the interface's private address, has an association already."""
    return error.code == "Resource.AlreadyAssociated"


def is_address_in_use(error: AwsError) -> bool:
    """Whether another interface has the private address."""
    return error.code in ADDRESS_IN_USE


def is_throttled(error: AwsError) -> bool:
    """Whether AWS refused the call because there were too many: nothing was done."""
    return error.code in THROTTLING or _are_tags_busy(error)


def _are_tags_busy(error: AwsError) -> bool:
    """Field report: https://github.com/aws/amazon-vpc-cni-k8s/issues/626"""
    return error.code == "ResourceInUse" and "Tags are currently being modified" in error.message


def is_instance_pending(error: AwsError) -> bool:
    """Return whether an Elastic IP address cannot be associated yet, as the interface's instance is still pending.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (IncorrectInstanceState)
    """
    is_about_instance = error.code in ("IncorrectInstanceState", "InvalidInstanceID")
    return is_about_instance and "pending" in error.message


def is_outcome_unknown(error: AwsError) -> bool:
    """Whether the call may have had its effect although no good reply came: lost on the way, or a server's fault."""
    if is_capacity(error) or is_throttled(error) or error.code in DECIDED_SERVER_ERRORS:
        return False
    return error.code == LOST_REPLY or error.status >= SERVER_FAULT


def is_effect_unknown(error: AwsError) -> bool:
    """Whether something may have been changed although no good reply came: a read changes nothing."""
    return is_outcome_unknown(error) and not error.action.startswith(READS)


def is_replayable(error: AwsError) -> bool:
    """Whether the same call may be made again, given that it is idempotent."""
    return is_throttled(error) or is_outcome_unknown(error)


def is_unauthorized(error: AwsError) -> bool:
    """Whether the call was not looked at: for want of permission or valid credentials, or since it was not sent."""
    return error.code in NO_ACCESS | BAD_CREDENTIALS | NOT_LOOKED_AT or _is_unsent(error)


def _is_unsent(error: AwsError) -> bool:
    return error.status == 0 and error.code != LOST_REPLY


def is_refusal(error: AwsError, *, first: bool = False) -> bool:
    """Whether AWS has decided that the call has no effect, now or later: an intent is resolved by it.

    Who may not ask is not told what an earlier call with the same token has done. `first` says that there was none.
    """
    if is_unauthorized(error):
        return first and not error.repeated
    return not is_replayable(error)


def is_dead_token(error: AwsError) -> bool:
    """Whether the token stands for an instance that was launched and has ended."""
    return error.code == "IdempotentInstanceTerminated"


def is_token_mismatch(error: AwsError) -> bool:
    """Whether the token was used before with other parameters."""
    return error.code == "IdempotentParameterMismatch"


def is_table_missing(error: AwsError) -> bool:
    """Whether the node table (or its history) does not exist."""
    return error.code == "ResourceNotFoundException"


def is_table_foreign(error: AwsError) -> bool:
    """Whether the table has other keys than that of the nodes: beside the keys, reads have nothing to be refused."""
    about_keys = error.action.startswith(READS) or "key" in error.message.lower()
    return error.code == "ValidationException" and about_keys


def is_queue_missing(error: AwsError) -> bool:
    """Whether the queue does not exist."""
    return error.code in NO_QUEUE


def is_condition_failed(error: AwsError) -> bool:
    """Whether a conditional write found something else than it expected."""
    return error.code == "ConditionalCheckFailedException"


def is_bad_credentials(error: AwsError) -> bool:
    """Whether AWS does not take the credentials: expired, revoked or mistyped."""
    return error.code in BAD_CREDENTIALS and not _is_unsent(error)


def is_dry_run_passed(error: AwsError) -> bool:
    """Return whether a call with DryRun was found to be permitted."""
    return error.code == DRY_RUN_PASSED


def is_about_new_interface(error: AwsError) -> bool:
    """Return whether a launch was refused for the interface that EC2 would have to create for it."""
    return error.code in OF_A_NEW_INTERFACE


def is_profile_missing(error: AwsError) -> bool:
    """Return whether the instance profile does not exist."""
    return error.code == NO_PROFILE


def refused_option(error: AwsError) -> str | None:
    """Name the option of the node that a launch was refused for, where the code tells."""
    return OF_THE_LAUNCH.get(error.code.partition(".")[0]) if error.action == "RunInstances" else None


def is_no_permission(error: AwsError) -> bool:
    """Whether the caller lacks a permission."""
    return error.code in NO_PERMISSION
