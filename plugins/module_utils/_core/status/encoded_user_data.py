# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User data that was encoded in base64 and given as a text: the instance would receive base64."""

from __future__ import annotations

import base64

from ..model.config import Launch

BEGINNINGS = (
    b"#",
    b"<powershell>",
    b"<script>",
    b"<persist>",
    b"Content-Type:",
    b"MIME-Version:",
    b"{",
    b"\x1f\x8b",
)
"""How user data begins: a script, cloud-config, Windows, a multipart archive, Ignition, gzip.

Sources: https://cloudinit.readthedocs.io/en/latest/explanation/format.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
"""


def encoded_user_data_warnings(name: str, launch: Launch) -> tuple[str, ...]:
    """Warn of a node's user data that looks as if it had been encoded."""
    if not launch.user_data or not looks_encoded(launch.user_data):
        return ()
    warning = (
        f"{name}: launch.user_data looks like base64, and the instance receives it as it stands there. Give it as "
        "launch.user_data_base64 to have it decoded."
    )
    return (warning,)


def looks_encoded(text: str) -> bool:
    """Whether a text is base64 of something that begins as user data does."""
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return False
    return decoded.startswith(BEGINNINGS)
