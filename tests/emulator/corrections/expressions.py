# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Update expressions, most of the time that moto takes for an UpdateItem.

dynamodb/parsing/expressions.py UpdateExpressionParser.make parses the same text twice a request; what becomes of the
tree is done to a copy, which dynamodb/parsing/validators.py Validator makes by copy.deepcopy.
dynamodb/parsing/ast_nodes.py DepthFirstTraverser asks at each node, in each of seven passes, which abstract classes the
pass is about.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node
from moto.dynamodb.parsing.expressions import UpdateExpressionParser

from .patching import corrects

UpdateExpressionParser.make = functools.lru_cache(maxsize=1024)(UpdateExpressionParser.make)  # type: ignore[method-assign]


@corrects(Node, "__deepcopy__")
def _copy(_original: Any, self: Any, _memo: dict[int, Any]) -> Any:
    """Copy a tree from its root; what is no node in it is never changed."""
    made = object.__new__(type(self))
    vars(made).update(vars(self))
    if self.children is not None:
        made.children = [_copy(None, child, _memo) if isinstance(child, Node) else child for child in self.children]
        for child in made.children:
            if isinstance(child, Node):
                child.parent = made
    return made


_concerned: dict[tuple[type, type], bool] = {}


@corrects(DepthFirstTraverser, "traverse_node_recursively")
def _traverse(_original: Any, self: Any, node: Any, child_id: int = -1) -> Any:
    if not _is_node(type(node)):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        self.pre_processing_of_child(node, number)
        _traverse(_original, self, child, number)
    if _is_concerned(self, type(node)):
        node = self.process(node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


@functools.cache
def _is_node(kind: type) -> bool:
    return issubclass(kind, Node)


def _is_concerned(traverser: Any, kind: type) -> bool:
    key = (type(traverser), kind)
    if key not in _concerned:
        _concerned[key] = issubclass(kind, traverser.nodes_to_be_processed())
    return _concerned[key]
