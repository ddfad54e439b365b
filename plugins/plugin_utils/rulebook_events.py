# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events that ansible-rulebook hands over to a playbook, read without a template of theirs being run.

ansible-rulebook writes them to an extra-vars file, as `ansible_eda.event` or `ansible_eda.events`. Ansible trusts extra
vars: whatever mentions `ansible_eda` in a playbook has Ansible run the templates that are in an event, before
ansible-core 2.19 those of all events at once. An action plugin is given variables as they were written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ..module_utils._core.lifecycle.instance_events import OtherEventError, UnreadableEventError, rebuild_event

VARIABLE = "ansible_eda"

ACCOUNT_ID_DIGITS = 12


class RulebookEvents(NamedTuple):
    """`documents` are composed of validated fields alone; `ignored` says of each other event why it was left out."""

    documents: list[dict[str, Any]]
    ignored: list[str]


def read_rulebook_events(variables: Mapping[str, Any]) -> RulebookEvents:
    """Read the events from a task's variables, which are as they were written."""
    read = RulebookEvents([], [])
    for body in _bodies(variables.get(VARIABLE)):
        try:
            read.documents.append(rebuild_event(body))
        except (UnreadableEventError, OtherEventError) as error:
            read.ignored.append(str(error))
    return read


def _bodies(handed_over: Any) -> Iterator[Any]:
    if not isinstance(handed_over, Mapping):
        return
    several = handed_over.get("events")
    if isinstance(several, Mapping):
        yield from (_body(event) for event in several.values())
    if "event" in handed_over:
        yield _body(handed_over["event"])


def _body(event: Any) -> Any:
    body = event.get("body") if isinstance(event, Mapping) else None
    return {key: _as_written(value) for key, value in body.items()} if isinstance(body, Mapping) else body


def _as_written(value: Any) -> Any:
    """Give the text of a time or an account id that was read as something else.

    AWX writes each text as `!unsafe '...'`, and ansible-core >= 2.19 guesses its type as if it had no quotes.
    """
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, int) and not isinstance(value, bool):
        # One that began with 0 and has no digit above 7 was read as octal.
        octal = f"0{value:o}"
        return octal if len(octal) == ACCOUNT_ID_DIGITS else str(value)
    return value
