# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of a node's configuration, which several modules take."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of `stateful_node_config`, how instances are launched (`configuration.launch`) by themselves."""

    DOCUMENTATION = r"""
options:
  subnet_id:
    description:
      - The subnet that the node lives in, which also pins it to a zone.
      - Required when the record is created.
      - While the node has its interface it can be changed only with C(allow_address_change=true) and within the VPC.
        The change waits for the next replacement.
    type: str
  persist_private_ip:
    description:
      - Whether the node keeps its private address.
      - With V(false) and an O(elastic_ip) the node keeps its interface, and with it the address, but one that has to be
        made anew because it was lost gets any address.
      - With V(false) and no O(elastic_ip) each new instance has a fresh interface.
      - V(true) unless given.
    type: bool
  private_ip_address:
    description:
      - The primary private IPv4 address of the node.
      - It lies in the subnet's range, is not one of those that EC2 reserves (the first four and the last, see
        U(https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html)) and not held by another interface.
      - Another node of the table must not have it, be giving it up, or be configured with it.
      - Unless given, EC2 picks one when the node is resumed for the first time, and the node keeps it.
      - Needs O(persist_private_ip=true). A change to a node that has its interface waits for the next replacement with
        C(replace_allow_address_change=true), since it gives an address up.
    type: str
    aliases: [private_ip]
  secondary_private_ip_addresses:
    description:
      - Further private IPv4 addresses of the interface, under the same conditions as O(private_ip_address).
      - None unless given. Excludes O(secondary_private_ip_address_count), also a stored one.
    type: list
    elements: str
  secondary_private_ip_address_count:
    description:
      - How many further private IPv4 addresses the interface has; EC2 picks them, and the node keeps them.
      - V(0) unless given.
    type: int
  ipv6_address_count:
    description:
      - How many IPv6 addresses the interface has; EC2 picks them, and the node keeps them. The subnet needs an IPv6
        range.
      - V(0) unless given.
    type: int
  elastic_ip:
    description:
      - The Elastic IP of the node, as an allocation id or a public address; it is stored as an allocation id.
      - V(new) has one allocated at the first resume, in the network border group of the subnet's zone. An address that
        is given must be of that group, which in a Local Zone is not the region's.
      - Refused in a subnet of a Wavelength Zone or an Outpost, whose interfaces get addresses of other kinds.
      - None unless given. It must not be associated elsewhere, and another node of the table must not have it or be
        configured with it.
      - Accepted only with O(public_ip_assignment=enabled), or with O(public_ip_assignment=subnet_default) in a subnet
        that assigns public addresses.
    type: str
  elastic_ip_pool:
    description:
      - The pool that O(elastic_ip=new) allocates from, one that the account owns or that is shared with it. Either
        addresses that were brought to AWS (C(ipv4pool-ec2-...)), or a public pool of IPAM (C(ipam-pool-...)).
      - Amazon's own pool unless given. The shipped IAM policies do not include other pools; a statement for
        C(ec2:AllocateAddress) on the pool's ARN has to be added.
      - It matters only for the allocation. An address that the node has already is kept when this is changed.
    type: str
  elastic_ip_private_ip_address:
    description:
      - The private address that the Elastic IP is associated with, one of O(private_ip_address) and
        O(secondary_private_ip_addresses).
      - The primary one unless given, or when cleared.
    type: str
  public_ip_assignment:
    description:
      - Whether the node has a public IPv4 address.
      - V(subnet_default) does as the subnet does; this is what holds unless given.
      - V(enabled) without O(elastic_ip) has EC2 assign the interface an address that changes with every instance.
    type: str
    choices: [enabled, disabled, subnet_default]
  security_groups:
    description:
      - The security groups of the interface, ids or names of groups of the subnet's VPC. They are stored as ids.
        With O(handover=prelaunch) the disposable interface has them as well.
      - The VPC's default group unless given, or when cleared.
    type: list
    elements: str
  source_dest_check:
    description:
      - Whether EC2 drops packets that are neither from nor for the interface. Turn it off for a node that routes.
      - V(true) unless given.
    type: bool
  handover:
    description:
      - How the interface comes from one instance to the next when the node is replaced.
      - With V(terminate) it is the primary interface (device 0) of each instance. That can never be detached, so the
        old instance is terminated before the new one is launched, and the node is out of service meanwhile.
      - With V(prelaunch) each instance, the first included, is launched with a disposable interface at device 0, and
        the node's own is attached at device 1 once it runs. A replace launches the new instance next to the old one
        and moves the interface when it runs, and only then terminates the old one; the node is out of service for
        seconds. Where no instance can be launched, the old one stays as it is.
      - V(terminate) unless given. A change, also of an adopted node, waits for one ordinary replacement.
      - "The guest must be made for V(prelaunch). It gets a second interface in the same subnet while it runs, and
        what it sends leaves by device 0, with that interface's address, unless it routes by source: each address
        needs a routing table of its own with a default route, and C(ip rule add from ADDRESS table ...). Amazon Linux
        does so by itself (the package C(amazon-ec2-net-utils)), as do images with the package C(ec2-net-utils); other
        images need netplan, NetworkManager or a script. What runs at boot does not have the node's address yet. See
        U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network-interface-attachments.html)."
      - Each instance takes a further private address of the subnet, two while a replace is under way. EC2 makes the
        disposable interface with the security groups of the node and deletes it with the instance. It has a public
        address where the subnet assigns one, unless O(public_ip_assignment=disabled).
      - With V(prelaunch) each of the instance types is looked up and must take two network interfaces. EC2 assigns no
        public address to an interface at device 1, so O(public_ip_assignment=enabled), or
        O(public_ip_assignment=subnet_default) in a subnet that assigns public addresses, needs an O(elastic_ip). A
        node that keeps neither its private address nor an O(elastic_ip) is refused.
    type: str
    choices: [terminate, prelaunch]
  rebalance:
    description:
      - What becomes of the node at an EC2 Instance Rebalance Recommendation, which says that its spot instance is at an
        elevated risk of interruption, see
        U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html).
      - With V(replace) the playbook C(stateful_node.aws.watch) replaces the node then, with V(ignore) it waits for
        the interruption.
      - V(ignore) unless given. It is read when the event comes, as are O(auto_heal) and O(unhealthy_after).
    type: str
    choices: [ignore, replace]
  auto_heal:
    description:
      - Whether C(watch) also mends the node when its instance is there still and not well.
      - One that was stopped behind our back is started again. One whose instance or system status check has failed for
        O(unhealthy_after) seconds is replaced, at the earliest 120 seconds after its launch. The root disk is lost with
        it.
      - Without it C(watch) leaves such an instance to you. A node whose instance is gone, whoever ended it, and one
        that Spot interrupts is brought up again either way, as long as it is meant to run.
      - V(false) unless given.
    type: bool
  unhealthy_after:
    description:
      - For how many seconds an instance has to fail EC2's status checks before O(auto_heal) replaces it, V(0) or more.
        EC2 checks once a minute.
      - V(120) unless given.
    type: int
  tags:
    description:
      - Tags of the interface, the instances and their volumes, and of an Elastic IP that is allocated for the node.
      - Keys starting with V(aws:) or V(stateful_node:) are reserved. Of the 50 tags that EC2 takes, 5 are the
        collection's own and one is C(Name), which is the node's name unless given. A key has at most 128 characters,
        a value 256, see U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions).
    type: dict
    aliases: [resource_tags]
  purge_tags:
    description:
      - With V(true), O(tags) are all the tags of the node; with V(false) they are added to the stored ones.
      - Without effect when O(tags) is left out.
    type: bool
    default: true
"""

    LAUNCH = r"""
options:
  launch:
    description:
      - How instances of the node are launched. Merged per key with what is stored.
      - Either O(launch.launch_template), or O(launch.image_id) together with O(launch.instance_types), is needed.
        What is given together with a launch template takes precedence over what the template says.
      - Image and instance types themselves are not looked up, unless the node hands over with C(handover=prelaunch); a
        wrong one shows when the node is launched.
      - A change takes effect with the next launch.
    type: dict
    suboptions:
      launch_template:
        description:
          - The launch template, by id or by name; it is stored by id, its version as a number. V({}) clears it.
          - The interface exists before the instance. So a version that has C(SecurityGroupIds), C(SecurityGroups),
            C(NetworkInterfaces), C(InstanceMarketOptions), C(InstanceRequirements) or tags for C(network-interface)
            is refused, as is one with tags for C(spot-instances-request) when the node may be launched on demand.
        type: dict
        suboptions:
          id:
            description: The id of the launch template. Excludes O(launch.launch_template.name).
            type: str
          name:
            description: The name of the launch template.
            type: str
          version:
            description:
              - A version number, V($Latest) or V($Default). The latter two are looked up now, and the number is
                stored.
              - V($Default) unless given. Given alone it is a version of the one that was there.
            type: str
      image_id:
        description:
          - The image that instances boot, such as V(ami-0123456789abcdef0).
          - Or V(resolve:ssm:) with the name of a parameter of Systems Manager, which EC2 looks up at each launch. It
            needs the permission C(ssm:GetParameters).
        type: str
      instance_types:
        description:
          - The instance types to try, the preferred one first. A type is tried when those before it cannot be had.
          - One that EC2 has just refused, for want of capacity, for another node of the same call counts as refused for
            30 seconds, unless it is the last one to try.
        type: list
        elements: str
      key_name:
        description: The key pair to log in with.
        type: str
      user_data:
        description:
          - The user data of the instances, as plain text. It reaches the instance byte for byte; a dictionary or a list
            is refused.
          - Before ansible-core 2.19 JSON that comes from a template or a lookup is a dictionary. Give it as
            O(launch.user_data_base64) then.
          - What looks like base64 is taken as it is, with a warning. Excludes O(launch.user_data_base64), also a stored
            one, whose place it takes.
          - At most 16 KB, see U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html).
          - It stands in the record and is never shown; results have its SHA-256 as C(user_data_sha256).
        type: str
      user_data_base64:
        description:
          - The user data of the instances in base64, for what is packed with gzip or otherwise not a text, and for
            JSON, as with C(lookup('ansible.builtin.file', PATH) | b64encode).
          - At most 16 KB before it is encoded. It is never shown, as O(launch.user_data) is not.
          - Excludes O(launch.user_data), also a stored one, whose place it takes.
        type: str
      iam_instance_profile:
        description: The instance profile of the instances, its name or its ARN.
        type: str
      block_device_mappings:
        description:
          - Volumes, as in M(amazon.aws.ec2_launch_template). Given, the list replaces what was there.
        type: list
        elements: dict
        suboptions:
          device_name:
            description: The device, such as V(/dev/xvda).
            type: str
            required: true
          ebs:
            description: The EBS volume behind it. What is left out is as EC2 or the image has it.
            type: dict
            suboptions:
              delete_on_termination:
                description: Whether the volume is deleted with the instance.
                type: bool
              encrypted:
                description: Whether the volume is encrypted.
                type: bool
              iops:
                description: Operations per second, for V(gp3), V(io1) and V(io2).
                type: int
              kms_key_id:
                description: The KMS key to encrypt with, as id, alias or ARN.
                type: str
              snapshot_id:
                description: The snapshot to make the volume from.
                type: str
              throughput:
                description: Throughput in MiB per second, for V(gp3).
                type: int
              volume_size:
                description: The size in GiB.
                type: int
              volume_type:
                description: The type of the volume.
                type: str
                choices: [gp2, gp3, io1, io2, sc1, st1, standard]
          no_device:
            description: Any text leaves out the device that the image maps here.
            type: str
          virtual_name:
            description: An instance store volume, such as V(ephemeral0).
            type: str
      metadata_options:
        description:
          - The instance metadata service. What is left out is as EC2, the template or the image has it.
          - Given, the dictionary replaces what was there.
        type: dict
        suboptions:
          http_endpoint:
            description: Whether the service answers.
            type: str
            choices: [enabled, disabled]
          http_protocol_ipv6:
            description: Whether the service answers over IPv6.
            type: str
            choices: [enabled, disabled]
          http_put_response_hop_limit:
            description: How many hops a token may travel, V(1) to V(64).
            type: int
          http_tokens:
            description: Whether a session token is needed; V(required) is IMDSv2.
            type: str
            choices: [optional, required]
          instance_metadata_tags:
            description: Whether the instance can read its tags there.
            type: str
            choices: [enabled, disabled]
      tenancy:
        description:
          - The tenancy of the instances. V(host) needs O(launch.market=on_demand), see
            U(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotPlacement.html).
          - As the launch template or the VPC has it unless given.
        type: str
        choices: [default, dedicated, host]
      placement_group:
        description:
          - The placement group that instances are launched into, its name or its id. One that another account shares
            is given by its id.
          - As the launch template has it unless given.
        type: str
      placement_partition_number:
        description:
          - The number of the partition, V(1) to V(7), in a placement group of the strategy V(partition).
          - EC2 picks one unless given, or when cleared with V(0).
        type: int
      capacity_reservation:
        description:
          - The Capacity Reservation that instances use. Given, the dictionary replaces what was there; V({}) clears it.
          - Needs O(launch.market=on_demand), since Spot Instances run in no reservation, see
            U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservation-overview.html).
        type: dict
        suboptions:
          id:
            description:
              - The reservation, such as V(cr-0123456789abcdef0).
              - Excludes O(launch.capacity_reservation.resource_group_arn).
            type: str
          preference:
            description:
              - With V(open) an instance runs in any open reservation that matches, which is what EC2 does by itself.
              - With V(none) it runs in no reservation, with V(capacity-reservations-only) in nothing else.
              - Of these, only V(capacity-reservations-only) can be given together with a reservation or a group.
            type: str
            choices: [open, none, capacity-reservations-only]
          resource_group_arn:
            description: The ARN of a resource group of reservations.
            type: str
      credit_specification:
        description:
          - How a burstable instance spends CPU credits. A type without credits is left out then.
          - As the launch template, the account or the type has it unless given.
        type: str
        choices: [standard, unlimited]
      cpu_options:
        description:
          - The CPU options of the instances. Given, the dictionary replaces what was there; V({}) clears it.
          - EC2 takes O(launch.cpu_options.core_count) and O(launch.cpu_options.threads_per_core) together only, and
            refuses numbers that an instance type does not offer.
        type: dict
        suboptions:
          amd_sev_snp:
            description: Whether AMD SEV-SNP is on, for types that have it.
            type: str
            choices: [enabled, disabled]
          core_count:
            description: The number of CPU cores.
            type: int
          threads_per_core:
            description: Threads per core; V(1) turns multithreading off.
            type: int
      ebs_optimized:
        description:
          - Whether instances have bandwidth of their own for EBS volumes, for types that do not have it anyway.
          - As the launch template or the type has it unless given.
        type: bool
      monitoring:
        description:
          - Whether CloudWatch gets detailed metrics, one a minute, which AWS charges for.
          - As the launch template has it, or off, unless given.
        type: bool
      hibernation:
        description:
          - V(true) is refused. A pause and a replace terminate the instance, so that nothing of a hibernation would be
            left. It is an option only so that the reason can be given.
        type: bool
      market:
        description:
          - The capacity to launch on. V(spot) unless given.
        type: str
        choices: [spot, on_demand]
      fallback_to_on_demand:
        description:
          - Whether, when no instance type can be had on spot, each one is tried on demand.
          - V(true) unless given. Without effect with O(launch.market=on_demand).
        type: bool
      spot_max_price:
        description:
          - The highest price for spot, in dollars per hour, such as V(0.05). It must be more than 0.001.
          - EC2's own limit, the on-demand price, unless given; AWS advises against a maximum, see
            U(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotMarketOptions.html).
        type: str
      allocation:
        description:
          - In which order instance types are tried on spot capacity. With V(prioritized) it is that of
            O(launch.instance_types), with V(lowest_price) that of their spot prices in the node's zone (Linux/UNIX),
            the cheapest first.
          - Types that the zone does not have are left out either way.
          - V(prioritized) unless given.
        type: str
        choices: [prioritized, lowest_price]
"""
