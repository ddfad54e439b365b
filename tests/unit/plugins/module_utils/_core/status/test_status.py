# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status: one word, derived from what is wanted, what is under way and what EC2 has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.drift import find_drift
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.status import derive_status

from tests.support.builders import (
    NOW,
    make_config,
    make_identity,
    make_operation,
    make_record,
    paused,
    running,
    see_foreign,
    see_paused,
    see_running,
)


def under(operation, record):
    return replace(record, operation=make_operation(operation))


@pytest.mark.parametrize(
    ("record", "observed", "expected"),
    [
        pytest.param(make_record(), Observed(), "new", id="never resumed"),
        pytest.param(make_record(identity=make_identity()), see_paused(), "new", id="only its interface was made"),
        pytest.param(
            make_record(identity=make_identity(instance_id="i-1")),
            see_running(),
            "new",
            id="has an instance already",
        ),
        pytest.param(running(), see_running(), "running", id="running"),
        pytest.param(running(), see_running("pending"), "resuming", id="booting"),
        pytest.param(running(), see_running("stopped"), "degraded", id="stopped by somebody"),
        pytest.param(running(), see_running("terminated"), "degraded", id="lost its instance"),
        pytest.param(running(instance_id=None), see_paused(), "degraded", id="should run and has no instance"),
        pytest.param(paused(), see_paused(), "paused", id="paused"),
        pytest.param(paused(instance_id="i-1"), see_running("terminated"), "paused", id="paused, instance still shown"),
        pytest.param(paused(instance_id="i-1"), see_running("shutting-down"), "pausing", id="paused, instance going"),
        pytest.param(paused(instance_id="i-1"), see_running(), "degraded", id="paused, instance still running"),
        pytest.param(paused(), Observed(), "degraded", id="paused, interface lost"),
        pytest.param(paused(), see_foreign(), "degraded", id="paused, interface taken"),
        pytest.param(
            running(make_config(security_groups=("sg-2",))), see_running(), "running", id="other groups do not degrade"
        ),
        pytest.param(under("resume", make_record()), Observed(), "resuming", id="under a resume"),
        pytest.param(under("pause", running()), see_running(), "pausing", id="under a pause"),
        pytest.param(under("replace", running()), see_paused(), "replacing", id="under a replace"),
        pytest.param(under("delete", paused()), see_paused(), "deleting", id="under a delete"),
        pytest.param(under("interface", running()), see_running(), "running", id="a single module changes no status"),
        pytest.param(under("interface", make_record()), Observed(), "new", id="nor does one on a new node"),
    ],
)
def test_status(record, observed, expected):
    assert derive_status(record, observed, find_drift(record, observed, NOW)) == expected
