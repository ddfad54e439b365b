#!/usr/bin/python
# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stateful_node_events
short_description: Find the stateful nodes that have to be resumed or replaced
version_added: 1.0.0
description:
  - Reads what EC2 tells of instances from the queue that the playbook C(stateful_node.aws.setup) makes, looks at every
    node that is meant to run, and says which of them are to be resumed or replaced, and why. It does neither.
  - Spot's interruption warning is a replace while the instance runs and a resume when it is gone already. A rebalance
    recommendation is a replace where the node's C(rebalance) says so. A node that is meant to run and whose instance is
    gone is a resume. With the node's C(auto_heal) a stopped instance is a resume, and one whose status checks have
    failed for C(unhealthy_after) seconds, and that is 120 seconds old, a replace.
  - A message is not proof. A warning counts only for an instance on spot, not before the time that it is dated
    (60 seconds aside), and, where EC2 says whether it has marked the instance for interruption, only once it is marked.
    Until then the warning is asked about again for 10 seconds at least, and then left on the queue for a later look, so
    that none is lost. EC2 shows nothing of a rebalance recommendation.
  - Without the permission C(ec2:DescribeSpotInstanceRequests) warnings count without the mark, and the module warns.
  - Nothing is decided about a node that is paused or that another operation holds. An interrupted operation is resumed
    once its lease has expired.
  - A message that requires no action is deleted, with its reason in RV(dropped). One that cannot be read stays on the
    queue until SQS moves it to the dead-letter queue, and keeps no other message from being dealt with. One that leads
    to something is to be deleted once that is done, with O(state=deleted).
  - What is returned of the text of a message is at most 60 characters in ASCII, and at most 50 messages of each kind
    are listed. A message of more than 16384 characters is not read.
  - In check mode nothing is received from the queue, since that would hide the messages for a while.
  - Needs C(sqs:GetQueueUrl), C(sqs:ReceiveMessage), C(sqs:DeleteMessage), C(dynamodb:Scan), C(dynamodb:BatchGetItem),
    C(ec2:DescribeInstances), C(ec2:DescribeInstanceStatus) and C(ec2:DescribeSpotInstanceRequests).
options:
  state:
    description:
      - V(received) finds what is to be done.
      - V(deleted) deletes the messages of O(receipt_handles).
    type: str
    choices: [received, deleted]
    default: received
  queue_name:
    description:
      - The name of the queue, in the account and region of the table.
      - The name of the table with C(-events) at its end unless given.
      - A queue that does not exist or may not be used is an error at once.
    type: str
  receive:
    description: Whether to receive messages from the queue.
    type: bool
    default: true
  reconcile:
    description:
      - Whether to look at every node that is meant to run, at the beginning and every 60 seconds.
      - An event may get lost, and a stopped instance or failing status checks may have none.
    type: bool
    default: true
  events:
    description:
      - Events that were received elsewhere. Each is an event of EventBridge, as a dictionary or as its JSON.
      - The queue is left alone when this is given, whatever O(receive) says.
      - Do not compose it from C(ansible_eda), the variable of ansible-rulebook. Ansible would run the templates that
        are in a message. Set O(rulebook_events) instead.
    type: list
    elements: raw
  rulebook_events:
    description:
      - Take the events that ansible-rulebook hands over in C(ansible_eda) in place of O(events). The action plugin
        reads them as they were written, composes each again from validated fields, and leaves out all others with a
        warning. No template in them is run.
    type: bool
    default: false
  wait_seconds:
    description:
      - For how many seconds to look, V(0) or more. The module returns as soon as there is something to do.
      - With V(0) it looks once, which takes a second where the queue is empty.
    type: int
    default: 0
  exclude:
    description:
      - Names of nodes about which nothing is decided, as it has just been tried. Their messages stay on the queue.
    type: list
    elements: str
    default: []
  receipt_handles:
    description: The messages to delete, as RV(decisions) names them.
    type: list
    elements: str
    default: []
seealso:
  - module: stateful_node.aws.stateful_node_config
  - module: stateful_node.aws.stateful_node_operation
author:
  - The stateful_node.aws contributors (@stateful-node)
attributes:
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: none
extends_documentation_fragment:
  - stateful_node.aws.node
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Wait for something to do, for a minute at the most
  stateful_node.aws.stateful_node_events:
    region: us-east-1
    wait_seconds: 60
  register: found

- name: Resume what is gone
  ansible.builtin.include_role:
    name: stateful_node.aws.resume
  vars:
    resume_nodes: "{{ found.resume }}"

- name: The messages are dealt with
  stateful_node.aws.stateful_node_events:
    region: us-east-1
    state: deleted
    receipt_handles: >-
      {{ found.decisions | selectattr('operation', '==', 'resume') | map(attribute='receipt_handles') | flatten }}
"""

RETURN = r"""
resume:
  description: The names of the nodes to resume.
  returned: when O(state=received)
  type: list
  elements: str
  sample: [cassandra-1]
replace:
  description: The names of the nodes to replace.
  returned: when O(state=received)
  type: list
  elements: str
  sample: []
decisions:
  description: Both of them with their reasons, in the order of their names.
  returned: when O(state=received)
  type: list
  elements: dict
  contains:
    name:
      description: The node.
      type: str
      sample: cassandra-1
    operation:
      description: V(resume) or V(replace).
      type: str
      sample: resume
    reason:
      description:
        - V(interruption) (Spot has warned), V(rebalance), V(interrupted) (Spot has ended it), V(instance_missing),
          V(instance_stopped), V(status_checks_failed), or V(lease_expired) (an operation was cut off).
      type: str
      sample: interrupted
    message:
      description: The reason as a sentence.
      type: str
      sample: "cassandra-1: instance i-0123456789abcdef0 was taken back by Spot."
    instance_id:
      description: The instance that it is about; null when the node has none.
      type: str
      sample: i-0123456789abcdef0
    generation:
      description:
        - The node's generation when this was decided, for
          O(stateful_node.aws.stateful_node_operation#module:generations). One that has another by then has been dealt
          with.
      type: int
      sample: 3
    receipt_handles:
      description: The messages that said so, to be deleted once it is done. None where the node was just looked at.
      type: list
      elements: str
      sample: []
dropped:
  description: The messages that require no action, at most 50 of them. They are off the queue.
  returned: when O(state=received)
  type: list
  elements: dict
  contains: &note
    message_id:
      description: SQS's id of the message; empty for one of O(events).
      type: str
      sample: 5fea7756-0ea4-451a-a703-a558b933e274
    reason:
      description:
        - Of those dropped V(not_a_node), V(other_account), V(other_region), V(other_event), V(older_generation),
          V(paused), V(new) (the node was never resumed), V(busy) (an operation ends that very instance),
          V(unfinished) (the node is to be deleted), V(rebalance_ignored), V(outdated) (nothing came of the warning),
          V(not_spot) (a warning of an on-demand instance), V(instance_stopped) (without C(auto_heal)) or V(well).
        - Of those that come again V(busy) (an operation holds the node), V(not_recorded) (the instance is newer than
          the record), V(not_marked) (EC2 has not marked the instance for interruption), V(dated_ahead) (the warning is
          dated more than 60 seconds ahead of the clock of the controller), V(unreadable_record) (the record of its
          node cannot be read), or why it was tried, for those of O(exclude).
        - V(unreadable) of those that are not events.
      type: str
      sample: not_a_node
    message:
      description: The reason as a sentence.
      type: str
      sample: i-0123456789abcdef0 is not an instance of a node of stateful-nodes.
    instance_id:
      description: The instance, when the message names one.
      type: str
      sample: i-0123456789abcdef0
    name:
      description: The node, when it is one's.
      type: str
      sample: null
later:
  description:
    - The messages that are to be looked at again, at most 50 of them. They come back when the queue's visibility
      timeout is over.
  returned: when O(state=received)
  type: list
  elements: dict
  contains: *note
unreadable:
  description:
    - The messages that are not events, at most 50 of them. SQS moves them to the dead-letter queue when they have come
      too often.
  returned: when O(state=received)
  type: list
  elements: dict
  contains: *note
message_counts:
  description: How many messages there were of each kind, listed or not.
  returned: when O(state=received)
  type: dict
  contains:
    dropped:
      description: Those that require no action.
      type: int
      sample: 0
    later:
      description: Those that are to be looked at again.
      type: int
      sample: 0
    unreadable:
      description: Those that are not events.
      type: int
      sample: 0
actions:
  description: The messages that were deleted, or would be in check mode. With O(state=received) at most 50 of them.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: V(delete_message).
      type: str
      sample: delete_message
    id:
      description: SQS's id of the message.
      returned: when O(state=received)
      type: str
      sample: 5fea7756-0ea4-451a-a703-a558b933e274
"""

from ansible_collections.stateful_node.aws.plugins.module_utils._module.handlers.handle_events import handle
from ansible_collections.stateful_node.aws.plugins.module_utils._module.runner import run_module


def main() -> None:
    run_module("stateful_node_events", handle)


if __name__ == "__main__":
    main()
