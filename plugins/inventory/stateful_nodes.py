# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: stateful_nodes
short_description: Stateful nodes as hosts, also while they are paused
version_added: 1.0.0
author:
  - The stateful_node.aws contributors (@stateful-node)
description:
  - Every node of the table is a host, with an instance or without one, under the name of the node.
  - Reads each region's records and EC2 in a handful of calls, however many nodes there are. Writes nothing.
  - The inventory is a YAML file whose name ends in C(.stateful_nodes.yml) or C(.stateful_nodes.yaml).
  - Host variables are what M(stateful_node.aws.stateful_node_info) returns of a node, without C(timings), with
    C(node_name) in place of C(name), which Ansible reserves, and with C(region) and C(table_name). C(user_data) is not
    among them.
  - All nodes that the table has a record of are in the group C(stateful_nodes).
  - Resources in EC2 that are tagged for a node without a record are no host, which a warning says. Anyone who may tag
    resources can give such tags. See O(include_record_missing).
notes:
  - Unless told otherwise Ansible only warns when an inventory cannot be read, and goes on without its hosts. Set
    E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to have it fail.
  - If no credentials are given and the controller runs on EC2, those of its instance profile are used.
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [stateful_node.aws.stateful_nodes]
  table_name:
    description:
      - The name of the DynamoDB table that keeps the nodes' records, the same in each region. The playbook
        C(stateful_node.aws.setup) makes it.
    type: str
    default: stateful-nodes
    env:
      - name: STATEFUL_NODE_TABLE
  regions:
    description:
      - The regions whose nodes are hosts. Each needs the table.
      - Left out, the one of O(region), and without that the one that boto3 finds in the environment or the profile.
    type: list
    elements: str
    default: []
  hostname_with_region:
    description:
      - Whether hosts are named C(NAME.REGION) in place of C(NAME).
      - Needed where two of O(regions) have a node of the same name, which is an error otherwise.
    type: bool
    default: false
  include_record_missing:
    description:
      - Whether a node without a record, of which something is left in EC2, is a host as well, to be looked at.
      - Nothing but tags tells of it. So it has no C(ansible_host), is in no other group than C(drift_record_missing),
        and O(compose), O(groups) and O(keyed_groups) do not apply to it.
      - Ansible takes the name of such a host for its address. Do not run plays on it.
    type: bool
    default: false
    version_added: 1.0.0
  ansible_host:
    description:
      - The kinds of address to connect to, the first one that a node has. Nothing that is not listed is taken instead.
      - V(private_ip_address) is the primary private IPv4 address, V(elastic_ip) the public IPv4 address where it is
        the node's Elastic IP, V(ipv6_address) its first IPv6 address. All of them stay the node's while it is paused.
      - V(public_ip) is the Elastic IP or the public address that EC2 assigns to the instance. An assigned one changes
        with every launch, and may belong to another account afterwards, so do not cache it.
      - An address that something else may answer on, by the node's drift, is not taken.
      - Where a node has none of them C(ansible_host) is not set, with a warning. O(compose) may set it.
      - V([]) never sets it.
    type: list
    elements: str
    choices: [private_ip_address, elastic_ip, public_ip, ipv6_address]
    default: [private_ip_address]
  group_by:
    description:
      - By what hosts are grouped. Characters other than letters, digits and C(_) become C(_) in a group's name.
      - V(status) makes C(status_STATUS), such as C(status_paused).
      - V(zone) makes C(zone_AVAILABILITY_ZONE), such as C(zone_us_east_1a).
      - V(market) makes C(market_spot) and C(market_on_demand) by the instances that there are; a node without an
        instance is in neither.
      - V(tags) makes C(tag_KEY_VALUE) for each tag of the configuration, such as C(tag_role_cassandra).
      - V(drift) makes C(drift_REASON), such as C(drift_instance_missing).
      - V(pending) makes C(pending_resume), C(pending_replace) and C(pending_address_change), by what brings about a
        change of the configuration that waits. The host variable C(pending) has the changes themselves.
    type: list
    elements: str
    choices: [status, zone, market, tags, drift, pending]
    default: [status, zone, market, tags, drift, pending]
  filters:
    description:
      - What a node has to be to be a host, by V(name), V(status), V(desired), V(region), V(availability_zone),
        V(subnet_id), V(network_interface_id), V(private_ip_address), V(public_ip), V(allocation_id), V(instance_id),
        V(instance_type), V(instance_lifecycle), V(drift) (the reason of any) or V(tag:KEY).
      - The value is one or a list of which one has to match. In it C(*) stands for any characters and C(?) for any one.
      - All of the filters have to match. They are applied to what is read, also from the cache.
    type: dict
    default: {}
  include_filters:
    description:
      - Further O(filters). A node that matches any of them, or O(filters), is a host.
    type: list
    elements: dict
    default: []
  exclude_filters:
    description:
      - Filters like O(filters). A node that matches any of them is not a host, whatever the others say.
    type: list
    elements: dict
    default: []
  hostvars_prefix:
    description: What the names of the host variables begin with. Nothing when left out.
    type: str
  hostvars_suffix:
    description: What the names of the host variables end with. Nothing when left out.
    type: str
extends_documentation_fragment:
  - inventory_cache
  - constructed
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
"""

EXAMPLES = r"""
# nodes.stateful_nodes.yml: the nodes of one region, reached by their private addresses.
plugin: stateful_node.aws.stateful_nodes
regions:
  - us-east-1

---

# Reached by Elastic IP, and those without one by private address; read from AWS once in five minutes.
plugin: stateful_node.aws.stateful_nodes
regions:
  - us-east-1
  - eu-central-1
hostname_with_region: true
ansible_host:
  - elastic_ip
  - private_ip_address
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/stateful_nodes
cache_timeout: 300

---

# One cluster of staging, by an assumed role, without the nodes that are paused; grouped by configured market, too.
plugin: stateful_node.aws.stateful_nodes
table_name: staging
region: us-east-1
assume_role_arn: arn:aws:iam::123456789012:role/inventory
filters:
  tag:cluster: cassandra-*
exclude_filters:
  - status: [new, pausing, paused]
keyed_groups:
  - key: config.launch.market
    prefix: configured_market
compose:
  ansible_user: "'ec2-user'"
"""

from ..plugin_utils.node_inventory import NodeInventory


class InventoryModule(NodeInventory):
    NAME = "stateful_node.aws.stateful_nodes"
