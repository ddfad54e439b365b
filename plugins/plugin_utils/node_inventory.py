# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the inventory plugin does: reads the nodes of each region, or the cache, and makes hosts and groups of them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleParserError
from ansible.inventory.group import to_safe_group_name
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase

from ..module_utils._aws.calls.aws_error import AwsError, translated
from ..module_utils._core.model.node_error import NodeError
from ..module_utils._core.status.inventory import (
    check_filters,
    check_keys,
    find_address,
    has_record,
    is_readable,
    is_wanted,
    list_groups,
    to_host_variables,
)
from ..module_utils._module.handlers.handle_info import handle
from ..module_utils._module.runner import run
from ..module_utils._reconcile.context.failures import aws_message
from .private_cache import PrivateCache
from .unsafe import mark_unsafe

ALL = "stateful_nodes"
"""The group of all nodes that have a record."""

NAMED = 10
"""How many nodes without a record a warning names."""

Node = dict[str, Any]


@contextlib.contextmanager
def _sentences(failed: str) -> Iterator[None]:
    """Raise AWS's errors as Ansible's, without what only a developer reads."""
    try:
        yield
    except AwsError as error:
        raise AnsibleParserError(f"{failed}: {aws_message(error, playbook='info')}") from None


def _list_keys(plugin: str) -> list[str]:
    """List the keys that a file of the plugin can have: its options, those of its fragments, and their aliases."""
    definitions = constants.config.get_configuration_definitions("inventory", plugin)
    aliases = [alias for definition in definitions.values() for alias in definition.get("aliases") or ()]
    return [*definitions, *aliases]


class NodeInventory(PrivateCache, AWSInventoryBase):  # type: ignore[misc] # amazon.aws is not typed
    """Nodes as hosts. NAME and the plugin's documentation are those of the subclass."""

    INVENTORY_FILE_SUFFIXES = (".stateful_nodes.yml", ".stateful_nodes.yaml")

    class TemplatedOptions(AWSInventoryBase.TemplatedOptions):  # type: ignore[misc]
        """Options that may be templates: those of amazon.aws, and the table's name."""

        TEMPLATABLE_OPTIONS = (*AWSInventoryBase.TemplatedOptions.TEMPLATABLE_OPTIONS, "table_name")

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:  # noqa: FBT001, FBT002
        """Add the nodes to the inventory. Raises AnsibleParserError with what is wrong."""
        super().parse(inventory, loader, path, cache=cache)
        include, exclude = self._include_filters(), self.get_option("exclude_filters")
        try:
            check_filters([*include, *exclude])
            nodes = self._read(path, cache=cache)
        except NodeError as error:
            raise AnsibleParserError(str(error)) from None
        known = self._known(self._readable(nodes))
        wanted = [node for node in known if is_wanted(node, include, exclude)]
        if known and not wanted:
            self.warn(f"{path}: none of the {len(known)} nodes matches the filters.")
        self._add_hosts(wanted)

    def _read_config_data(self, path: str) -> dict[str, Any]:
        """Read the inventory file. Raises AnsibleParserError for a key that is not an option: it would be ignored."""
        config: dict[str, Any] = super()._read_config_data(path)
        try:
            check_keys(config, _list_keys(self._load_name))
        except NodeError as error:
            raise AnsibleParserError(f"{path}: {error}") from None
        return config

    def verify_file(self, path: str) -> bool:
        """Say whether a file is for this plugin, and why not where it claims to be: Ansible would not."""
        if super().verify_file(path):
            return True
        if self._is_named_in(path):
            self.warn(
                f"{path} names the plugin {self.NAME}, which takes only files whose names end in "
                f"{' or '.join(self.INVENTORY_FILE_SUFFIXES)}. Rename it."
            )
        return False

    def _is_named_in(self, path: str) -> bool:
        try:
            return bool(re.search(rf"^plugin:\s*[\"']?{re.escape(self.NAME)}\b", Path(path).read_text(), re.MULTILINE))
        except (OSError, ValueError):  # a list of hosts, a directory, something binary
            return False

    def client(self, service: str, **parameters: Any) -> Any:
        """Make a client; its region is the first one unless given, which is that of STS."""
        return super().client(service, **{"region": self._regions()[0], **parameters})

    def _set_frozen_credentials(self) -> None:
        # Not while the options are read, as amazon.aws does: what comes from the cache needs no credentials.
        pass

    def _include_filters(self) -> list[dict[str, Any]]:
        given = self.get_option("filters")
        return [*([given] if given else []), *self.get_option("include_filters")]

    def _regions(self) -> list[str]:
        regions: list[str] = self.get_option("regions") or ([self.region] if self.region else [])
        if not regions:
            raise AnsibleParserError("No region is known. Give regions in the inventory file, or set AWS_REGION.")
        return regions

    def _read(self, path: str, *, cache: bool) -> list[Node]:
        """Give all nodes, whatever the filters: one that is edited takes effect with what is cached, too."""
        source = self._source()
        is_cached, cached = self.get_cached_result(path, cache)
        if is_cached and cached["source"] == source:
            return list(cached["nodes"])
        nodes = self._ask_aws()
        # Ansible's key is the file's name alone: what was cached of another source is replaced.
        self.update_cached_result(path, cache and not is_cached, {"source": source, "nodes": nodes})
        return nodes

    def _source(self) -> dict[str, Any]:
        options = ("table_name", "profile", "assume_role_arn", "endpoint_url")
        return {"regions": self._regions(), **{option: self.get_option(option) for option in options}}

    def _ask_aws(self) -> list[Node]:
        with _sentences("The role could not be assumed"), translated("AssumeRole"):
            super()._set_frozen_credentials()
        return [node for region in self._regions() for node in self._nodes_of(region)]

    def _nodes_of(self, region: str) -> list[Node]:
        table = self.get_option("table_name")
        params = {"table_name": table, "name": None}

        def client(service: str, config: Any) -> Any:
            return self.client(service, region=region, config=config)

        with _sentences(f"The nodes of table {table} in {region} could not be read"):
            nodes = run(handle, params, check_mode=True, client_factory=client).values["nodes"]
        return [{**node, "region": region, "table_name": table} for node in nodes]

    def _readable(self, nodes: list[Node]) -> list[Node]:
        """Leave out, with a warning, those whose records cannot be read: one bad record costs no other node."""
        unreadable = [node["error"]["message"] for node in nodes if not is_readable(node)]
        if unreadable:
            others = f" The same is true of {len(unreadable) - NAMED} others." if len(unreadable) > NAMED else ""
            self.warn(f"Not hosts, since they cannot be read: {' '.join(unreadable[:NAMED])}{others}")
        return [node for node in nodes if is_readable(node)]

    def _known(self, nodes: list[Node]) -> list[Node]:
        """Leave out, with a warning, those without a record, unless they are asked for."""
        lost = [node["name"] for node in nodes if not has_record(node)]
        if not lost or self.get_option("include_record_missing"):
            return nodes
        others = f" and {len(lost) - NAMED} others" if len(lost) > NAMED else ""
        self.warn(
            f"Resources in EC2 are tagged for {', '.join(lost[:NAMED])}{others}, which have no record in table "
            f"{self.get_option('table_name')}: they are not hosts. The playbook stateful_node.aws.repair says what is "
            "left of them."
        )
        return [node for node in nodes if has_record(node)]

    def _add_hosts(self, nodes: list[Node]) -> None:
        self.inventory.add_group(ALL)
        lost = [(host, node) for host, node in self._named(nodes) if not has_record(node)]
        for host, node in lost:
            self._add_lost_host(host, node)
        recorded = [node for node in nodes if has_record(node)]
        unreachable = [host for host, node in self._named(recorded) if not self._add_host(host, node)]
        kinds = self.get_option("ansible_host")
        if unreachable and kinds and "ansible_host" not in self.get_option("compose"):
            self._warn_of_unreachable(unreachable, kinds)

    def _named(self, nodes: list[Node]) -> Iterator[tuple[str, Node]]:
        with_region, seen = self.get_option("hostname_with_region"), dict[str, str]()
        for node in nodes:
            host = f"{node['name']}.{node['region']}" if with_region else node["name"]
            if host in seen:
                raise AnsibleParserError(
                    f"Both {seen[host]} and {node['region']} have a node {host}. Give hostname_with_region: true, and "
                    "hosts are named NAME.REGION."
                )
            seen[host] = node["region"]
            yield host, node

    def _add_host(self, host: str, node: Node) -> bool:
        """Add a host; says whether its address is known."""
        self.inventory.add_host(host, group=ALL)
        variables = self._set_variables(host, node)
        address = find_address(node, self.get_option("ansible_host"))
        if address:
            self.inventory.set_variable(host, "ansible_host", mark_unsafe(address))
        self._add_to_groups(host, node)
        self._construct(host, variables)
        return bool(address)

    def _add_lost_host(self, host: str, node: Node) -> None:
        """Add a host that nothing but tags tells of: to look at, and with nothing by which a play would reach it."""
        self.inventory.add_host(host)
        self._set_variables(host, node)
        self._add_to_groups(host, node)

    def _set_variables(self, host: str, node: Node) -> dict[str, Any]:
        prefix, suffix = (self.get_option(option) or "" for option in ("hostvars_prefix", "hostvars_suffix"))
        # The name of a record is the host's name, and the table's stands in the inventory file.
        known = (node["name"], node["table_name"])
        variables: dict[str, Any] = mark_unsafe(to_host_variables(node, prefix, suffix), known)
        for name, value in variables.items():
            self.inventory.set_variable(host, name, value)
        return variables

    def _add_to_groups(self, host: str, node: Node) -> None:
        for group in list_groups(node, self.get_option("group_by")):
            safe = to_safe_group_name(group, force=True, silent=True)
            self.inventory.add_child(self.inventory.add_group(safe), host)

    def _construct(self, host: str, variables: dict[str, Any]) -> None:
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)

    def _warn_of_unreachable(self, hosts: list[str], kinds: list[str]) -> None:
        self.warn(
            f"No {' or '.join(kinds)} is known to lead to {', '.join(hosts)}: ansible_host is not set for them, and "
            "Ansible would take their names for addresses."
        )
