# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A text that was encoded before it was given is told from one that was not."""

from __future__ import annotations

import gzip
from base64 import b64encode

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.encoded_user_data import (
    looks_encoded,
)

SCRIPT = b"#!/bin/sh\necho ready\n"


@pytest.mark.parametrize(
    "content",
    [
        SCRIPT,
        b"#cloud-config\nruncmd: []\n",
        b"<powershell>ls</powershell>",
        b"Content-Type: multipart/mixed",
        b'{"ignition": {}}',
        gzip.compress(SCRIPT, mtime=0),
    ],
)
def test_what_was_encoded_is_noticed(content: bytes) -> None:
    encoded = b64encode(content).decode()
    assert looks_encoded(encoded)
    assert looks_encoded(f"{encoded[:8]}\n{encoded[8:]}\n")


@pytest.mark.parametrize("text", [SCRIPT.decode(), '{"ignition": {}}', "aGVsbG8=", "role=web", "web", ""])
def test_what_is_a_text_of_its_own_is_not(text: str) -> None:
    """Base64 of something that is not user data is one, too: what is meant by it only the image knows."""
    assert not looks_encoded(text)
