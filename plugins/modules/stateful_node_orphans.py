#!/usr/bin/python
# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stateful_node_orphans
short_description: Find what belongs to no stateful node any more
version_added: 1.0.0
description:
  - Lists the network interfaces, live instances and Elastic IP addresses that carry the tag of the table and belong to
    none of its nodes, with what their public addresses cost.
  - Deletes those of them that are named, and nothing else.
  - What a running operation has made, or may have made, is not an orphan. The records are read after EC2, so that
    it is in them already.
options:
  delete:
    description:
      - The ids of the orphans to delete. Instances are terminated, then interfaces deleted, then addresses released.
      - Each element is stripped and split on commas and newlines; empty ones are dropped.
      - Each is looked at again right before. What belongs to a node by then, what something uses that is not named
        too, and what does not carry the tag of the table is an error, and does not keep the others from being deleted.
      - One that does not exist any more counts as deleted.
      - Termination protection of an instance is respected.
    type: list
    elements: str
    default: []
  wait_timeout:
    description:
      - How many seconds to wait at most for what is deleted, for all of it together. At least 1.
    type: int
    default: 1800
seealso:
  - module: stateful_node.aws.stateful_node_info
author:
  - The stateful_node.aws contributors (@stateful-node)
attributes:
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: full
extends_documentation_fragment:
  - stateful_node.aws.node
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What is left over
  stateful_node.aws.stateful_node_orphans:
    region: us-east-1
  register: found

- name: Delete an interface and an address that were looked at
  stateful_node.aws.stateful_node_orphans:
    region: us-east-1
    delete:
      - eni-0123456789abcdef0
      - eipalloc-0123456789abcdef0
"""

RETURN = r"""
orphans:
  description: What was found, before any of it was deleted.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: EC2's id.
      type: str
      sample: eni-0123456789abcdef0
    type:
      description: V(instance), V(network_interface) or V(elastic_ip).
      type: str
      sample: network_interface
    name:
      description: The node that it is tagged for; null where the tag's value is not a valid name of a node.
      type: str
      sample: cassandra-1
    invalid_name:
      description:
        - The tag's value where that is not a valid name of a node, in quotes, cut, and with escapes for what is not
          printable ASCII; null otherwise.
      type: str
      sample: "'cassandra-1,all'"
    name_tag:
      description: The tag C(Name), as EC2 shows it; null where there is none.
      type: str
      sample: cassandra-1
    owner_id:
      description: The account that launched the instance or created the interface; null for an address.
      type: str
      sample: "123456789012"
    launched_at:
      description: When the instance was launched; null for anything else, of which EC2 does not say it.
      type: str
      sample: "2024-01-31T08:15:00Z"
    private_ip_address:
      description: The primary private address of an interface, or the one that an address is associated with.
      type: str
      sample: 10.0.1.15
    public_ip:
      description: The public address.
      type: str
      sample: 198.51.100.7
    used_by:
      description: What an interface is attached to, or an address associated with; null when nothing uses it.
      type: str
      sample: i-0123456789abcdef0
    monthly_cost:
      description:
        - USD for the public address in 730 hours, at AWS's list price of 0.005 an hour
          (U(https://aws.amazon.com/vpc/pricing/)). What an instance costs in addition is not included.
        - The address of an interface is counted where the address itself is listed.
      type: float
      sample: 3.65
monthly_cost:
  description: The sum of these.
  returned: always
  type: float
  sample: 3.65
deleted:
  description: The ids of what was deleted, or would be in check mode.
  returned: always
  type: list
  elements: str
  sample: [eni-0123456789abcdef0]
gone:
  description: Those of O(delete) that were not there any more.
  returned: always
  type: list
  elements: str
  sample: []
actions:
  description: What was done, or would be done in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The node that it is tagged for; null where the tag's value is not a valid name of a node.
      type: str
      sample: cassandra-1
    action:
      description: V(terminate_instance), V(delete_network_interface) or V(release_address).
      type: str
      sample: delete_network_interface
    id:
      description: What it was done to.
      type: str
      sample: eni-0123456789abcdef0
"""

from ansible_collections.stateful_node.aws.plugins.module_utils._module.handlers.handle_orphans import handle
from ansible_collections.stateful_node.aws.plugins.module_utils._module.runner import run_module


def main() -> None:
    run_module("stateful_node_orphans", handle)


if __name__ == "__main__":
    main()
