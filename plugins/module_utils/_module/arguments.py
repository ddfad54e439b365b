# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of the modules, as AnsibleAWSModule takes them: `AnsibleAWSModule(**module_arguments(name))`.

What a user reads about them stands in the modules' documentation; ansible-test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import env_fallback

from .._core.declaration.option import Option, options_of
from .._core.model.config import Config
from .._core.model.node_error import NodeError
from .printable import printable

MIN_LEASE_SECONDS = 60
"""A lease has to outlast the longest call that is made under it."""

MAX_HISTORY = 1000
"""Entries of one node's history at the most: a year of a node that is paused every night."""

TABLE_NAME = re.compile(r"[A-Za-z0-9._-]{3,255}|arn:\S+")
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"""

_ArgumentSpec = dict[str, dict[str, Any]]

_TABLE: _ArgumentSpec = {
    "table_name": {
        "type": "str",
        "default": "stateful-nodes",
        "fallback": (env_fallback, ["STATEFUL_NODE_TABLE"]),
    },
}
_NAMES: _ArgumentSpec = {"name": {"type": "list", "elements": "str", "required": True}}
_OPERATION_ID: _ArgumentSpec = {"operation_id": {"type": "str"}}
_WAITING: _ArgumentSpec = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 1800},
}


def _state(*choices: str) -> _ArgumentSpec:
    return {"state": {"type": "str", "choices": list(choices), "default": choices[0]}}


def _dict(**options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "dict", "options": options}


def _list(elements: str = "str", **more: Any) -> dict[str, Any]:
    return {"type": "list", "elements": elements, **more}


def declared_arguments(options: Mapping[str, Option]) -> _ArgumentSpec:
    """Turn options of the configuration into what Ansible takes."""
    return {name: _argument(option) for name, option in options.items()}


def _argument(option: Option) -> dict[str, Any]:
    """Turn an option of the configuration into what Ansible takes. It has no default: one left out is kept."""
    argument = {
        "type": option.type,
        "elements": _elements(option),
        "choices": list(option.choices),
        "aliases": list(option.aliases),
        "required": option.required or None,
        "no_log": option.no_log,
        "options": declared_arguments(option.suboptions),
        "mutually_exclusive": list(option.exclusive),
    }
    return {name: value for name, value in argument.items() if value not in (None, [], {})}


def _elements(option: Option) -> str | None:
    if option.type != "list":
        return None
    return "dict" if option.suboptions else "str"


_STR = {"type": "str"}

_OPTIONS = declared_arguments(options_of(Config))
_LAUNCH: _ArgumentSpec = {"launch": _OPTIONS["launch"]}
_CONFIG: _ArgumentSpec = {
    "name": {"type": "str", "required": True},
    **_OPTIONS,
    "purge_tags": {"type": "bool", "default": True},
    "allow_address_change": {"type": "bool", "default": False},
}

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "stateful_node_config": {
        "argument_spec": _TABLE | _CONFIG | _state("present", "absent"),
        "mutually_exclusive": [("secondary_private_ip_addresses", "secondary_private_ip_address_count")],
    },
    "stateful_node_adopt": {
        "argument_spec": _TABLE
        | {option: spec for option, spec in _CONFIG.items() if option != "allow_address_change"}
        | {
            "config": {"type": "dict"},
            "instance_id": _STR,
            "network_interface_id": _STR,
            "accept_root_volume_loss": {"type": "bool", "default": False},
            "take_over": {"type": "bool", "default": False},
            "wait_timeout": _WAITING["wait_timeout"],
        },
        "mutually_exclusive": [
            ("instance_id", "network_interface_id"),
            ("secondary_private_ip_addresses", "secondary_private_ip_address_count"),
        ],
        "required_one_of": [("instance_id", "network_interface_id")],
    },
    "stateful_node_eni": {
        "argument_spec": _TABLE | _NAMES | _OPERATION_ID | _WAITING | _state("present", "absent"),
    },
    "stateful_node_eip": {
        "argument_spec": _TABLE
        | _NAMES
        | _OPERATION_ID
        | _WAITING
        | _state("present", "absent")
        | {"release": {"type": "bool", "default": False}},
    },
    "stateful_node_instance": {
        "argument_spec": _TABLE
        | _NAMES
        | _OPERATION_ID
        | _WAITING
        | _state("running", "terminated", "prelaunched")
        | {"wait_for": {"type": "str", "choices": ["running", "status_ok"], "default": "running"}},
        "required_if": [("state", "prelaunched", ["operation_id"])],
    },
    "stateful_node_operation": {
        "argument_spec": _TABLE
        | _NAMES
        | _OPERATION_ID
        | {
            "state": {"type": "str", "choices": ["begun", "ended"], "required": True},
            "operation": {"type": "str", "choices": ["resume", "pause", "replace", "delete"]},
            "take_over": {"type": "bool", "default": False},
            "allow_address_change": {"type": "bool", "default": False},
            "delete_instance": {"type": "bool", "default": False},
            "delete_network_interface": {"type": "bool", "default": False},
            "delete_release_elastic_ip": {"type": "bool", "default": False},
            "delete_confirm": _list(),
            "generations": {"type": "dict"},
            "rerun": _dict(own_playbook={"type": "bool", "default": False}, variables={"type": "dict", "default": {}}),
            "lease_seconds": {"type": "int", "default": 300},
            "wait_timeout": _WAITING["wait_timeout"],
        },
        "required_if": [("state", "begun", ["operation"]), ("state", "ended", ["operation_id"])],
    },
    "stateful_node_info": {
        "argument_spec": _TABLE | {"name": _list()},
    },
    "stateful_node_history_info": {
        "argument_spec": _TABLE | {"name": _list(), "since": _STR, "limit": {"type": "int", "default": 100}},
    },
    "stateful_node_rebuild": {
        "argument_spec": _TABLE
        | {
            "name": {"type": "str", "required": True},
            "confirm": _list(default=[]),
        }
        | _LAUNCH,
    },
    "stateful_node_events": {
        "argument_spec": _TABLE
        | _state("received", "deleted")
        | {
            "queue_name": _STR,
            "receive": {"type": "bool", "default": True},
            "reconcile": {"type": "bool", "default": True},
            "events": _list("raw"),
            "rulebook_events": {"type": "bool", "default": False},
            "wait_seconds": {"type": "int", "default": 0},
            "exclude": _list(default=[]),
            "receipt_handles": _list(default=[]),
        },
    },
    "stateful_node_orphans": {
        "argument_spec": _TABLE | {"delete": _list(default=[]), "wait_timeout": _WAITING["wait_timeout"]},
    },
}

OPTIONS_OF: dict[str, tuple[str, ...]] = {
    "resume": ("allow_address_change",),
    "pause": (),
    "replace": ("allow_address_change",),
    "delete": ("delete_instance", "delete_network_interface", "delete_release_elastic_ip"),
}
"""The choices that belong to an operation; those of others are without effect."""


def module_arguments(module: str) -> dict[str, Any]:
    """Give the keyword arguments of a module's AnsibleAWSModule, by its short name."""
    return {"supports_check_mode": True, **_ARGUMENTS[module]}


def check_arguments(params: Mapping[str, Any]) -> None:
    """Raise NodeError when a table's name is none, or a number too small or too large: argument specs know neither."""
    _check_encoding(params)
    table = params.get("table_name")
    if table is not None and not TABLE_NAME.fullmatch(table):
        raise NodeError(
            "InvalidArgument",
            f"table_name '{table}' is not a valid name of a DynamoDB table: 3 to 255 letters, digits, '.', '_' "
            "and '-'.",
        )
    for option, least in (("lease_seconds", MIN_LEASE_SECONDS), ("wait_timeout", 1), ("wait_seconds", 0)):
        seconds = params.get(option)
        if seconds is not None and seconds < least:
            unit = "second" if least == 1 else "seconds"
            raise NodeError("InvalidArgument", f"{option} '{seconds}' is too short. Give {least} {unit} or more.")
    limit = params.get("limit")
    if limit is not None and not 1 <= limit <= MAX_HISTORY:
        raise NodeError("InvalidArgument", f"limit '{limit}' is out of range. Give 1 to {MAX_HISTORY} entries.")


def _check_encoding(params: Mapping[str, Any]) -> None:
    """Raise NodeError for options that AWS cannot be sent. Events are validated by themselves."""
    spoiled = [option for option, value in params.items() if option != "events" and value != printable(value)]
    if spoiled:
        raise NodeError(
            "InvalidArgument", f"{', '.join(spoiled)}: the text is not valid Unicode: it contains a lone surrogate."
        )
