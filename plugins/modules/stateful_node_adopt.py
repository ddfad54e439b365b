#!/usr/bin/python
# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stateful_node_adopt
short_description: Make a stateful node of an existing instance or interface
version_added: 1.0.0
description:
  - The primary network interface of an instance becomes a node's, with every address that it has. Nothing is
    terminated, and no address is changed.
  - The node is written down first. Then DeleteOnTermination of the interface is switched off, and instance, interface
    and Elastic IP are tagged. An adoption that was cut off is finished by running the same again.
  - How the next instance is launched is read from the one that is there, with its type, image, key, instance profile,
    user data, security groups, tags, metadata options, tenancy, placement group, capacity reservation, CPU options and
    credits, monitoring and EBS optimization, unless options say otherwise. The market is
    spot with a fallback to on-demand unless given, so that the next replacement moves the node to spot.
  - The root disk does not come along. The next pause or replace terminates the instance and boots the image anew.
    This has to be accepted with O(accept_root_volume_loss=true), unless O(launch.image_id) or
    O(launch.launch_template) says what to boot. Further volumes and interfaces stay behind, too.
  - An Elastic IP of the interface becomes the node's own. A public address that EC2 has assigned by itself cannot be
    kept; a warning says so.
  - A persistent spot request is cancelled, since it would launch another instance.
  - Refused, with nothing changed, for an instance that an Auto Scaling group, a fleet, Kubernetes or another service
    manages, for one that has ended, and for what is another node's already.
options:
  name:
    description:
      - The name of the node, unique in its table.
      - 1 to 63 letters, digits, V(.), V(_) and V(-), the first one a letter or digit, and not V(all).
      - Nothing is done where a node of this name was adopted from the same instance or interface before.
    type: str
    required: true
  instance_id:
    description:
      - The instance to adopt. It runs on.
      - One of O(instance_id) and O(network_interface_id) is required.
    type: str
  network_interface_id:
    description:
      - An interface to adopt that is attached to nothing. The node is paused; how it is launched has to be given.
    type: str
  accept_root_volume_loss:
    description:
      - Whether it is all right that what is on the instance's root disk is lost with the next pause or replace.
    type: bool
    default: false
  config:
    description:
      - Options of the configuration, such as O(subnet_id) and O(launch), as one dictionary or as JSON.
      - One that is also given by itself is taken from there. A key that is not such an option is refused.
    type: dict
  take_over:
    description:
      - Whether to go on with an adoption that was cut off before its lease has ended.
      - The other one stops before its next change. Use it when you know that it was cut off.
    type: bool
    default: false
  wait_timeout:
    description:
      - How many seconds to wait at most for DeleteOnTermination to be seen off. At least 1.
    type: int
    default: 1800
notes:
  - An option of the configuration that is left out is as found on the instance or interface. What is given takes effect
    as with M(stateful_node.aws.stateful_node_config), by the next operation on the node.
  - What a node's configuration does not have, such as further volumes, is lost with the next replacement.
    A launch template can say it.
seealso:
  - module: stateful_node.aws.stateful_node_config
  - module: stateful_node.aws.stateful_node_operation
  - module: stateful_node.aws.stateful_node_info
author:
  - The stateful_node.aws contributors (@stateful-node)
extends_documentation_fragment:
  - stateful_node.aws.node
  - stateful_node.aws.node.changes
  - stateful_node.aws.configuration
  - stateful_node.aws.configuration.launch
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: An instance becomes a node; the next replace moves it to spot, with its addresses
  stateful_node.aws.stateful_node_adopt:
    name: cassandra-1
    instance_id: i-0123456789abcdef0
    region: us-east-1
    launch:
      image_id: ami-0123456789abcdef0 # made of the instance
      instance_types: [m6i.large, m5.large]

- name: An instance that keeps nothing on its root disk
  stateful_node.aws.stateful_node_adopt:
    name: gateway
    instance_id: i-0123456789abcdef1
    region: us-east-1
    accept_root_volume_loss: true

- name: A free interface becomes a paused node
  stateful_node.aws.stateful_node_adopt:
    name: cassandra-2
    network_interface_id: eni-0123456789abcdef0
    region: us-east-1
    launch:
      launch_template:
        name: cassandra
"""

RETURN = r"""
nodes:
  description:
    - The nodes, in the order asked for.
    - When nodes failed the task fails and this still holds all of them. A failed node of which nothing could be read
      has only RV(nodes[].name) and RV(nodes[].error).
  returned: always, unless nothing could be done for any node
  type: list
  elements: dict
  contains:
    name:
      description: The name of the node.
      type: str
      sample: cassandra-1
    status:
      description:
        - What the node is, derived from its record and from what EC2 says now.
        - One of V(new), V(resuming), V(running), V(pausing), V(paused), V(replacing), V(deleting), V(degraded).
        - V(degraded) means that RV(nodes[].drift) names something that needs attention.
        - V(absent) means that an operation C(delete) has forgotten the node, or found no record of it; in that case it
          has only RV(nodes[].name) and this.
      type: str
      sample: running
    desired:
      description: What the last operation was asked for, V(running) or V(paused); null before the first one.
      type: str
      sample: running
    generation:
      description: How often an instance was launched, or about to be launched, for the node.
      type: int
      sample: 3
    config:
      description:
        - The stored configuration, with the options of M(stateful_node.aws.stateful_node_config), each of them
          present.
        - In place of C(launch.user_data) it has C(launch.user_data_sha256), in hexadecimal, or null.
      type: dict
      sample:
        subnet_id: subnet-0123456789abcdef0
        persist_private_ip: true
        elastic_ip: eipalloc-0123456789abcdef0
    network_interface_id:
      description: The interface that carries the node's addresses; null while there is none.
      type: str
      sample: eni-0123456789abcdef0
    private_ip_address:
      description: The primary private IPv4 address; null before the interface is created.
      type: str
      sample: 10.0.1.15
    private_ip_addresses:
      description: All private IPv4 addresses, the primary one first.
      type: list
      elements: str
      sample: [10.0.1.15]
    ipv6_addresses:
      description: The IPv6 addresses.
      type: list
      elements: str
      sample: []
    public_ip:
      description:
        - The public IPv4 address; null when there is none.
        - It persists when RV(nodes[].allocation_id) is set. Otherwise EC2 assigns it while an instance runs.
      type: str
      sample: 198.51.100.7
    allocation_id:
      description: The allocation of the Elastic IP; null when there is none.
      type: str
      sample: eipalloc-0123456789abcdef0
    subnet_id:
      description: The subnet that the node lives in.
      type: str
      sample: subnet-0123456789abcdef0
    availability_zone:
      description: The zone of that subnet.
      type: str
      sample: us-east-1a
    instance_id:
      description: The instance that carries the node now; null while none does.
      type: str
      sample: i-0123456789abcdef0
    instance_type:
      description: The type of that instance.
      type: str
      sample: m6i.large
    instance_lifecycle:
      description: The market of that instance, V(spot) or V(on_demand).
      type: str
      sample: spot
    seconds_since_launch:
      description:
        - Seconds since EC2 launched the present instance, or started it after it had been stopped.
        - Null while there is no instance.
      type: int
      sample: 86400
    seconds_out_of_service:
      description:
        - Seconds for which no instance carried the node before its present one ran; while none does, how long that is
          so by now.
        - They begin when the earlier instance is told to terminate. When it has ended otherwise, interrupted by EC2 or
          terminated by somebody else, they begin with the operation that found it gone, so that it was longer.
        - They end when the operation that launched the present instance has seen it run, and pass its status checks
          where it waits for these. With C(wait=false) they end with the launch. The time that a node is paused counts.
        - Null before and with the node's first instance, and where it is not known.
      type: int
      sample: 74
    launch_attempts:
      description: The ways to launch that were tried last, in their order, also the one that succeeded.
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
          description: EC2's error code or state reason; null for the launch that succeeded.
          type: str
          sample: InsufficientInstanceCapacity
        message:
          description: EC2's message.
          type: str
          sample: There is no Spot capacity available that matches your request.
    drift:
      description: Where EC2 differs from what the record says.
      type: list
      elements: dict
      contains:
        reason:
          description: The name of the difference.
          type: str
          sample: instance_missing
        message:
          description: What differs, and the way out.
          type: str
          sample: The node should run, and i-0123456789abcdef0 does not. Resume the node.
        repairable:
          description: Whether the playbook C(repair) mends it by itself. Otherwise somebody has to decide.
          type: bool
          sample: true
    pending:
      description:
        - What the node does not have as configured yet, and what brings that about.
        - What was changed in EC2, without an edit of the configuration, is a RV(nodes.drift) instead.
      type: list
      elements: dict
      contains:
        option:
          description: The option of M(stateful_node.aws.stateful_node_config).
          type: str
          sample: private_ip_address
        current:
          description: What the node has now.
          type: raw
          sample: 10.0.1.15
        wanted:
          description: What it will have then.
          type: raw
          sample: 10.0.1.20
        waits_for:
          description:
            - The operation that brings it about, V(resume) or V(replace).
            - V(address_change) for one that gives an address up, and has to be allowed by RV(nodes.pending.give).
          type: str
          sample: address_change
        give:
          description: The extra var that the playbook has to be given as well; null where it needs none.
          type: str
          sample: replace_allow_address_change=true
    unused_elastic_ips:
      description:
        - Elastic IPs that were allocated for the node and that its configuration does not ask for any more.
        - M(stateful_node.aws.stateful_node_eip) with O(stateful_node.aws.stateful_node_eip#module:state=absent) and
          O(stateful_node.aws.stateful_node_eip#module:release=true) gives them back.
      type: list
      elements: dict
      contains:
        allocation_id:
          description: The address's id.
          type: str
          sample: eipalloc-0123456789abcdef0
        public_ip:
          description: The address.
          type: str
          sample: 198.51.100.7
        monthly_cost:
          description: What it costs, in USD a month.
          type: float
          sample: 3.65
    operation:
      description: The operation that holds the node; null when none does.
      type: dict
      contains:
        id:
          description: Its id.
          type: str
          sample: 0f8fad5bd9cb469fa16570867728950e
        operation:
          description: What it does.
          type: str
          sample: replace
        owner:
          description: Who began it.
          type: str
          sample: alice@controller
        started_at:
          description: When it began, in seconds since the epoch.
          type: int
          sample: 1760000000
        expires_at:
          description: When its lease ends unless it is renewed, in seconds since the epoch.
          type: int
          sample: 1760000300
        from_generation:
          description: The generation that it began with.
          type: int
          sample: 2
        target_generation:
          description: The generation that it works towards.
          type: int
          sample: 3
    timings:
      description:
        - Seconds spent on the node in this call, by phase.
        - C(handover) are those, within C(launch), in which the interface moved from one instance to the next.
      type: dict
      sample:
        launch: 12.3
    error:
      description: Why the node failed.
      returned: when the node failed
      type: dict
      contains:
        code:
          description: EC2's error code, or one of this collection's.
          type: str
          sample: InsufficientInstanceCapacity
        message:
          description: What is wrong, and the way out.
          type: str
          sample: cassandra-1 could not be launched on any of its candidates.
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
actions:
  description: What was done, or, in check mode, what would be done, in that order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The node.
      type: str
      sample: cassandra-1
    action:
      description: What is done; further keys say to what and how.
      type: str
      sample: create_record
    phase:
      description:
        - The part of the operation, one of V(record), V(interface), V(elastic_ip), V(prelaunch), V(terminate),
          V(launch).
      type: str
      sample: record
"""

from ansible_collections.stateful_node.aws.plugins.module_utils._module.handlers.handle_adopt import handle
from ansible_collections.stateful_node.aws.plugins.module_utils._module.runner import run_module


def main() -> None:
    run_module("stateful_node_adopt", handle)


if __name__ == "__main__":
    main()
