# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two services that nearly all calls are for, asked without moto's web application around them.

moto_server/werkzeug_app.py finds the service by the call's signature, makes a Flask application of its URLs and has
core/utils.py convert_to_flask_response call the one that both have, /. That takes a third of a short call's time.
"""

from __future__ import annotations

from typing import Any

from moto.core.request import Request
from moto.dynamodb.responses import DynamoHandler
from moto.ec2.responses import EC2Response
from werkzeug.exceptions import HTTPException

from .answers import Answer
from .calls import Call

HANDLERS = {"ec2": EC2Response, "dynamodb": DynamoHandler}
OTHER_DYNAMODB = ("DynamoDBStreams_", "DynamoDB_20111205.")
"""Targets of what is signed as DynamoDB and has handlers of its own."""


class ServedRequest(Request):
    """A request that a server received, so that moto leaves out what the server adds."""

    from_wsgi_server = True


def is_direct(call: Call, environ: dict[str, Any]) -> bool:
    """Whether the call can be answered here."""
    is_other = environ.get("HTTP_X_AMZ_TARGET", "").startswith(OTHER_DYNAMODB)
    return call.service in HANDLERS and environ["PATH_INFO"] == "/" and not is_other


def answer(call: Call, environ: dict[str, Any]) -> Answer:
    """Ask moto's handler of the service."""
    request = ServedRequest(environ)
    try:
        status, headers, body = HANDLERS[call.service].dispatch(request, request.raw_url, dict(request.headers))
    except HTTPException as refusal:
        status, headers, body = refusal.code or 500, dict(refusal.get_headers()), refusal.get_body()
    encoded = body if isinstance(body, bytes) else body.encode()
    return Answer(int(status), [(name, str(value)) for name, value in headers.items()], encoded)
