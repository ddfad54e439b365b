# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's answers changed on their way: what EC2 may say as well, also while it shows what was before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clients import Settings
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock

from tests.support.collection import Collection, new_client

Change = Callable[[dict[str, Any]], object]
"""Changes an answer in place; `refusal` makes an error of it."""

STATUS = "ResponseMetadata"


class OtherAnswers(Collection):
    """A collection to which AWS answers in other ways: the answers of an action go through its changes.

    A change that returns true is over with that answer; others stay.
    """

    def __init__(self, endpoint: str, clock: Clock | None = None) -> None:
        super().__init__(endpoint, clock=clock)
        self.changes: dict[str, list[Change]] = {}
        self._own: dict[tuple[str, str], Any] = {}

    def change(self, action: str, change: Change) -> None:
        """Change the answers of an action from now on."""
        self.changes.setdefault(action, []).append(change)

    def client(self, service: str, settings: Settings) -> Any:
        """Give the module a client of its own, whose answers are changed."""
        key = (service, str(settings["retries"]))
        if key not in self._own:
            client = new_client(self.endpoint, service, settings)
            client.meta.events.register("after-call", self._after_call)
            self._own[key] = client
        return self._own[key]

    def _after_call(self, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        changes = self.changes.get(model.name, [])
        for change in list(changes):
            if change(parsed):
                changes.remove(change)
        http_response.status_code = parsed.get(STATUS, {}).get("HTTPStatusCode", http_response.status_code)


def refusal(code: str, message: str = "", status: int = 400, *, once: bool = True) -> Change:
    """Make an error of one answer, or of all, although the call has had its effect."""

    def refuse(answer: dict[str, Any]) -> bool:
        answer.clear()
        answer["Error"] = {"Code": code, "Message": message}
        answer[STATUS] = {"HTTPStatusCode": status}
        return once

    return refuse


def relapses(key: str, times: int = 3) -> Change:
    """Have a thing that has changed be shown as it was before, so many times, after it was shown as it is.

    Two of EC2's servers may answer in turn, of which one has not heard of the change yet.
    """
    shown: dict[str, Any] = {}
    before: dict[str, list[Any]] = {}

    def relapse(answer: dict[str, Any]) -> None:
        things = answer[key]
        for place, thing in enumerate(things):
            thing_id = _id_of(thing)
            if thing == shown.setdefault(thing_id, thing):
                things[place] = before[thing_id].pop() if before.get(thing_id) else thing
            else:
                shown[thing_id], before[thing_id] = thing, [shown[thing_id]] * times

    return relapse


def _id_of(thing: dict[str, Any]) -> str:
    """Name an address, a reservation with its one instance, or an interface."""
    if "Instances" in thing:
        return str(thing["Instances"][0]["InstanceId"])
    return str(thing.get("AllocationId") or thing["NetworkInterfaceId"])
