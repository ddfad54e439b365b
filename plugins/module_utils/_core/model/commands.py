# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that results suggest, as values.

A command is composed where only the node is known. It becomes text once, where the result leaves the module and its
region, profile and table are known; quoting for the shell happens there, too.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

DEFAULT_TABLE = "stateful-nodes"

_PLAIN = re.compile(r"[A-Za-z0-9_./:@,+-]+")
"""A value that neither the shell nor the `key=value` form of an extra var changes."""

_TEMPLATE = re.compile(r"\{[{%#]")
"""How a Jinja expression, statement or comment begins: an extra var that contains one is a template."""

NOT_SHOWN = "(not shown: it would contain template text)"
"""What stands in the place of a command whose values cannot be pasted safely."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """What a command needs so that it reaches the same nodes as the call that suggests it."""

    #: Name or ARN of the table of the nodes.
    table: str = DEFAULT_TABLE
    #: Region and profile; None where the environment, or the AWS configuration, says the same.
    region: str | None = None
    profile: str | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The extra vars of the playbooks that say so; empty where nothing has to be said."""
        table = None if self.table == DEFAULT_TABLE else self.table
        given = {
            "stateful_node_region": self.region,
            "stateful_node_profile": self.profile,
            "stateful_node_table_name": table,
        }
        return {variable: value for variable, value in given.items() if value}


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A playbook of the collection, or the user's own, with the extra vars that it is run with."""

    #: The collection's playbook, such as `resume`. Empty for a playbook of the user's own.
    playbook: str = ""
    #: The nodes; empty where the playbook works on a table.
    names: tuple[str, ...] = ()
    #: Extra vars in addition to the names, in order.
    variables: dict[str, str] = field(default_factory=dict)

    def adding(self, **variables: str) -> Command:
        """Return the command with more extra vars."""
        return replace(self, variables=self.variables | variables)

    def text(self, reach: Reach) -> str:
        """Write the command for the shell; a value that Ansible would take for a template is never written."""
        variables = self._all_variables(reach)
        if any(_TEMPLATE.search(value) for value in variables.values()):
            return NOT_SHOWN
        written = " ".join(_extra_vars(variables))
        if self.playbook:
            return f"ansible-playbook stateful_node.aws.{self.playbook} {written}".rstrip()
        given = f", with {written} in addition" if written else ""
        return f"run your own playbook again as before{given}"

    def _all_variables(self, reach: Reach) -> dict[str, str]:
        if not self.playbook:
            return self.variables
        names = {"stateful_nodes": ",".join(self.names)} if self.names else {}
        return reach.variables | names | self.variables


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsCommand:
    """A command of the AWS CLI, which undoes by hand what the collection leaves alone."""

    #: Its arguments, the service first.
    arguments: tuple[str, ...]

    def text(self, reach: Reach) -> str:
        """Write the command for the shell."""
        given = {"--region": reach.region, "--profile": reach.profile}
        options = [word for option, value in given.items() if value for word in (option, value)]
        return shlex.join(["aws", *self.arguments, *options])


def _extra_vars(variables: dict[str, str]) -> Iterator[str]:
    """Write extra vars as `-e key=value`, or as JSON where Ansible would split or unquote the value."""
    for variable, value in variables.items():
        plain = f"{variable}={value}"
        yield "-e " + (plain if _PLAIN.fullmatch(value) else shlex.quote(json.dumps({variable: value})))


def rebuild_command(name: str, confirmed: Sequence[str] = ()) -> Command:
    """Compose the command that rebuilds a node's lost record, with consent to the resources of these ids."""
    consent = {"repair_confirm": ",".join(confirmed)} if confirmed else {}
    return Command(playbook="repair", names=(name,), variables={"repair_rebuild": "true", **consent})


def orphans_command(*ids: str) -> Command:
    """Compose the command that deletes resources which belong to no record, by their ids; without ids it lists them."""
    return Command(playbook="orphans", variables={"orphans_delete": ",".join(ids)} if ids else {})
