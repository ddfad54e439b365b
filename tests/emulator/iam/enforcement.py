# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what, and how AWS words a refusal."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from ..answers import Answer
from ..calls import Call
from ..errors import ServerError
from ..world import ACCOUNT_ID
from . import queue_policies, services
from .documents import Context, Decision, Document, Request, evaluate
from .ec2 import Ec2Requests

DECODE = "DecodeAuthorizationMessage"
JSON_SERVICES = ("dynamodb", "events")
"""Those that refuse as AccessDeniedException, with HTTP status 400."""

NEVER_DENIED = ("sts", "GetCallerIdentity")
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""

DECODED = (
    '<DecodeAuthorizationMessageResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<DecodeAuthorizationMessageResult><DecodedMessage>{message}</DecodedMessage></DecodeAuthorizationMessageResult>"
    "</DecodeAuthorizationMessageResponse>"
)


def authorize(policies: Mapping[str, Sequence[Document]], call: Call, entry: dict[str, Any]) -> None:
    """Raises ServerError when the caller has policies, and they do not allow the call."""
    documents = policies.get(call.access_key_id)
    if documents is None or (call.service, call.action) == NEVER_DENIED:
        return
    entry["authorized"] = authorized = []
    for request in _requests(call):
        decision = evaluate(documents, request)
        of_queue = queue_policies.decide(call, request, _principal(call))
        if of_queue.explicit_deny:
            raise _refusal(call, request, of_queue, kind="a resource-based")
        if not decision.allowed and not of_queue.allowed:
            raise _refusal(call, request, decision)
        authorized.append(
            {"action": request.action, "resource": request.resource, "statements": list(decision.statements)}
        )


def _requests(call: Call) -> Iterable[Request]:
    common: Context = {
        "aws:principalarn": [_principal(call)],
        "aws:requestedregion": [call.region],
        "ec2:region": [call.region],
    }
    if call.service != "ec2":
        return services.requests(call, common)
    asked = Ec2Requests(call, common)
    return () if asked.names_what_is_not_there() else asked.all()


def _principal(call: Call) -> str:
    return f"arn:aws:iam::{ACCOUNT_ID}:user/{call.access_key_id}"


def _refusal(call: Call, request: Request, decision: Decision, kind: str = "an identity-based") -> ServerError:
    if request.action == "iam:CreateServiceLinkedRole":
        message = "The provided credentials do not have permission to create the service-linked role for EC2 Spot "
        return ServerError("AuthFailure.ServiceLinkedRoleCreationNotPermitted", f"{message}Instances.", 403)
    why = (
        f"with an explicit deny in {kind} policy"
        if decision.explicit_deny
        else f"because no identity-based policy allows the {request.action} action"
    )
    told = f"User: {_principal(call)} is not authorized to perform: {request.action} on resource: {request.resource} "
    if call.service == "ec2":
        encoded = _encode(_explanation(call, request, decision))
        message = f"You are not authorized to perform this operation. {told}{why}. "
        return ServerError("UnauthorizedOperation", f"{message}Encoded authorization failure message: {encoded}", 403)
    if call.service in JSON_SERVICES:
        return ServerError("AccessDeniedException", told + why, 400)
    return ServerError("AccessDenied", told + why, 403)


def _explanation(call: Call, request: Request, decision: Decision) -> dict[str, Any]:
    """The decoded message, as https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html."""
    conditions = [
        {"key": key, "values": {"items": [{"value": value} for value in values]}}
        for key, values in request.context.items()
    ]
    denying = [{"statementId": sid, "effect": "DENY"} for sid in decision.statements if decision.explicit_deny]
    return {
        "allowed": False,
        "explicitDeny": decision.explicit_deny,
        "matchedStatements": {"items": denying},
        "failures": {"items": []},
        "context": {
            "principal": {"id": call.access_key_id, "arn": _principal(call)},
            "action": request.action,
            "resource": request.resource,
            "conditions": {"items": conditions},
        },
    }


def _encode(explanation: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(explanation).encode())).decode()


def decode(call: Call) -> Answer:
    """Answer sts:DecodeAuthorizationMessage, which moto does not know."""
    try:
        text = zlib.decompress(base64.urlsafe_b64decode(call.parameters["EncodedMessage"])).decode()
    except (KeyError, ValueError, zlib.error):
        raise ServerError("InvalidAuthorizationMessageException", "The message is not valid", 400) from None
    body = DECODED.format(message=escape(text))
    return Answer(200, [("Content-Type", "text/xml;charset=UTF-8")], body.encode())


def is_decoding(call: Call) -> bool:
    return (call.service, call.action) == ("sts", DECODE)
