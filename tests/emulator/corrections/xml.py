# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EC2's XML from plain dicts.

core/serialize.py EC2Serializer looks every field up under ten names, compares each with every transformer and builds
the document twice: 5 ms an instance. A dict whose keys are the API's own names needs none of it.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from moto.core.responses import ActionContext, ActionResult

Writer = Callable[[Any], str]
NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"


class PlainResult(ActionResult):
    """An answer that is made of dicts, lists and scalars only."""

    def execute_result(self, context: ActionContext) -> Any:
        name = context.operation_model.name
        content = _writer_of(name, context)(self.result)
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}Response xmlns="{NAMESPACE}">'
            f"<requestId>{uuid.uuid4()}</requestId>{content}</{name}Response>"
        )
        return 200, {"Content-Type": "text/xml;charset=UTF-8"}, body


_writers: dict[str, Writer] = {}


def _writer_of(operation: str, context: ActionContext) -> Writer:
    if operation not in _writers:
        _writers[operation] = _members(context.operation_model.output_shape)
    return _writers[operation]


def _members(shape: Any) -> Writer:
    """The members are looked up at the first use: shapes may contain themselves."""

    @functools.cache
    def members() -> list[tuple[str, str, Writer]]:
        return [(key, each.serialization.get("name", key), _writer(each)) for key, each in shape.members.items()]

    return lambda value: "".join(
        f"<{name}>{write(value[key])}</{name}>" for key, name, write in members() if value.get(key) is not None
    )


def _writer(shape: Any) -> Writer:
    kind = shape.type_name
    if kind == "structure":
        return _members(shape)
    if kind == "list":
        item, write = shape.member.serialization.get("name", "item"), _writer(shape.member)
        return lambda values: "".join(f"<{item}>{write(value)}</{item}>" for value in values)
    return _SCALARS.get(kind, _text)


def _text(value: Any) -> str:
    return escape(str(value))


def _boolean(value: Any) -> str:
    return "true" if value in (True, "true") else "false"


def _timestamp(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.000Z") if isinstance(value, datetime) else str(value)


_SCALARS: dict[str, Writer] = {"boolean": _boolean, "timestamp": _timestamp}
