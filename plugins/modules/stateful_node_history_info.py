#!/usr/bin/python
# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stateful_node_history_info
short_description: Read what was done to stateful nodes
version_added: 1.0.0
description:
  - Returns the operations that were carried out on the nodes, and the life of each node that follows from them, which
    is the instances that carried it, the gaps during which none did, and the addresses that it had.
  - An instance that ended while no operation was at work is known to have ended when the next operation began, or when
    this module looks. Such an end lies between two times, and both are returned.
  - Operations that had nothing to do leave no entry. DynamoDB drops entries after 400 days.
  - Reads records and EC2 in a handful of calls however many nodes there are, and the history with a Query for each
    node, 16 at the same time. Writes nothing.
options:
  name:
    description:
      - The names of the nodes. Left out, or V(all) alone, means every node of the table. An empty list means none.
      - Each element is stripped and split on commas and newlines. Nothing between two commas, before the first or
        after the last one is an error, since a list with spaces that is not quoted is cut there. A name that is given
        twice is an error, too.
      - V(tag:KEY=VALUE) stands for the nodes whose configuration has that tag, a pattern such as V(cassandra-*) or
        V(cassandra-[1-3]) for those whose names match it, as with
        O(stateful_node.aws.stateful_node_operation#module:name). One that matches nothing is an error.
      - A node that was deleted still has its history. One without a record and without a history is an error, and
        does not keep the others from being returned.
    type: list
    elements: str
  since:
    description:
      - Only operations that began at this time or later, and what follows from them.
      - A time in ISO 8601, which is UTC unless it says otherwise, or how long ago. That is a number and V(s), V(m),
        V(h), V(d) or V(w).
      - When left out, there is no such bound.
    type: str
  limit:
    description:
      - How many operations of a node to return at most, the latest ones. 1 to 1000.
      - RV(nodes[].truncated) says whether there are more.
    type: int
    default: 100
seealso:
  - module: stateful_node.aws.stateful_node_info
author:
  - The stateful_node.aws contributors (@stateful-node)
attributes:
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: N/A
    details: The module changes nothing.
extends_documentation_fragment:
  - stateful_node.aws.node
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What was done to a node in the last thirty days
  stateful_node.aws.stateful_node_history_info:
    region: us-east-1
    name: cassandra-1
    since: 30d
  register: history

- name: How often EC2 took an instance back
  ansible.builtin.debug:
    msg: "{{ history.nodes[0].gaps | selectattr('cause', 'equalto', 'interrupted') | length }}"
"""

RETURN = r"""
read_at:
  description: When it was read, in seconds since the epoch.
  returned: always
  type: int
  sample: 1760000000
since:
  description: The time that O(since) comes to, in seconds since the epoch; null when it was left out.
  returned: always
  type: int
  sample: 1757408000
region:
  description: The region that was asked.
  returned: always
  type: str
  sample: us-east-1
table_name:
  description: The table that was read.
  returned: always
  type: str
  sample: stateful-nodes
nodes:
  description:
    - The nodes, in the order asked for. Times are in seconds since the epoch.
    - When nodes failed the task fails and this still holds all of them. A failed node has only RV(nodes[].name) and
      RV(nodes[].error).
  returned: always, unless nothing could be done for any node
  type: list
  elements: dict
  contains:
    name:
      description: The name of the node.
      type: str
      sample: cassandra-1
    entries:
      description:
        - The operations that have ended, the latest first. What an older version of the collection did not write is
          null.
      type: list
      elements: dict
      contains:
        operation_id:
          description: The operation's id.
          type: str
          sample: 0f8fad5bd9cb469fa16570867728950e
        operation:
          description: What it was to do.
          type: str
          sample: replace
        owner:
          description: Who began it.
          type: str
          sample: alice@controller/4711
        started_at:
          description: When it began.
          type: int
          sample: 1760000000
        ended_at:
          description: When it ended.
          type: int
          sample: 1760000060
        choices:
          description: The names of what was chosen for it, such as V(allow_address_change).
          type: list
          elements: str
          sample: []
        timings:
          description: The seconds that each phase took.
          type: dict
          sample: {"terminate": 31.2, "interface": 0.1, "elastic_ip": 0.1, "launch": 12.3}
        phases_ended_at:
          description: When each phase ended.
          type: dict
          sample: {"terminate": 1760000035, "interface": 1760000035, "elastic_ip": 1760000035, "launch": 1760000048}
        found:
          description: The node's instance as the operation found it when it began.
          type: dict
          contains:
            instance_id:
              description: Its id; null when the record named none.
              type: str
              sample: i-0123456789abcdef0
            instance_type:
              description: Its type.
              type: str
              sample: m6i.large
            market:
              description: Its market, V(spot) or V(on_demand).
              type: str
              sample: spot
            instance_generation:
              description: The generation that it was launched as.
              type: int
              sample: 2
            instance_launched_at:
              description: When it was launched; 0 for one that was adopted.
              type: int
              sample: 1759990000
            state:
              description: Its state; null when EC2 did not show it any more.
              type: str
              sample: running
            state_reason:
              description: EC2's code for why it is in that state; null when EC2 gave none.
              type: str
              sample: Server.SpotInstanceTermination
        network_interface_id:
          description: The node's interface when the operation ended.
          type: str
          sample: eni-0123456789abcdef0
        private_ip_address:
          description: Its primary private address.
          type: str
          sample: 10.0.1.15
        public_ip:
          description: Its Elastic IP address.
          type: str
          sample: 198.51.100.7
        generation:
          description: How often an instance had been launched, or about to be launched, for the node.
          type: int
          sample: 3
        instance_id:
          description: The instance that carried the node when the operation ended; null for none.
          type: str
          sample: i-0abcdef0123456789
        instance_type:
          description: Its type.
          type: str
          sample: m6i.large
        market:
          description: Its market, V(spot) or V(on_demand).
          type: str
          sample: spot
        instance_generation:
          description: The generation that it was launched as.
          type: int
          sample: 3
        instance_launched_at:
          description: When the node's last instance was launched.
          type: int
          sample: 1760000036
        launch_attempts:
          description: The ways to launch that were tried, the last one being the one that was chosen if it has no code.
          type: list
          elements: dict
          contains:
            instance_type:
              description: The instance type; null for the launch template's own.
              type: str
              sample: m6i.large
            market:
              description: V(spot) or V(on_demand).
              type: str
              sample: spot
            code:
              description: EC2's error code or state reason.
              type: str
              sample: InsufficientInstanceCapacity
            message:
              description: EC2's message.
              type: str
              sample: There is no Spot capacity available that matches your request.
        out_of_service_since:
          description:
            - When an operation that was not finished began to terminate the node's instance, in seconds since the
              epoch; null for one that was finished.
          type: int
          sample: 1767225600
        seconds_out_of_service:
          description:
            - The seconds for which the node was out of service before its last instance ran; null where that is not
              known.
          type: int
          sample: 42
        error:
          description: Why the operation failed; null when it did not.
          type: dict
          contains:
            code:
              description: EC2's error code, or one of this collection's.
              type: str
              sample: InsufficientInstanceCapacity
            message:
              description: What was wrong, and the way out.
              type: str
              sample: cassandra-1 could not be launched on any of its candidates.
            phase:
              description: Where in the operation it failed, or null.
              type: str
              sample: launch
            action:
              description: What was being done, or null.
              type: str
              sample: RunInstances
            state:
              description: What was true of the node, or null.
              type: str
              sample: its interface and addresses are kept, no instance runs
            next_command:
              description: What to type next, or null.
              type: str
              sample: ansible-playbook stateful_node.aws.resume -e stateful_nodes=cassandra-1
            retry:
              description:
                - Whether the next command can work V(now), or only V(after_correction) of what the message names.
                - V(never) when the same command would be refused again.
              type: str
              sample: now
    truncated:
      description: Whether there are more operations than O(limit). The life of the node then begins with the oldest.
      type: bool
      sample: false
    instances:
      description: The instances that carried the node, the latest first.
      type: list
      elements: dict
      contains:
        instance_id:
          description: Its id. One that was stopped and started again is there twice.
          type: str
          sample: i-0abcdef0123456789
        instance_type:
          description: Its type.
          type: str
          sample: m6i.large
        instance_lifecycle:
          description: Its market, V(spot) or V(on_demand).
          type: str
          sample: spot
        generation:
          description: The generation that it was launched as; null when that is not known.
          type: int
          sample: 3
        started_at:
          description: When it was in service. With the RV(nodes[].instances[].start) V(unknown) it ran before that.
          type: int
          sample: 1760000048
        start:
          description:
            - How it came to carry the node.
            - V(launched), V(started) after it had been stopped, V(adopted), or V(unknown).
          type: str
          sample: launched
        ended_after:
          description:
            - When it was last known to run. It ended between this and RV(nodes[].instances[].ended_at).
            - Null where RV(nodes[].instances[].ended_at) is the very time.
          type: int
          sample: 1760000048
        ended_at:
          description: When it had ended; null while it carries the node.
          type: int
          sample: 1760090000
        end:
          description:
            - How it ended; null while it carries the node.
            - V(terminated) by an operation, V(interrupted) by EC2, which takes spot instances back, V(lost) in another
              way, V(stopped), V(released) by a delete that kept it, or V(unknown).
          type: str
          sample: interrupted
        state_reason:
          description: EC2's code for why it ended, as far as EC2 gave one.
          type: str
          sample: Server.SpotInstanceTermination
    gaps:
      description: How long no instance carried the node, since its first one, the latest first.
      type: list
      elements: dict
      contains:
        started_after:
          description:
            - When the node was last known to be in service. The gap began between this and
              RV(nodes[].gaps[].started_at).
            - Null where RV(nodes[].gaps[].started_at) is the very time.
          type: int
          sample: 1760000048
        started_at:
          description: When the node was out of service.
          type: int
          sample: 1760090000
        ended_at:
          description: When it was in service again; null while it is not.
          type: int
          sample: 1760090030
        seconds:
          description: How long it was, or has been, out of service for certain.
          type: int
          sample: 30
        seconds_at_most:
          description: How long it was, or has been, out of service at most.
          type: int
          sample: 89982
        cause:
          description:
            - Why.
            - V(paused), V(replaced), V(deleted), V(interrupted), V(lost), V(stopped) or V(unknown).
          type: str
          sample: interrupted
    addresses:
      description: The addresses that the node had, the latest first. They change only when somebody configures others.
      type: list
      elements: dict
      contains:
        network_interface_id:
          description: The interface that carried them.
          type: str
          sample: eni-0123456789abcdef0
        private_ip_address:
          description: The primary private address.
          type: str
          sample: 10.0.1.15
        public_ip:
          description: The Elastic IP address; null for none.
          type: str
          sample: 198.51.100.7
        started_at:
          description: Since when it had them.
          type: int
          sample: 1759000000
        ended_at:
          description: Until when; null while it has them.
          type: int
          sample: 1760090030
    error:
      description: Why the node failed.
      returned: when the node failed
      type: dict
      contains:
        code:
          description: EC2's error code, or one of this collection's.
          type: str
          sample: UnknownNode
        message:
          description: What is wrong, and the way out.
          type: str
          sample: "cassandra-1: table stateful-nodes has no node of this name."
        phase:
          description: Where in the operation it failed, or null.
          type: str
          sample: launch
        action:
          description: What was being done, or null.
          type: str
          sample: launch_instance
        state:
          description: What is true of the node now, or null.
          type: str
          sample: unknown
        next_command:
          description: What to type next, or null.
          type: str
          sample: ansible-playbook stateful_node.aws.resume -e stateful_nodes=cassandra-1
        retry:
          description:
            - Whether the next command can work V(now), or only V(after_correction) of what the message names.
            - V(never) when the same command would be refused again.
          type: str
          sample: now
"""

from ansible_collections.stateful_node.aws.plugins.module_utils._module.handlers.handle_history import handle
from ansible_collections.stateful_node.aws.plugins.module_utils._module.runner import run_module


def main() -> None:
    run_module("stateful_node_history_info", handle)


if __name__ == "__main__":
    main()
