# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options, as survey answers and playbooks give them: text, or refused in a sentence that can be written down."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.names import parse_names
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._module.printable import printable

from tests.emulator.network import Network
from tests.support.collection import Collection

from .hostile import EACH_TEXT, LONE_SURROGATE, LONGEST_RESULT, TEXTS, assert_is_noise

NAMES = {key: text for key, text in TEXTS.items() if key != "variable"}
"""`hostvars` is a name like any other."""

LONGEST_REFUSAL = 2_000
"""Characters of the error about a name."""

OPTIONS: dict[str, Any] = {
    "name": lambda text: {"name": text},
    "subnet_id": lambda text: {"subnet_id": text},
    "private_ip_address": lambda text: {"private_ip_address": text},
    "security_groups": lambda text: {"security_groups": [text]},
    "elastic_ip": lambda text: {"elastic_ip": text},
    "tags": lambda text: {"tags": {"note": text}},
    "key of tags": lambda text: {"tags": {text: "note"}},
    "user_data": lambda text: {"launch": {"user_data": text}},
    "key_name": lambda text: {"launch": {"key_name": text}},
    "instance_types": lambda text: {"launch": {"instance_types": [text]}},
    "image_id": lambda text: {"launch": {"image_id": text}},
}


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES.keys())
def test_a_hostile_name_is_refused_in_a_short_sentence(text: str) -> None:
    with pytest.raises(NodeError) as caught:
        parse_names([text])
    assert len(str(caught.value).encode()) < LONGEST_REFUSAL


@EACH_TEXT
def test_a_hostile_option_is_text_or_refused(collection: Collection, network: Network, text: str) -> None:
    launch = {"image_id": network.image_id, "instance_types": ["t3.micro"]}
    refusals: dict[str, str] = {}
    for place, options in OPTIONS.items():
        given = {"name": "a", **options(text)}
        if "launch" in given:
            given["launch"] = {**launch, **given["launch"]}
        try:
            assert_is_noise(collection.configure(network=network, **given))
        except (NodeError, AwsError) as error:
            refusals[place] = printable(str(error))
    assert all(len(refusal.encode()) < LONGEST_RESULT for refusal in refusals.values())
    shown = collection.run("info", name=["all"])
    assert_is_noise(shown)


def test_a_lone_surrogate_in_a_result_is_escaped() -> None:
    result = printable({LONE_SURROGATE: ["ü", (LONE_SURROGATE, 1)], "text": f"a{LONE_SURROGATE}b"})
    assert result == {"\\ud800": ["ü", ("\\ud800", 1)], "text": "a\\ud800b"}
