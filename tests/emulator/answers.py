# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that do not come from moto: errors, in the form each protocol wants."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

ERROR_CODE = re.compile(rb"<Code>([^<]+)</Code>|\"__type\":\s*\"(?:[^\"#]*#)?([^\"]+)\"")

EC2_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message>'
    "</Error></Errors><RequestID>{request_id}</RequestID></Response>"
)
QUERY_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    "<RequestId>{request_id}</RequestId></ErrorResponse>"
)


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def outcome(self) -> str:
        if self.status < 400:
            return "OK"
        code = ERROR_CODE.search(self.body)
        return (code[1] or code[2]).decode() if code else f"HTTP {self.status}"


def error(service: str, json_protocol: bool, code: str, message: str, status: int) -> Answer:
    if json_protocol:
        body = json.dumps({"__type": code, "message": message})
        return Answer(status, [("Content-Type", "application/x-amz-json-1.0")], body.encode())
    template = EC2_ERROR if service == "ec2" else QUERY_ERROR
    text = template.format(code=escape(code), message=escape(message), request_id=uuid.uuid4())
    return Answer(status, [("Content-Type", "text/xml;charset=UTF-8")], text.encode())


def document(content: object, status: int = 200) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(content).encode())
