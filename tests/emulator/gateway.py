# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between the socket and moto: numbering, faults, time, locks and the log of calls."""

from __future__ import annotations

import io
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from . import answers, calls, control, direct, nodes
from .answers import Answer
from .calls import Call
from .errors import ConnectionLost, EC2ClientError, ServerError
from .faults import AFTER_THE_EFFECT, DEFAULT_SECONDS, Fault
from .iam import enforcement
from .world import World

MOST_IDS = 20
"""A call about more resources concerns no single node."""
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Gateway:
    """A WSGI application around moto's."""

    def __init__(self, world: World, application: Application) -> None:
        self._world, self._application = world, application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if environ["PATH_INFO"].startswith(control.PREFIX):
            answer = control.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], body)
        else:
            answer = self._answer_call(environ, calls.parse(environ, body))
        headers = [item for item in answer.headers if item[0].lower() != "content-length"]
        headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [answer.body]

    def _answer_call(self, environ: dict[str, Any], call: Call) -> Answer:
        entry = self._world.call_log.begin(call)
        try:
            answer = self._carry_out(environ, call, entry)
        except ConnectionLost:
            entry["outcome"] = "connection reset"
            raise
        entry["outcome"] = answer.outcome
        return answer

    def _complete(self, entry: dict[str, Any], call: Call, answer: Answer) -> None:
        """What only the answer tells: ids that were made, and through them the node."""
        if call.service != "ec2":
            return
        if call.mutating and answer.status < 400:
            made = calls.resource_ids_in(answer.body.decode("utf-8", "replace"))
            entry["resource_ids"] = list(dict.fromkeys(entry["resource_ids"] + made))
        if entry["node"] is None and len(entry["resource_ids"]) <= MOST_IDS:
            entry["node"] = nodes.name_of(entry["resource_ids"], call.region)

    def _carry_out(self, environ: dict[str, Any], call: Call, entry: dict[str, Any]) -> Answer:
        world, fault = self._world, self._world.faults.take(call)
        if fault is not None:
            entry["fault"] = fault.kind
            if fault.kind == "slow":
                _sleep(fault.seconds if fault.seconds is not None else DEFAULT_SECONDS)
            elif fault.kind == "lost_before":
                raise ConnectionLost(call.action)
            elif fault.kind not in AFTER_THE_EFFECT:
                return self._error(call, environ, *fault.error(call))
        # Half of a call's time passes before its effect and half after it, as the effect is somewhere in between.
        pause = world.settings.seconds_of_call(call.action, call.mutating) / 2
        _sleep(pause)
        with world.locks.holding(call.service):
            answer = self._ask(environ, call, entry)
            self._complete(entry, call, answer)
        _sleep(pause)
        return self._lose(answer, fault, call, environ, entry)

    def _lose(
        self, answer: Answer, fault: Fault | None, call: Call, environ: dict[str, Any], entry: dict[str, Any]
    ) -> Answer:
        if fault is None or fault.kind not in AFTER_THE_EFFECT:
            return answer
        entry["effect"] = answer.outcome
        if fault.kind == "lost":
            raise ConnectionLost(call.action)
        return self._error(call, environ, *fault.error(call))

    @staticmethod
    def _error(call: Call, environ: dict[str, Any], code: str, message: str, status: int) -> Answer:
        return answers.error(call.service, "HTTP_X_AMZ_TARGET" in environ, code, message, status)

    def _ask(self, environ: dict[str, Any], call: Call, entry: dict[str, Any]) -> Answer:
        try:
            settings = self._world.settings
            if settings.policies:
                enforcement.authorize(settings.policies, call, entry)
            if enforcement.is_decoding(call):
                return enforcement.decode(call)
            if settings.throttling:
                self._world.throttle.check(call, settings.speed, settings.throttling_scale)
            self._world.consistency.check(call)
            return self._ask_moto(environ, call)
        except ServerError as refusal:
            return self._error(call, environ, refusal.code, refusal.message, refusal.status)
        except EC2ClientError as refusal:
            return self._error(call, environ, refusal.code, refusal.message, 400)
        except Exception as problem:  # whatever moto stumbles over is an InternalError to the client
            traceback.print_exc(file=sys.stderr)
            return self._error(call, environ, "InternalError", f"{type(problem).__name__}: {problem}", 500)

    def _ask_moto(self, environ: dict[str, Any], call: Call) -> Answer:
        if call.service == "ec2":
            self._world.clock.run_due()
        if direct.is_direct(call, environ):
            return direct.answer(call, environ)
        started: list[Any] = []
        chunks = self._application(environ, lambda status, headers, *_: started.extend((status, headers)))
        body = b"".join(chunks)
        status, headers = started
        return Answer(int(status.split()[0]), list(headers), body)


def _sleep(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)
