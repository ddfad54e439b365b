# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's modules in this process: what the roles do, without ansible-playbook around it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import boto3
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clients import Settings
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.commands import Command
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.arguments import module_arguments
from ansible_collections.stateful_node.aws.plugins.module_utils._module.results import Result
from ansible_collections.stateful_node.aws.plugins.module_utils._module.runner import run
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context.context import Listener
from ansible_collections.stateful_node.aws.plugins.plugin_utils.handlers import HANDLERS
from botocore.config import Config

from tests.emulator.environment import REGION
from tests.emulator.network import Network

TABLE = "stateful-nodes"

DOWN, UP = (("instance", "terminated"),), (("instance", "running"),)
STEP_BY_STEP = (*DOWN, ("eni", "present"), ("eip", "present"), *UP)
"""A replacement with each phase by itself, as somebody's own playbook may have it."""

STEPS = {
    "resume": UP,
    "pause": DOWN,
    "replace": (*DOWN, *UP),
    "delete": (*DOWN, ("eip", "absent"), ("eni", "absent")),
}

DESTROYING = {"delete_instance": True, "delete_network_interface": True, "delete_release_elastic_ip": True}
WITH_CHOICES: dict[str, tuple[str, Mapping[str, bool]]] = {
    "destroy": ("delete", DESTROYING),
    "release": ("delete", {}),
    "move": ("replace", {"allow_address_change": True}),
    "resume elsewhere": ("resume", {"allow_address_change": True}),
}
"""Names for an operation with choices: a node of which nothing is left, all of it, or all but its address."""

ADOPTEES: dict[str, str] = {}
"""The instances that `operate` adopts, by the names that they are to have."""


def create_tables(dynamodb: Any, table: str = TABLE) -> None:
    """Create the node table and its history, as the template of the role setup does."""
    for name, keys in ((table, {"name": "HASH"}), (f"{table}-history", {"name": "HASH", "at": "RANGE"})):
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        )


def new_client(endpoint: str, service: str, settings: Settings, access_key_id: str = "testing") -> Any:
    """Make a client with credentials that no AWS account has."""
    return _session().client(
        service,
        config=Config(**settings),
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key_id,
        aws_secret_access_key="testing",
    )


@functools.cache
def _session() -> Any:
    # Its loader keeps the service models, which cost more than the clients made of them.
    return boto3.session.Session()


def checked_parameters(module: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Check, convert and complete a module's arguments as AnsibleModule does."""
    arguments = module_arguments(f"stateful_node_{module}")
    keys = ("mutually_exclusive", "required_if", "required_one_of", "required_together", "required_by")
    validator = ArgumentSpecValidator(
        arguments["argument_spec"], **{key: arguments[key] for key in keys if key in arguments}
    )
    checked = validator.validate(dict(params))
    assert not checked.error_messages, checked.error_messages
    return dict(checked.validated_parameters)


_CLIENTS: dict[tuple[str, ...], Any] = {}


class Collection:
    """Runs modules by their short names; `check_mode` runs them all in check mode, `listener` hears how they go on.

    `access_key_id` says who calls, where the emulator has policies for somebody.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        check_mode: bool = False,
        clock: Clock | None = None,
        listener: Listener | None = None,
        access_key_id: str = "testing",
    ) -> None:
        self.endpoint, self.check_mode, self.clock, self.listener = endpoint, check_mode, clock, listener
        self.access_key_id = access_key_id

    def client(self, service: str, settings: Settings) -> Any:
        """Give the module a client; all collections on an endpoint share theirs."""
        key = (self.endpoint, service, str(settings["retries"]), self.access_key_id)
        if key not in _CLIENTS:
            # Making one costs more than most tests.
            _CLIENTS[key] = new_client(self.endpoint, service, settings, self.access_key_id)
        return _CLIENTS[key]

    def run(self, module: str, **params: Any) -> Result:
        """Run a module as AnsibleModule would: its arguments are checked, converted and given their defaults."""
        return run(
            HANDLERS[f"stateful_node_{module}"],
            checked_parameters(module, params),
            check_mode=self.check_mode,
            client_factory=self.client,
            clock=self.clock,
            listener=self.listener,
        )

    def configure(self, name: str, network: Network, **options: Any) -> Result:
        """Configure a node that can be launched; options replace what is given here."""
        given = {
            "subnet_id": network.subnet_a_id,
            "security_groups": [network.security_group_id],
            "launch": {"image_id": network.image_id, "instance_types": ["t3.micro", "t3.small"]},
        }
        return self.run("config", name=name, **{**given, **options})

    def rebuild(self, name: str, **options: Any) -> Result:
        """Rebuild a record as a person does: with the consent that the refusal without it names."""
        try:
            return self.run("rebuild", name=name, **options)
        except NodeError as error:
            if error.failure.code != "NotConfirmed":
                raise
            command = error.failure.next_command
            confirmed = command.variables["repair_confirm"].split(",") if isinstance(command, Command) else []
        return self.run("rebuild", name=name, confirm=confirmed, **options)

    def adopt(self, name: str, **options: Any) -> Result:
        """Adopt something whose root disk may be lost; options replace what is given here."""
        return self.run("adopt", name=name, **{"accept_root_volume_loss": True, **options})

    def operate(
        self,
        operation: str,
        names: Sequence[str],
        *,
        take_over: bool = False,
        choices: Mapping[str, Any] = MappingProxyType({}),
        between: Callable[[str, str], None] = lambda module, state: None,
        **waiting: Any,
    ) -> Result:
        """Carry an operation out as its role does; `between` is called before each step.

        Nodes that failed are left out of the steps after; the result is that of the end, or of the beginning where
        nothing was begun.
        """
        if operation == "adopt":
            (name,) = names
            return self.adopt(name, take_over=take_over, instance_id=ADOPTEES[name])
        operation, chosen = WITH_CHOICES.get(operation, (operation, {}))
        confirmed = {"delete_confirm": list(names)} if operation == "delete" else {}
        choices = {**confirmed, **chosen, **choices}
        begun = self.run("operation", name=names, state="begun", operation=operation, take_over=take_over, **choices)
        operation_id, healthy = begun.values["operation_id"], list(begun.values["begun"])
        if operation_id is None:
            return begun
        if operation == "replace":
            healthy = self._prelaunch(begun, operation_id, between, waiting)
        for module, state in STEPS[operation]:
            between(module, state)
            if healthy:
                done = self.run(module, name=healthy, state=state, operation_id=operation_id, **waiting)
                healthy = [node["name"] for node in done.values["nodes"] if "error" not in node]
        return self.run("operation", name=names, state="ended", operation=operation, operation_id=operation_id)

    def _prelaunch(
        self, begun: Result, operation_id: str, between: Callable[[str, str], None], waiting: Mapping[str, Any]
    ) -> list[str]:
        """Launch beside the instances of those nodes that hand over so; returns the nodes that are well."""
        names: list[str] = begun.values["begun"]
        apart = [name for name in prelaunched(begun) if name in names]
        if not apart:
            return list(names)
        between("instance", "prelaunched")
        done = self.run("instance", name=apart, state="prelaunched", operation_id=operation_id, **waiting)
        failed = [node["name"] for node in done.values["nodes"] if "error" in node]
        return [name for name in names if name not in failed]


def prelaunched(begun: Result) -> list[str]:
    """The nodes that are configured to hand over between running instances."""
    nodes = (node for node in begun.values["nodes"] if node.get("config"))
    return [node["name"] for node in nodes if node["config"]["handover"] == "prelaunch"]
