# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare calls: `python floor.py STEP SPEED` in a directory with fleet.json; it keeps the ids in ids.json.

A thread a node, calls as early as EC2's buckets allow, one look for all nodes that wait. It finds nothing out, keeps no
record and mends nothing: less cannot be done.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

BETWEEN_LOOKS = 0.2
FILTER_VALUES = 200


class Pace:
    """Spaces calls out as EC2's bucket for them does: so many at once, then so many a second."""

    def __init__(self, size: float, refill: float) -> None:
        self._size, self._refill = size, refill
        self._lock, self._taken, self._start = threading.Lock(), 0, 0.0

    def wait(self) -> None:
        with self._lock:
            self._start = self._start or time.monotonic()
            due = self._start + max(0, self._taken + 1 - self._size) / self._refill
            self._taken += 1
        time.sleep(max(0.0, due - time.monotonic()))


class BareCalls:
    def __init__(self, fleet: dict[str, Any], ids: dict[str, dict[str, str]], speed: float) -> None:
        self.fleet, self.ids, self.speed = fleet, ids, speed
        self.launches = Pace(4.5, 2 * speed)
        connections = max(10, len(fleet["names"]))
        config = Config(retries={"mode": "standard", "total_max_attempts": 8}, max_pool_connections=connections)
        self.ec2 = boto3.client("ec2", config=config)

    def take(self, step: str) -> None:
        steps: dict[str, tuple[Callable[[], None], ...]] = {
            "first resume": (lambda: self.each(self.first_resume), self.wait_until_running),
            "no-op resume": (self.look,),
            "pause": (self.terminate, self.wait_until_free),
            "resume": (lambda: self.each(self.launch), self.wait_until_running),
        }
        steps["replace"] = (*steps["pause"], *steps["resume"])
        for part in steps[step]:
            part()

    def each(self, work: Callable[[str], None]) -> None:
        with ThreadPoolExecutor(len(self.fleet["names"])) as threads:
            list(threads.map(work, self.fleet["names"]))

    def first_resume(self, name: str) -> None:
        made = self.ec2.create_network_interface(
            SubnetId=self.fleet["subnet_id"], Groups=[self.fleet["security_group_id"]]
        )["NetworkInterface"]
        interface_id = self.ids["interfaces"][name] = made["NetworkInterfaceId"]
        if name in self.fleet["with_elastic_ip"]:
            allocation_id = self.ids["addresses"][name] = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
            self.ec2.associate_address(AllocationId=allocation_id, NetworkInterfaceId=interface_id)
        self.launch(name)

    def launch(self, name: str) -> None:
        self.launches.wait()
        launched = self.ec2.run_instances(
            MinCount=1,
            MaxCount=1,
            ImageId=self.fleet["image_id"],
            InstanceType=self.fleet["instance_type"],
            NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": self.ids["interfaces"][name]}],
        )
        self.ids["instances"][name] = launched["Instances"][0]["InstanceId"]

    def terminate(self) -> None:
        for chunk in _chunks(self.ids["instances"].values(), 100):
            self.ec2.terminate_instances(InstanceIds=chunk)

    def wait_until_running(self) -> None:
        self._wait(lambda: {instance["State"]["Name"] for instance in self._instances()} == {"running"})

    def wait_until_free(self) -> None:
        self._wait(lambda: {instance["State"]["Name"] for instance in self._instances()} == {"terminated"})
        self._wait(lambda: {interface["Status"] for interface in self._interfaces()} == {"available"})

    def look(self) -> None:
        list(self._interfaces())
        list(self._instances())
        for chunk in _chunks(self.ids["addresses"].values()):
            self.ec2.describe_addresses(Filters=[{"Name": "allocation-id", "Values": chunk}])

    def _instances(self) -> Iterator[Any]:
        for chunk in _chunks(self.ids["instances"].values()):
            answer = self.ec2.describe_instances(Filters=[{"Name": "instance-id", "Values": chunk}])
            yield from (instance for found in answer["Reservations"] for instance in found["Instances"])

    def _interfaces(self) -> Iterator[Any]:
        for chunk in _chunks(self.ids["interfaces"].values()):
            filters = [{"Name": "network-interface-id", "Values": chunk}]
            yield from self.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]

    def _wait(self, is_reached: Callable[[], bool]) -> None:
        while not is_reached():
            time.sleep(BETWEEN_LOOKS / self.speed)


def _chunks(values: Any, size: int = FILTER_VALUES) -> Iterator[list[str]]:
    listed = list(values)
    yield from (listed[start : start + size] for start in range(0, len(listed), size))


def main() -> None:
    step, speed, kept = sys.argv[1], float(sys.argv[2]), Path("ids.json")
    nothing: dict[str, dict[str, str]] = {"interfaces": {}, "addresses": {}, "instances": {}}
    ids = json.loads(kept.read_text()) if kept.exists() else nothing
    BareCalls(json.loads(Path("fleet.json").read_text()), ids, speed).take(step)
    kept.write_text(json.dumps(ids))


if __name__ == "__main__":
    main()
