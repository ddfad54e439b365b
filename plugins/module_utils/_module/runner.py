# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a module: from its parameters to its result, with or without an AnsibleModule around it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from typing import Any, NoReturn

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .._aws.api.ec2 import Ec2
from .._aws.api.queue import Queue
from .._aws.api.store import Store
from .._aws.calls.aws_error import AwsError
from .._aws.calls.clients import ClientFactory
from .._aws.calls.clock import Clock
from .._core.model.node_error import NodeError, failure_result, failure_sentence
from .._core.model.record import Rerun
from .._reconcile.context.context import Context, Limits, Listener
from .._reconcile.operation.interruption import InterruptedWork, interruptible
from .arguments import check_arguments, module_arguments
from .call import Call, Handler
from .call_failure import whole_call_failure
from .owner import owner_of, user_agent_of
from .printable import printable
from .reach import reach_of
from .results import Result


def run_module(name: str, handle: Handler, listener: Listener | None = None, playbook_pid: int | None = None) -> None:
    """Be the module of that name: read its arguments, handle them, exit with its result or fail with its errors.

    `listener` hears how the work goes on; nobody has one where Ansible only takes what is printed at the end.
    `playbook_pid` is the process of the playbook; left out where the module is a process of its own, which does not
    know it.
    """
    module = AnsibleAWSModule(**module_arguments(name))
    module.fail_json_aws = _refuse_connection

    def client(service: str, config: Any) -> Any:
        _require_region(module)
        user_agent = user_agent_of(os.environ)
        named = {"user_agent_extra": user_agent} if user_agent else {}
        return module.client(service, config={**config, **named})

    try:
        result = run(
            handle,
            module.params,
            check_mode=module.check_mode,
            client_factory=client,
            listener=listener,
            playbook_pid=playbook_pid,
        )
    except NodeError as error:
        shown = failure_result(error.failure, reach_of(module.params, os.environ))
        failure = {"msg": failure_sentence(shown), "code": shown["code"], "next_command": shown["next_command"]}
    except AwsError as error:
        reach = reach_of(module.params, os.environ)
        failure = whole_call_failure(name, module.params, error, client_factory=client, reach=reach)
    except Exception as error:  # noqa: BLE001 - whatever it is, a user reads a sentence and not a traceback
        failure = {"msg": f"{name} has a defect: {type(error).__name__}: {error}. Run it again, and report this."}
    else:
        _leave(module, result)
        return
    # Out of the handlers: inside, ansible-core before 2.19 would add the traceback.
    module.fail_json(**printable(failure))


def _require_region(module: Any) -> None:
    # AnsibleAWSModule's own message does not say what to do.
    if not module.region:
        raise NodeError(
            "NoRegion",
            "No AWS region was found. Set AWS_REGION, or name the region: -e stateful_node_region=REGION with a "
            "playbook, region with a module.",
        )


def _refuse_connection(exception: BaseException, msg: str | None = None, **_details: Any) -> NoReturn:
    # AnsibleAWSModule's own puts a traceback beside the message, which ansible-core before 2.19 shows.
    raise NodeError(type(exception).__name__, f"{msg}: {exception}") from exception


def _leave(module: Any, result: Result) -> None:
    values = printable({key: value for key, value in result.values.items() if key != "warnings"})
    for warning in printable(result.values.get("warnings", ())):
        # Handed over as values, or by AnsibleAWSModule, warnings bring ansible-core's deprecation of that along.
        module._module.warn(warning)  # noqa: SLF001
    if result.failures:
        module.fail_json(msg=printable(result.message), **values)
    module.exit_json(**values)


def run(  # noqa: PLR0913 - what a module knows, and what is put in the place of the real thing
    handle: Handler,
    params: Mapping[str, Any],
    *,
    check_mode: bool,
    client_factory: ClientFactory,
    clock: Clock | None = None,
    listener: Listener | None = None,
    playbook_pid: int | None = None,
) -> Result:
    """Run a module without an AnsibleModule.

    `params` are checked arguments with their defaults; `clock` is the real one when left out. Raises NodeError and
    AwsError for what keeps the whole call from being made; what went wrong with single nodes is in the result. A
    signal that interrupts the work is raised again once the nodes are given back.
    """
    check_arguments(params)
    context = _context(params, client_factory, clock or Clock(), listener, playbook_pid)
    work = handle(Call(params=params, check_mode=check_mode, context=context))
    try:
        return asyncio.run(interruptible(context, work))
    except InterruptedWork as interruption:
        signal_number = interruption.signal_number
    finally:
        context.close()
    signal.raise_signal(signal_number)
    # Whoever ignores that signal still has no result.
    raise KeyboardInterrupt


def _context(
    params: Mapping[str, Any],
    client_factory: ClientFactory,
    clock: Clock,
    listener: Listener | None,
    playbook_pid: int | None,
) -> Context:
    limits = Limits(
        lease_seconds=params.get("lease_seconds") or Limits.lease_seconds,
        wait_timeout=params.get("wait_timeout") or Limits.wait_timeout,
        wait=params.get("wait") is not False,
    )
    table_name = params["table_name"]
    queue = Queue(client_factory, params.get("queue_name") or f"{table_name}-events")
    ec2, store = Ec2(client_factory), Store(client_factory, table_name)
    rerun = Rerun(**(params.get("rerun") or {}))
    return Context(
        ec2,
        store,
        queue,
        owner=owner_of(os.environ, playbook_pid),
        limits=limits,
        clock=clock,
        listener=listener,
        reach=reach_of(params, os.environ),
        rerun=rerun,
        playbook_pid=playbook_pid,
    )
