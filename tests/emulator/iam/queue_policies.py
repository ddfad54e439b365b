# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the policy of a queue says of who may use it.

Within an account either the caller's policy or the queue's may allow, and a denial in any of them wins:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.sqs.models import sqs_backends

from ..calls import Call
from ..world import ACCOUNT_ID
from .documents import Decision, Document, Request, evaluate

SEND = "sqs:SendMessage"


def decide(call: Call, request: Request, principal: str) -> Decision:
    """Decide about a principal's call by the policy of the queue that it is about."""
    queue = sqs_backends[ACCOUNT_ID][call.region].queues.get(request.resource.rpartition(":")[2])
    if call.service != "sqs" or queue is None:
        return Decision(allowed=False)
    return evaluate([_document(queue, lambda statement: _names_user(statement["Principal"], principal))], request)


def lets_service_send(queue: Any, service: str, source_arn: str) -> bool:
    """Whether an AWS service may send to a queue on behalf of the resource `source_arn`."""
    request = Request(SEND, queue.queue_arn, {"aws:sourcearn": [source_arn]})
    return evaluate(
        [_document(queue, lambda statement: _names(statement["Principal"], "Service", service))], request
    ).allowed


def _document(queue: Any, concerns: Callable[[Document], bool]) -> Document:
    """Reduce the queue's policy to the statements that are about the caller."""
    statements = json.loads(queue.policy or "{}").get("Statement", [])
    return {"Statement": [{"Resource": "*", **statement} for statement in statements if concerns(statement)]}


def _names_user(principal: Any, arn: str) -> bool:
    return _names(principal, "AWS", arn) or _names(principal, "AWS", ACCOUNT_ID)


def _names(principal: Any, kind: str, name: str) -> bool:
    if principal == "*":
        return True
    named = principal.get(kind, []) if isinstance(principal, dict) else []
    return bool({"*", name} & {named} if isinstance(named, str) else {"*", name} & set(named))
