# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ClientToken of RunInstances and CreateNetworkInterface.

ec2/responses/instances.py stores it and never compares it; ec2/responses/elastic_network_interfaces.py does not read
it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.responses import EC2Response

from ..errors import EC2ClientError, invalid
from . import views
from .patching import corrects
from .xml import PlainResult

NetworkInterface.client_token = None  # type: ignore[attr-defined]
LONGEST = 64


def once(response: Any, scope: str, do: Callable[[], str]) -> str:
    """The id that `do` made, or the one that an earlier call with the same token made."""
    token = response._get_param("ClientToken")
    if not token:
        return do()
    if len(token) > LONGEST or not token.isascii():
        raise invalid(f"Value ({token}) for parameter clientToken is invalid. It must be at most 64 ASCII characters.")
    known = vars(response.ec2_backend).setdefault("client_tokens", {})
    key, parameters = (scope, token), _parameters(response)
    if key not in known:
        known[key] = (parameters, do())
    if known[key][0] != parameters:
        raise EC2ClientError(
            "IdempotentParameterMismatch",
            "The request uses the same client token as a previous, but non-identical request.",
        )
    return known[key][1]


def _parameters(response: Any) -> str:
    """As they were sent, before a launch template is merged into them."""
    sent = {name: value for name, value in response.querystring.items() if name != "DryRun"}
    return json.dumps(sent, sort_keys=True, default=str)


@corrects(EC2Response, "create_network_interface")
def _create_network_interface(original: Any, self: Any) -> PlainResult:
    def create() -> str:
        interface = original(self).result["NetworkInterface"]
        interface.client_token = self._get_param("ClientToken")
        return interface.id

    interface = self.ec2_backend.get_network_interface(once(self, "CreateNetworkInterface", create))
    shown = {**views.network_interface(interface), "Status": "pending"}
    return PlainResult({"NetworkInterface": shown, "ClientToken": interface.client_token})
