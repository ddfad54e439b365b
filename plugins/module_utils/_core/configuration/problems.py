# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a configuration, and the error that says so.

A rule is a generator of the problems it finds. Value rules look at the configuration alone and run before AWS is asked
anything; fact rules hold it against what EC2 said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..model.claims import Address, Claim
from ..model.commands import Command
from ..model.config import Config
from ..model.node_error import NodeError
from ..model.record import Record
from ..resources.owners import is_of_another_node, is_own, with_owner
from .lookups import Facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """An option's value that cannot be stored: what is wrong with it, and the way out."""

    code: str
    option: str
    value: object
    wrong: str
    way_out: str
    #: The command that the way out ends with, where there is one.
    next_command: Command | None = None

    def __str__(self) -> str:
        return f"{self.option} '{self.value}' {self.wrong}. {self.way_out}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A configuration to be checked: the node's name, its record so far (None: it is new), EC2's answers."""

    name: str
    before: Record | None
    config: Config
    facts: Facts

    @property
    def network_interface_id(self) -> str | None:
        """The node's own interface, if it has one."""
        return self.before.identity.network_interface_id if self.before else None

    def is_own(self, tags: Mapping[str, str]) -> bool:
        """Whether something is tagged as this node's."""
        return is_own(tags, table=self.facts.table_name, name=self.name)

    def is_of_another_node(self, tags: Mapping[str, str]) -> bool:
        """Whether something is tagged as another node's."""
        return is_of_another_node(tags, table=self.facts.table_name, name=self.name)

    def with_owner(self, thing: str, tags: Mapping[str, str]) -> str:
        """Add to the words for a thing whose it is, where its tags say so."""
        return with_owner(thing, tags, table=self.facts.table_name, name=self.name)

    def claim_on(self, address: Address) -> Claim | None:
        """The claim of another node on an address; one that the node has comes before one that it only wants."""
        claims = sorted(self.facts.claims, key=lambda claim: not claim.is_had)
        return next((claim for claim in claims if claim.address == address), None)

    @property
    def may_be_creating(self) -> bool:
        """Whether something that the record does not name yet may be in the making."""
        return self.before is not None and (self.before.operation is not None or self.before.intent is not None)


Problems = Iterator[Problem]
ValueRule = Callable[[Config], Problems]
FactRule = Callable[[Case], Problems]


def find_repeated(values: Iterable[str]) -> list[str]:
    """List the values that stand there more than once."""
    given = list(values)
    return sorted({value for value in given if given.count(value) > 1})


def raise_problems(name: str, problems: Iterable[Problem]) -> None:
    """Raise NodeError with the code of the first problem and the text of all, unless there is none."""
    found = tuple(problems)
    if found:
        message = "\n".join(f"{name}: {problem}" for problem in found)
        command = next((problem.next_command for problem in found if problem.next_command), None)
        raise NodeError(found[0].code, message, next_command=command)
