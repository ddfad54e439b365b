# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a field of the configuration is declared as an option of the modules and as a parameter of EC2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

OPTION = "option"
"""Where the metadata of a dataclass field has its Option."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """What a field of the configuration is as an option of the modules and in EC2's terms.

    This is its only declaration. The modules' arguments, the merge into what is stored, the check of the choices,
    RunInstances, adopting and rebuilding read it; a test compares the documentation with it.
    """

    #: Ansible's type: str, int, bool, list or dict. A list has texts, or dictionaries where there are `suboptions`.
    type: str = "str"
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    required: bool = False
    #: Whether Ansible hides the value. None: it decides by the name, and warns where that looks like a secret.
    no_log: bool | None = None
    #: Whether the value is stored as it is given. Otherwise spaces around a text do not count, nor do empty texts.
    verbatim: bool = False
    #: Whether 0 clears the number, as an empty text clears a text.
    zero_clears: bool = False
    #: The options of the dictionary, or of each dictionary of the list.
    suboptions: Mapping[str, Option] = field(default_factory=dict)
    #: Suboptions of which only one may be given.
    exclusive: tuple[tuple[str, ...], ...] = ()
    #: The parameter of RunInstances, such as `Placement.Tenancy`, or of the structure that a suboption is part of.
    #: Empty where the value needs more than a place: `_aws/api/parameters.py` composes the parameter then.
    ec2: str = ""
    #: Parameters that take the place of `ec2` for a value that matches a regular expression, such as an ARN.
    ec2_for: Mapping[str, str] = field(default_factory=dict)
    #: Where DescribeInstances shows what was requested. Empty: it does not, or shows what EC2 made of it.
    described: str = ""
    #: What the values described mean. One that is missing counts as not given. Empty: they are the option's own.
    meanings: Mapping[Any, Any] = field(default_factory=dict)


def option(**declared: Any) -> dict[str, Option]:
    """Make the metadata of a dataclass field that is an option; it takes what Option does."""
    return {OPTION: Option(**declared)}


def options_of(cls: type[Any]) -> dict[str, Option]:
    """List the options that a dataclass declares, by their names."""
    return {item.name: item.metadata[OPTION] for item in fields(cls)}
