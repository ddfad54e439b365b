# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An AWS request as a call: service, action, parameters, and whether it changes anything."""

from __future__ import annotations

import json
import re
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

READS = re.compile(r"^(Describe|Get|List|Query|Scan|BatchGet|TransactGet|Receive|Search|Lookup|Validate|Test|Estimate)")
# A read by its name that changes what the next one answers.
WRITES_ALL_THE_SAME = frozenset({"ReceiveMessage"})
SERVICE = re.compile(r"Credential=(?P<access_key_id>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
RESOURCE_ID = re.compile(
    r"\b(?:eni-attach|eipalloc|eipassoc|eni|subnet|vpc|sg|igw|lt|vol|snap|ami|sir|i)-[0-9a-f]{8,17}\b"
)
NODE_NAME_TAG = "stateful_node:name"
LONGEST_PARAMETER = 300


@dataclass
class Call:
    service: str
    action: str
    region: str = "us-east-1"
    parameters: dict[str, Any] = field(default_factory=dict)
    access_key_id: str = ""

    @property
    def is_dry_run(self) -> bool:
        return str(self.parameters.get("DryRun", "")).lower() == "true"

    @property
    def label(self) -> str:
        """The action as the log and the faults name it: a dry run of `RunInstances` is `RunInstances (DryRun)`."""
        return f"{self.action} (DryRun)" if self.is_dry_run else self.action

    @property
    def mutating(self) -> bool:
        if self.is_dry_run:
            return False
        return self.action in WRITES_ALL_THE_SAME or not READS.match(self.action)

    @property
    def resource_ids(self) -> list[str]:
        return resource_ids_in(json.dumps(self.parameters, default=str))

    def summary(self) -> dict[str, Any]:
        """The parameters, long values cut; user data is never shown."""
        return {
            name: value if len(str(value)) <= LONGEST_PARAMETER else str(value)[:LONGEST_PARAMETER] + "..."
            for name, value in self.parameters.items()
            if name not in ("Action", "Version", "UserData")
        }

    def node_name(self) -> str | None:
        """From the tags that the call gives, or the key of the item it works on."""
        for name, value in self.parameters.items():
            if value == NODE_NAME_TAG and name.endswith(".Key"):
                return self.parameters.get(name[: -len("Key")] + "Value")
        item = self.parameters.get("Key") or self.parameters.get("Item") if self.service == "dynamodb" else None
        return item.get("name", {}).get("S") if isinstance(item, dict) else None


def resource_ids_in(text: str) -> list[str]:
    return list(dict.fromkeys(RESOURCE_ID.findall(text)))


def parse(environ: dict[str, Any], body: bytes) -> Call:
    signed = SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = signed["service"] if signed else "unsigned"
    region = signed["region"] if signed else "us-east-1"
    caller = signed["access_key_id"] if signed else ""
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return Call(service, target.rsplit(".", 1)[-1], region, _json(body), caller)
    form = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    action = form.get("Action") or f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}"
    return Call(service, action, region, form, caller)


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
