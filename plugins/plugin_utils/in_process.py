# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's code in this process: it is given its arguments and prints its result, as it does in one of its own."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils import basic
from ansible.module_utils.common import json as ansible_json
from ansible.module_utils.common import warnings

from ..module_utils._module.runner import run_module
from ..module_utils._reconcile.context.context import Listener
from .handlers import HANDLERS
from .models import shared_models

PROFILE = "legacy"
"""How ansible-core >= 2.19 writes the arguments and results of Python modules."""


def _encoding() -> dict[str, Any]:
    try:
        arguments, results = ansible_json.Direction.CONTROLLER_TO_MODULE, ansible_json.Direction.MODULE_TO_CONTROLLER
    except AttributeError:  # ansible-core < 2.19
        return {"cls": ansible_json.AnsibleJSONEncoder, "vault_to_text": True}
    # An encoder is loaded when it is asked for, that of the results by AnsibleModule: better here than in each fork.
    ansible_json.get_module_encoder(PROFILE, results)
    return {"cls": ansible_json.get_module_encoder(PROFILE, arguments)}


_ENCODING = _encoding()


class Printed(NamedTuple):
    """What a module left behind."""

    stdout: str
    stderr: str


def call_module(name: str, arguments: Mapping[str, Any], directory: str, listener: Listener | None = None) -> Printed:
    """Run the module of that name; what it raises other than SystemExit goes through.

    `arguments` are the task's, with those that Ansible adds for AnsibleModule. `directory` is where to run it: the
    playbook's, as the connection plugin local does. `listener` hears how the work goes on while it does.
    """
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(stdout))
        stack.enter_context(contextlib.redirect_stderr(stderr))
        stack.enter_context(contextlib.suppress(SystemExit))
        for own in (shared_models(), _arguments(arguments), _working_directory(directory), _logging()):
            stack.enter_context(own)
        # This is a worker that ansible-playbook has forked for the task, and that ends with it.
        run_module(name, HANDLERS[name], listener, os.getppid())
    return Printed(stdout.getvalue(), stderr.getvalue())


@contextlib.contextmanager
def _arguments(arguments: Mapping[str, Any]) -> Iterator[None]:
    # Where AnsibleModule looks before it reads stdin: ansible.module_utils.testing does the same.
    names = ("_ANSIBLE_ARGS", "_ANSIBLE_PROFILE")
    before = {name: getattr(basic, name, None) for name in names}
    text = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, **_ENCODING)
    # A loop's items run in one process. Before ansible-core 2.19 each would return the warnings of those before it.
    warnings._global_warnings.clear()  # noqa: SLF001
    warnings._global_deprecations.clear()  # noqa: SLF001
    try:
        vars(basic).update(zip(names, (text.encode(), PROFILE), strict=True))
        yield
    finally:
        vars(basic).update(before)


@contextlib.contextmanager
def _working_directory(directory: str) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _logging() -> Iterator[None]:
    # debug_botocore_endpoint_logs adds a handler, and nothing takes it away.
    logger = logging.getLogger("botocore.endpoint")
    level, handlers = logger.level, list(logger.handlers)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.handlers[:] = handlers
