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

import base64
from collections.abc import Iterator
from contextlib import contextmanager

try:
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        CredentialRetrievalError,
        HTTPClientError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
        TokenRetrievalError,
    )
    from botocore.exceptions import (
        ConnectionError as BotocoreConnectionError,
    )
    from botocore.parsers import ResponseParserError
except ImportError:
    pass  # AnsibleAWSModule tells the user so

from ..._core.model.ec2_codes import SPOT_INTERRUPTION

UNSUPPORTED = "Unsupported"
CAPACITY = frozenset({
    "InsufficientInstanceCapacity",
    "InsufficientCapacity",
    "InsufficientCapacityOnHost",
    "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity",
    "InstanceLimitExceeded",
    "MaxSpotInstanceCountExceeded",
    "SpotMaxPriceTooLow",
    "UnfulfillableCapacity",
    UNSUPPORTED,
    "VcpuLimitExceeded",
})  # fmt: skip
CAPACITY_STATE_REASONS = frozenset({"Server.InsufficientInstanceCapacity", SPOT_INTERRUPTION})
UNSEEN = frozenset({"InvalidNetworkInterfaceID.NotFound", "InvalidAllocationID.NotFound", "InvalidInstanceID.NotFound"})
IN_USE = frozenset({"InvalidNetworkInterface.InUse"})
ADDRESS_IN_USE = frozenset({"InvalidIPAddress.InUse"})
INVALID_VALUE = "InvalidParameterValue"
PREFIXES = ("Client.", "Server.")
"""What some of AWS's interfaces put before the codes, to say whose the fault is."""

THROTTLING = frozenset({
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
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

NO_CREDENTIALS = "NoCredentials"
BAD_CREDENTIALS = frozenset({
    NO_CREDENTIALS,
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "NoRegion",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
})  # fmt: skip
LOST_REPLY = "ReplyLost"
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

TELLING = 8
"""Characters from which on a line of a secret tells something."""

HIDDEN = "(not shown)"
"""Stands in a message for what is secret."""

ENCODED = "Encoded authorization failure message:"
"""What EC2 puts before the encoded part of a refusal."""

READS = ("Describe", "Get", "BatchGet", "Query", "Scan", "List")
"""What the names of actions that change nothing begin with."""


class AwsError(Exception):
    """A call to AWS that did not succeed: the action, AWS's code and message, and the HTTP status.

    The status is 0 where there was no reply: lost (`LOST_REPLY`), or, by botocore's own words, never asked for.
    `encoded` is what EC2 attaches to a refusal for sts:DecodeAuthorizationMessage; the message is without it.
    """

    def __init__(self, action: str, code: str, message: str, status: int = 0) -> None:
        told, _words, encoded = message.partition(ENCODED)
        self.encoded: str | None = encoded.split()[0] if encoded.split() else None
        self.action, self.code, self.message, self.status = action, code, told.strip(), status
        super().__init__(f"{action}: {code}: {self.message}")
        self.place = ""
        """Which table it was about and where, when AWS says only that there is none, or none with such keys."""
        self.repeated = False
        """Whether an earlier attempt at the same call had ended without a reply."""


@contextmanager
def translated(action: str, *, secret: str | None = None) -> Iterator[None]:
    """Turn what botocore raises into AwsError, whose message has nothing of the secret that the call was given."""
    try:
        yield
    except ClientError as error:
        details, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
        status = int(metadata.get("HTTPStatusCode", 0))
        message = _without(details.get("Message", ""), secret)
        raise AwsError(action, _plain(details.get("Code", "Unknown")), message, status) from (None if secret else error)
    except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, TokenRetrievalError) as error:
        raise AwsError(action, NO_CREDENTIALS, str(error)) from error
    except NoRegionError as error:
        raise AwsError(action, "NoRegion", str(error)) from error
    except (BotocoreConnectionError, HTTPClientError, ResponseParserError) as error:
        raise AwsError(action, LOST_REPLY, str(error)) from error
    except BotoCoreError as error:
        raise AwsError(action, type(error).__name__, str(error)) from error


def _plain(code: str) -> str:
    prefix = next((prefix for prefix in PREFIXES if code.startswith(prefix)), "")
    return code.removeprefix(prefix)


def _without(message: str, secret: str | None) -> str:
    """Take out a parameter that AWS may quote, as it was given, as it was sent, and line by line."""
    if not secret:
        return message
    lines = [line for line in map(str.strip, secret.splitlines()) if len(line) >= TELLING]
    for spelling in sorted((secret, base64.b64encode(secret.encode()).decode(), *lines), key=len, reverse=True):
        message = message.replace(spelling, HIDDEN)
    return message


def is_capacity(error: AwsError) -> bool:
    """Whether another instance type or market may be had where this one was not."""
    return error.code in CAPACITY


def is_unsupported(error: AwsError) -> bool:
    """Return whether the zone does not offer the instance type, however much capacity there is."""
    return error.code == UNSUPPORTED


def is_capacity_reason(state_reason: str | None) -> bool:
    """Whether an instance that died before it ran died for want of capacity."""
    return state_reason in CAPACITY_STATE_REASONS


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
    return error.code in THROTTLING


def is_outcome_unknown(error: AwsError) -> bool:
    """Whether the call may have had its effect although no good reply came: lost on the way, or a server's fault."""
    if is_capacity(error) or is_throttled(error):
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
    return error.code in NO_ACCESS or error.code in BAD_CREDENTIALS or _is_unsent(error)


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
