# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the nodes of a fleet: by EC2 and its log of states, and, beside that, by what the collection says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.emulator.process import Emulator
from tests.support.collection import TABLE, Collection

from .measure import CommandOutcome
from .outages import outages

OUT, TOLD, HANDOVER = "out of service", "out of service, as told", "hand-over, as told"

Address = tuple[str, str | None]


class Nodes:
    """The nodes that the collection has made in an emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.addresses: dict[str, Address] = {}

    def note_addresses(self) -> None:
        """Note the addresses that the nodes are to keep."""
        self.addresses = self._addresses()

    def outcome(self, seconds: Mapping[str, Sequence[float]], **counts: int) -> CommandOutcome:
        """Give the outcome; nodes that have lost an address are what is wrong with it."""
        return CommandOutcome(seconds=seconds, counts=counts, broken="; ".join(self._lost()))

    def replaced(self, began: float) -> dict[str, Sequence[float]]:
        """Seconds of a replace that began then."""
        seconds: dict[str, Sequence[float]] = {
            OUT: list(outages(self.emulator.states(), began).values()),
            TOLD: self._out_of_service_as_told(),
        }
        handovers = self._handovers_as_told()
        return {**seconds, **({HANDOVER: handovers} if handovers else {})}

    def markets(self) -> Counter[str]:
        """How many instances run on which market."""
        states = [{"Name": "instance-state-name", "Values": ["running"]}]
        pages = self.emulator.client("ec2").get_paginator("describe_instances").paginate(Filters=states)
        running = (each for page in pages for made in page["Reservations"] for each in made["Instances"])
        return Counter(each.get("InstanceLifecycle", "on demand") for each in running)

    def _lost(self) -> Iterator[str]:
        now = self._addresses()
        for interface_id, address in self.addresses.items():
            if now.get(interface_id) != address:
                yield f"{interface_id} had {address} and has {now.get(interface_id)}"

    def _addresses(self) -> dict[str, Address]:
        table = [{"Name": "tag:stateful_node:table", "Values": [TABLE]}]
        pages = self.emulator.client("ec2").get_paginator("describe_network_interfaces").paginate(Filters=table)
        return {
            each["NetworkInterfaceId"]: (each["PrivateIpAddress"], _elastic_ip(each))
            for page in pages
            for each in page["NetworkInterfaces"]
            if not _ends_with_its_instance(each)
        }

    def _out_of_service_as_told(self) -> list[float]:
        nodes = Collection(self.emulator.endpoint).run("info").values["nodes"]
        return [node["seconds_out_of_service"] for node in nodes if node["seconds_out_of_service"] is not None]

    def _handovers_as_told(self) -> list[float]:
        pages = self.emulator.client("dynamodb").get_paginator("scan").paginate(TableName=f"{TABLE}-history")
        timings = (item["timings"]["M"] for page in pages for item in page["Items"])
        return [float(each["handover"]["N"]) for each in timings if "handover" in each]


def _elastic_ip(interface: Mapping[str, Any]) -> str | None:
    association = interface.get("Association") or {}
    return association.get("PublicIp") if association.get("AllocationId") else None


def _ends_with_its_instance(interface: Mapping[str, Any]) -> bool:
    return bool((interface.get("Attachment") or {}).get("DeleteOnTermination"))
