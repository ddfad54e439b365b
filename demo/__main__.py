# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m demo`: three nodes through resume, pause, resume and replace, in the embedded AWS."""

from __future__ import annotations

import sys
import time

from ansible_collections.stateful_node.aws.plugins.filter.node_table import node_table

from demo.checks import CheckFailed, Sight, check, look
from demo.playbooks import PlaybookFailed, Playbooks
from tests.emulator.process import Emulator

ALL = ("-e", "stateful_nodes=all")
COLUMNS = ("node", "status", "instance", "type", "market", "private IP", "public IP", "seconds")
STEPS = {
    "The first resume creates the network interfaces": ("resume", *ALL),
    "Paused nodes cost no instance and keep their addresses": ("pause", *ALL),
    "Resumed, they have new instances on the old addresses": ("resume", *ALL),
    "Replaced three at a time, again": ("replace", *ALL, "-e", "replace_batch_size=3"),
}
NEXT = """
Next, against AWS itself, in a shell with its credentials:

  . .venv/bin/activate
  export AWS_REGION=eu-central-1
  ansible-playbook stateful_node.aws.setup
  ansible localhost -m stateful_node.aws.stateful_node_config -a '{"name": "web-1", "subnet_id": "subnet-...", \
"launch": {"image_id": "ami-...", "instance_types": ["t3.small", "t3a.small"], "market": "spot"}}'
  ansible-playbook stateful_node.aws.resume -e stateful_nodes=web-1
"""


def main() -> int:
    started = time.monotonic()
    try:
        with Emulator() as emulator:
            print(f"The embedded AWS listens on {emulator.endpoint}", flush=True)
            tell(emulator)
    except (CheckFailed, PlaybookFailed) as failure:
        print(f"\nThe demo failed: {failure}", file=sys.stderr)
        return 1
    print(f"\nAll addresses kept, all instances changed, in {time.monotonic() - started:.0f} seconds.")
    print(NEXT)
    return 0


def tell(emulator: Emulator) -> None:
    playbooks = Playbooks(emulator.environment)
    playbooks.run("The tables of the nodes' records", "stateful_node.aws.setup")
    playbooks.run("A network, and three nodes described in it", "demo/nodes.yml")
    sights: dict[str, Sight] = {}
    for title, (operation, *options) in STEPS.items():
        nodes = playbooks.run(title, f"stateful_node.aws.{operation}", *options)
        print(*(f"  {line}" for line in node_table(nodes, columns=COLUMNS)), sep="\n", flush=True)
        sights = check(nodes, sights, look(emulator.client("ec2")), paused=operation == "pause")


if __name__ == "__main__":
    sys.exit(main())
