# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Codes of EC2 that mean something to more than one part of the collection."""

from __future__ import annotations

SPOT_INTERRUPTION = "Server.SpotInstanceTermination"
"""The state reason of an instance that EC2 took back.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
"""
