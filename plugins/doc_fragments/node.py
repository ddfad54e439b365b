# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation that the modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """One attribute per group of options: `stateful_node.aws.node.names` is NAMES."""

    DOCUMENTATION = r"""
options:
  table_name:
    description:
      - The name of the DynamoDB table that keeps the nodes' records. The playbook C(stateful_node.aws.setup) makes it.
      - Left out, the environment variable E(STATEFUL_NODE_TABLE) is used.
    type: str
    default: stateful-nodes
attributes:
  action:
    description: Has an action plugin, which runs the module's code in the controller's own process.
    support: full
    details:
      - This saves starting an interpreter and loading boto3 for every task, which is most of its time.
      - The task is an ordinary module where the variable C(stateful_node_in_process) is false, with C(async),
        C(environment) or C(become), when it is played on or delegated to something other than the controller, when
        C(ansible_python_interpreter) is set to another one than the controller's, and when the controller has no
        boto3. Its result is the same.
      - While it works in the controller's process it tells on stderr how the nodes get on. The variable
        C(stateful_node_progress) keeps it from that when it is false, and so do C(check_mode), C(no_log) and a play of
        more than ten hosts. An ordinary module has no way to say anything before it ends.
  check_mode:
    description: Can run in C(check_mode) and say what would change, without changing anything.
    support: full
  action_group:
    description: Use C(group/stateful_node.aws.aws) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - stateful_node.aws.aws
"""

    CHANGES = r"""
attributes:
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: full
notes:
  - The collection keeps the addresses of a node, not its root disk. A new instance boots its image again.
"""

    NAMES = r"""
options:
  name:
    description:
      - The names of the nodes. One call serves a whole fleet, and its reads do not grow with the number of nodes.
      - Each element is stripped and split on commas and newlines. Nothing between two commas, before the first or
        after the last one is an error, since a list with spaces that is not quoted is cut there.
      - A name that is given twice is an error.
      - V(all) alone means every node of the table. An empty list means none.
      - V(tag:KEY=VALUE) stands for the nodes whose configuration has that tag. In the value C(*) stands for any
        characters and C(?) for any one.
      - A pattern such as V(cassandra-*) or V(cassandra-[1-3]) stands for the nodes whose names match it.
      - Patterns, tags and names can be mixed; a node that several of them match is taken once. One that matches
        nothing is an error, and nothing is done then.
      - A node that fails does not keep the others from being worked on. The task fails at the end, with RV(nodes) for
        all of them.
    type: list
    elements: str
    required: true
"""

    OPERATION_ID = r"""
options:
  operation_id:
    description:
      - The operation under which to work, as M(stateful_node.aws.stateful_node_operation) returned it. Its lease is
        renewed meanwhile.
      - Only those of O(name) that the operation holds are worked on; a node whose operation was taken over fails.
      - Under a C(delete), what that was not told to delete is let go in place of deleted, and states that would make
        something are refused.
      - Left out, the module takes the lease of each node that needs work for its own run. A node that another
        operation holds fails.
    type: str
"""

    WAITING = r"""
options:
  wait:
    description:
      - Whether to wait until EC2 has done what it was told to do.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most, for each node and each phase of its operation. At least 1.
      - A phase is one of creating or changing the interface, associating the Elastic IP address, terminating and
        launching an instance. The time of a launch begins when the rate limit of RunInstances lets it through.
      - EC2 takes up to 10 minutes to terminate ordinary instances at times, and up to 30 for bare metal.
      - A node that is not ready in time fails; the same task continues from there when it is run again.
    type: int
    default: 1800
"""
