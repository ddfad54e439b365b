# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of error codes: each question has the answer that the protocol builds on."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls import error_codes
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import (
    LOST_REPLY,
    AwsError,
    translated,
)
from botocore import exceptions, parsers

QUESTIONS = {
    "InsufficientInstanceCapacity/500": {"capacity", "refusal"},
    "InsufficientCapacity": {"capacity", "refusal"},
    "SpotMaxPriceTooLow": {"capacity", "refusal"},
    "MaxSpotInstanceCountExceeded": {"capacity", "refusal"},
    "VcpuLimitExceeded": {"capacity", "refusal"},
    "InstanceLimitExceeded": {"capacity", "refusal"},
    "Unsupported": {"capacity", "refusal"},
    "UnfulfillableCapacity": {"capacity", "refusal"},
    "InvalidNetworkInterface.InUse": {"in_use", "refusal"},
    "InvalidIPAddress.InUse": {"address_in_use", "refusal"},
    "Resource.AlreadyAssociated": {"already_associated", "refusal"},
    "InvalidNetworkInterfaceID.NotFound": {"gone", "unseen", "refusal"},
    "InvalidInstanceID.NotFound": {"gone", "unseen", "refusal"},
    "InvalidAllocationID.NotFound": {"gone", "unseen", "refusal"},
    "InvalidAssociationID.NotFound": {"gone", "refusal"},
    "IdempotentInstanceTerminated": {"dead_token", "refusal"},
    "IdempotentParameterMismatch": {"token_mismatch", "refusal"},
    "RequestLimitExceeded/503": {"throttled", "replayable"},
    "ThrottlingException": {"throttled", "replayable"},
    "ProvisionedThroughputExceededException": {"throttled", "replayable"},
    "InternalError/500": {"outcome_unknown", "replayable"},
    "Unavailable/503": {"outcome_unknown", "replayable"},
    f"{LOST_REPLY}/0": {"outcome_unknown", "replayable"},
    "ResourceNotFoundException": {"table_missing", "refusal"},
    "ConditionalCheckFailedException": {"condition_failed", "refusal"},
    "InvalidParameterValue": {"refusal"},
    "AddressLimitExceeded": {"refusal"},
}
ASKED = (
    "capacity", "gone", "unseen", "in_use", "address_in_use", "already_associated", "throttled", "outcome_unknown",
    "replayable", "refusal", "dead_token", "token_mismatch", "table_missing", "condition_failed", "no_permission",
)  # fmt: skip
NO_PERMISSION = (
    "UnauthorizedOperation", "AccessDenied", "AccessDeniedException",
    "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
)  # fmt: skip
USER_DATA = "#!/bin/sh\nexport A=hunter2"
NO_ACCESS = (*NO_PERMISSION, "AuthFailure")


def error_of(text: str) -> AwsError:
    code, _slash, status = text.partition("/")
    return AwsError("RunInstances", code, "no", int(status or 400))


@pytest.mark.parametrize(
    ("action", "may_have_changed_something"), [("RunInstances", True), ("DescribeInstances", False)]
)
def test_a_lost_reply_leaves_no_doubt_about_a_read(action, may_have_changed_something):
    assert error_codes.is_effect_unknown(AwsError(action, LOST_REPLY, "gone")) is may_have_changed_something


def answers(error: AwsError) -> set[str]:
    return {question for question in ASKED if getattr(error_codes, f"is_{question}")(error)}


@pytest.mark.parametrize(("error", "expected"), QUESTIONS.items())
def test_what_an_error_means(error, expected):
    assert answers(error_of(error)) == expected


@pytest.mark.parametrize("code", NO_PERMISSION)
def test_a_missing_permission(code):
    assert "no_permission" in answers(error_of(code))
    assert not answers(error_of(code)) & {"replayable", "capacity", "gone"}


def test_credentials_that_are_not_valid_are_no_missing_permission():
    assert "no_permission" not in answers(error_of("AuthFailure"))


def test_what_is_encoded_is_not_in_the_message():
    told = "Not allowed. Encoded authorization failure message: eJx_-="
    error = AwsError("RunInstances", "UnauthorizedOperation", told)
    assert (error.message, error.encoded) == ("Not allowed.", "eJx_-=")
    assert "eJx" not in str(error)
    assert AwsError("RunInstances", "UnauthorizedOperation", "Not allowed.").encoded is None


@pytest.mark.parametrize("quoted", [USER_DATA, base64.b64encode(USER_DATA.encode()).decode(), "export A=hunter2"])
def test_a_secret_that_aws_quotes_is_taken_out(quoted):
    raised = exceptions.ClientError({"Error": {"Code": "Invalid", "Message": f"'{quoted}' is wrong"}}, "RunInstances")
    with pytest.raises(AwsError) as caught, translated("RunInstances", secret=USER_DATA):
        raise raised
    assert caught.value.message == "'(not shown)' is wrong"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "code", [*NO_ACCESS, "RequestExpired", "ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"]
)
def test_who_may_not_ask_has_not_been_told_that_the_call_has_no_effect(code):
    """A launch whose reply was lost may have been made, though the replay comes with credentials that expired."""
    assert "refusal" not in answers(error_of(code))


def test_a_call_that_was_never_sent_has_not_been_refused():
    """Credentials that cannot be had any more say nothing of the call before."""
    with pytest.raises(AwsError) as raised, translated("RunInstances"):
        raise exceptions.CredentialRetrievalError(provider="sso", error_msg="expired")
    assert not error_codes.is_refusal(raised.value)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("Server.InsufficientInstanceCapacity", True),
        ("Server.SpotInstanceTermination", True),
        ("Client.VolumeLimitExceeded", False),
        ("Client.InternalError", False),
        ("Server.InternalError", True),
        ("Client.InvalidInterface.IpAddressLimitExceeded", True),
        (None, False),
    ],
)
def test_after_which_terminations_while_pending_another_candidate_may_do(reason, expected):
    """Another type would terminate for a bad key or a full quota as well."""
    assert error_codes.is_launch_fault(reason) is expected


def translate(raised: Exception) -> AwsError:
    with pytest.raises(AwsError) as caught, translated("RunInstances"):
        raise raised
    assert caught.value.__cause__ is raised
    return caught.value


def client_error(**response):
    return exceptions.ClientError(response, "RunInstances")


def test_what_aws_answers_keeps_its_code_message_and_status():
    answer = client_error(
        Error={"Code": "Unsupported", "Message": "not here"}, ResponseMetadata={"HTTPStatusCode": 400}
    )
    error = translate(answer)
    assert (error.action, error.code, error.message, error.status) == ("RunInstances", "Unsupported", "not here", 400)
    assert str(error) == "RunInstances: Unsupported: not here"


def test_an_answer_without_details_is_an_error_all_the_same():
    assert translate(client_error()).code == "Unknown"


URL = {"endpoint_url": "http://localhost"}


@pytest.mark.parametrize(
    "raised",
    [
        exceptions.EndpointConnectionError(**URL, error="refused"),
        exceptions.ConnectTimeoutError(**URL, error="slow"),
        exceptions.ReadTimeoutError(**URL, error="slow"),
        exceptions.ConnectionClosedError(**URL, request=None),
        exceptions.SSLError(**URL, error="handshake"),
        exceptions.ProxyConnectionError(proxy_url="http://proxy"),
        exceptions.HTTPClientError(error="anything"),
        pytest.param(
            parsers.ResponseParserError("not XML"),
        ),
    ],
    ids=lambda raised: type(raised).__name__,
)
def test_without_a_good_reply_the_outcome_is_unknown(raised):
    error = translate(raised)
    assert (error.code, error.status) == (LOST_REPLY, 0)
    assert error_codes.is_outcome_unknown(error)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (exceptions.NoCredentialsError(), "NoCredentials"),
        (exceptions.PartialCredentialsError(provider="env", cred_var="secret"), "NoCredentials"),
        (exceptions.NoRegionError(), "NoRegion"),
        (exceptions.ParamValidationError(report="no"), "ParamValidationError"),
    ],
)
def test_what_cannot_be_sent_has_no_outcome_to_wait_for(raised, code):
    error = translate(raised)
    assert error.code == code
    assert not error_codes.is_replayable(error)


def test_what_is_not_botocores_is_not_translated():
    """A mistake of ours must not pass for AWS's."""
    with pytest.raises(KeyError), translated("RunInstances"):
        raise KeyError


@pytest.mark.parametrize("code", [*NO_ACCESS, "RequestExpired", "NoCredentials"])
def test_who_may_not_ask_is_refused_where_nothing_was_asked_before(code):
    """Then there is nothing to find out about, and the intent is closed."""
    error = error_of(code)
    assert error_codes.is_refusal(error, first=True)
    error.repeated = True
    assert not error_codes.is_refusal(error, first=True)


@pytest.mark.parametrize("first", [True, False])
def test_other_answers_decide_whenever_they_come(first):
    assert error_codes.is_refusal(error_of("InvalidParameterValue"), first=first)
    assert not error_codes.is_refusal(error_of("InternalError/500"), first=first)
