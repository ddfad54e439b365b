# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a node is without a running instance: from when its instance begins to end until the next one runs."""

from __future__ import annotations

from dataclasses import replace

from ..model.identity import Identity
from ..model.observed import Observed
from ..model.record import Record


def find_out_of_service_since(record: Record) -> int | None:
    """Say since when no instance carries a node whose instance has ended, in seconds since the epoch.

    That is when this collection began to terminate it. Of one that ended otherwise it is only known that it had when
    the operation began. None for a node that has not had an instance yet.
    """
    identity, operation = record.identity, record.operation
    if identity.out_of_service_since is not None or identity.instance_id is None or operation is None:
        return identity.out_of_service_since
    return operation.started_at


def back_in_service(identity: Identity, now: int) -> Identity:
    """Note that an instance carries the node again; changes nothing for one that was not known to be without."""
    since = identity.out_of_service_since
    if since is None:
        return identity
    return replace(identity, out_of_service_since=None, seconds_out_of_service=max(0, now - since))


def seconds_out_of_service(identity: Identity, observed: Observed, now: int) -> int | None:
    """Say how long the node was out of service before its present instance, or, while it is, how long it has been.

    None for a first instance, and where it is not known.
    """
    since = identity.out_of_service_since
    if since is None:
        return identity.seconds_out_of_service
    runs = observed.instance and observed.instance.state == "running"
    return None if runs else max(0, now - since)
