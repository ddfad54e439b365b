# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EC2 Spot's service-linked role has EC2's name for it.

iam/models.py create_service_linked_role calls it AWSServiceRoleForspot.
"""

from __future__ import annotations

from moto.iam.models import SERVICE_NAME_CONVERSION

SERVICE_NAME_CONVERSION["spot"] = "EC2Spot"
