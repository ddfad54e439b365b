# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What botocore knows of the services, read once for all tasks.

Reading EC2's model takes half of what it costs to make a client. The strategy loads an action plugin before it forks
the workers that run the tasks, so what is read while this is imported is there in all of them. Only this data is
shared: sessions, clients and credentials are each task's own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

try:
    # What the modules make their sessions with: imported once, too.
    import boto3  # noqa: F401 # pylint: disable=unused-import
    import botocore
    from botocore.loaders import Loader, create_loader
except ImportError as error:
    MISSING = str(error)
else:
    MISSING = ""

SERVICES = ("dynamodb", "ec2")
KINDS = ("service-2", "endpoint-rule-set-1", "paginators-1")
GENERAL = ("endpoints", "partitions", "sdk-default-configuration", "_retry")


def _read_ahead() -> Loader:
    loader = Loader()
    # What cannot be read now is read again when a client needs it, and the task then says what is wrong.
    with contextlib.suppress(Exception):
        for service in SERVICES:
            for kind in KINDS:
                loader.load_service_model(service, kind)
            for operation in loader.load_service_model(service, "service-2")["operations"]:
                botocore.xform_name(operation)  # it remembers the names of the clients' methods
        for name in GENERAL:
            loader.load_data(name)
    return loader


_LOADER = None if MISSING else _read_ahead()


@contextlib.contextmanager
def shared_models() -> Iterator[None]:
    """Give the sessions that are made in here the models that have been read already."""
    botocore.register_initializer(_share)
    try:
        yield
    finally:
        botocore.unregister_initializer(_share)


def _share(session: Any) -> None:
    def loader() -> Loader:
        # Asked for late: only then does the session know its profile, which may name models of its own.
        path = session.get_config_variable("data_path")
        return _LOADER if path is None else create_loader(path)

    session.lazy_register_component("data_loader", loader)
