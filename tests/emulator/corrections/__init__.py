# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""moto's answers made EC2's, one concern a module; importing this package installs them all.

Each module names the places of moto 5.2.5 that it corrects.
"""

from . import (  # noqa: F401
    addresses,
    attachments,
    client_tokens,
    cloudformation,
    cpu_credits,
    dependencies,
    dynamodb,
    elastic_ips,
    events,
    expressions,
    filters,
    images,
    instances,
    interfaces,
    launches,
    secondary_addresses,
    service_linked_roles,
    speed,
    spot,
    subnets,
    tags,
    target_groups,
    terminations,
    volumes,
    zones,
)
