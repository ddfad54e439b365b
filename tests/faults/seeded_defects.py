# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.faults.seeded_defects`: defects that the design forbids, put back one by one; each must be found."""

from __future__ import annotations

import multiprocessing
import secrets
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.ec2 import Ec2
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store

from tests.emulator.process import Emulator

from .races import race_problems
from .scenarios import SCENARIOS, new_world
from .sweep import sweep

COLLECTION = "ansible_collections.stateful_node.aws."
CREATING = {
    "create_network_interface": "network_interface_id",
    "run_instances": "instance_id",
    "allocate_address": "allocation_id",
}
"""Ec2's methods that create, and the attribute of their answer that is the id."""


def _random_token(*_parts: Any) -> str:
    return secrets.token_hex(32)


def make_tokens_random() -> None:
    """Derive the ClientToken from nothing: another run cannot come to it."""
    for path, module in list(sys.modules.items()):
        if path.startswith(COLLECTION) and hasattr(module, "client_token"):
            module.client_token = _random_token


def give_attempts_tokens() -> None:
    """Give each attempt of a creating call a ClientToken of its own."""
    for name in ("create_network_interface", "run_instances"):
        _wrap(Ec2, name, _create_with_another_token)


def _create_with_another_token(original: Callable[..., Any], self: Any, parameters: dict[str, Any]) -> Any:
    return original(self, {**parameters, "ClientToken": _random_token()})


def drop_conditions() -> None:
    """Write records whatever stands in them: neither the operation nor the version is compared."""
    _wrap(Store, "update", lambda original, self, name, changes, _expected: original(self, name, changes, {}))


def tag_afterwards() -> None:
    """Set the tags of what is created by a call of their own."""
    for name, key in CREATING.items():
        _wrap(Ec2, name, partial(_create_and_tag, key))


def _create_and_tag(key: str, original: Callable[..., Any], self: Any, parameters: dict[str, Any]) -> Any:
    bare = {name: value for name, value in parameters.items() if name != "TagSpecifications"}
    made = original(self, bare)
    for specification in parameters["TagSpecifications"][:1]:
        self.create_tags(getattr(made, key), {tag["Key"]: tag["Value"] for tag in specification["Tags"]})
    return made


def _wrap(owner: type, name: str, wrapper: Callable[..., Any]) -> None:
    original = getattr(owner, name)
    setattr(owner, name, lambda *given: wrapper(original, *given))


def _sweep(action: str, prepare: Callable[[], None]) -> list[str]:
    found = sweep(SCENARIOS[:1], only=f": {action} ", prepare=prepare)
    return [f"{schedule}: {problem}" for schedule, problems in found for problem in problems]


def _race(prepare: Callable[[], None]) -> list[str]:
    # A process of its own, as the defect stays in the one that it is put into.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=prepare) as pool:
        return pool.submit(_race_in_a_new_world).result()


def _race_in_a_new_world() -> list[str]:
    with Emulator() as emulator:
        return race_problems(new_world(emulator))


@dataclass(frozen=True)
class Defect:
    """What is put back, and where it must show."""

    name: str
    put_back: Callable[[], None]
    look: Callable[[Callable[[], None]], list[str]]


def _nothing() -> None:
    """Put nothing back: what is looked at must be right then."""


SOUND = Defect("none", _nothing, _race)
"""The sweep of what has no defect is a program of its own."""

DEFECTS = (
    Defect("random ClientToken", make_tokens_random, partial(_sweep, "RunInstances")),
    Defect("another ClientToken at each attempt", give_attempts_tokens, partial(_sweep, "CreateNetworkInterface")),
    Defect("writes without their condition", drop_conditions, _race),
    Defect("tags after the create", tag_afterwards, partial(_sweep, "AllocateAddress")),
)


def main() -> int:
    """Put each defect back; exit with 1 when one is not found, or when something is found without any."""
    failed = False
    for defect in (SOUND, *DEFECTS):
        problems = defect.look(defect.put_back)
        failed |= bool(problems) == (defect is SOUND)
        first = problems[0] if problems else "nothing"
        print(f"defect put back: {defect.name}\n    found: {len(problems)}, the first: {first}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
