# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What policy documents say of a request.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]
Context = Mapping[str, Sequence[str]]
"""The values of condition keys, whose names are in small letters."""


@dataclass(frozen=True)
class Request:
    """An IAM action on one resource."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """`statements` are the identifiers of those that decided: of the denials, or else of what allows."""

    allowed: bool
    explicit_deny: bool = False
    statements: tuple[str, ...] = ()


def evaluate(documents: Iterable[Document], request: Request) -> Decision:
    """A denial wins; what nothing allows is denied."""
    matching = [item for document in documents for item in _listed(document["Statement"]) if _matches(item, request)]
    denying = [str(item.get("Sid", "")) for item in matching if item["Effect"] == "Deny"]
    if denying:
        return Decision(allowed=False, explicit_deny=True, statements=tuple(denying))
    return Decision(allowed=bool(matching), statements=tuple(str(item.get("Sid", "")) for item in matching))


def parsed(policies: Mapping[str, Sequence[Document]]) -> dict[str, list[Document]]:
    """Policy documents by access key id. Raises ValueError for what the evaluator does not know."""
    for document in (document for documents in policies.values() for document in documents):
        _check(document)
    return {key: list(documents) for key, documents in policies.items()}


def _check(document: Document) -> None:
    """A condition that is not understood must not allow by mistake."""
    for statement in _listed(document["Statement"]):
        unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
        if unknown or statement["Effect"] not in ("Allow", "Deny"):
            raise ValueError(f"the evaluator knows no {sorted(unknown) or statement['Effect']} in a statement")
        for operator in statement.get("Condition", {}):
            _operator(operator)
        if "${" in str(statement):
            raise ValueError("the evaluator knows no policy variables")


def _matches(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        any(_like(action.lower(), request.action.lower()) for action in _listed(statement["Action"]))
        and any(_like(arn, request.resource) for arn in _listed(statement["Resource"]))
        and all(
            _holds(operator, _listed(wanted), request.context.get(key.lower()))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, wanted: Sequence[Any], found: Sequence[str] | None) -> bool:
    quantifier, name, if_exists = _operator(operator)
    values = [str(value) for value in wanted]
    if name == "Null":
        return (found is None) == (values == ["true"])
    negative, compare = OPERATORS[name]
    if found is None:
        # Nothing is not equal to anything; and all of no values are as wanted.
        return if_exists or negative or quantifier == "ForAllValues"
    hits = [any(compare(value, each) for value in values) is not negative for each in found]
    return all(hits) if quantifier == "ForAllValues" else any(hits)


def _operator(operator: str) -> tuple[str, str, bool]:
    quantifier, _colon, rest = operator.rpartition(":")
    name = rest.removesuffix("IfExists")
    if name not in (*OPERATORS, "Null") or quantifier not in ("", "ForAnyValue", "ForAllValues"):
        raise ValueError(f"the evaluator knows no condition operator {operator}")
    return quantifier, name, name != rest


def _equal(wanted: str, found: str) -> bool:
    return wanted == found


def _same_truth(wanted: str, found: str) -> bool:
    return wanted.lower() == found.lower()


def _like(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


OPERATORS: dict[str, tuple[bool, Callable[[str, str], bool]]] = {
    "StringEquals": (False, _equal),
    "StringNotEquals": (True, _equal),
    "StringLike": (False, _like),
    "StringNotLike": (True, _like),
    "ArnEquals": (False, _like),
    "ArnNotEquals": (True, _like),
    "ArnLike": (False, _like),
    "ArnNotLike": (True, _like),
    "Bool": (False, _same_truth),
}
"""Whether the operator is a negation, and how a wanted value compares with a found one."""


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
