# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options, as survey answers and playbooks give them: refused in a sentence that can be written down."""

from __future__ import annotations

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.errors import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.names import parse_names

from .hostile import DEEP, LONE_SURROGATE, LONG, SHORT

TEXTS = {**SHORT, "surrogate": LONE_SURROGATE, "long": LONG, "deep": DEEP}


@pytest.mark.parametrize(
    "text", [text for key, text in TEXTS.items() if key != "variable"], ids=lambda text: ascii(text)[:20]
)
def test_a_hostile_name_is_refused(text: str) -> None:
    with pytest.raises(NodeError):
        parse_names([text])
