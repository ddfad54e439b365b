# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.emulator`: the emulator as a process."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .environment import environment
from .faults import RANDOM_KINDS
from .loopback import check_loopback

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

HOST = "127.0.0.1"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("--host", default=HOST, help="a loopback address; any other is refused")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--profile", choices=("test", "ec2"), default="test")
    parser.add_argument("--speed", type=float, default=1.0, help="2: everything takes half its time")
    parser.add_argument("--duration", action="append", default=[], metavar="STATE=SECONDS", help="e.g. pending=3")
    parser.add_argument(
        "--call-seconds", action="append", default=[], metavar="ACTION=SECONDS", help="RunInstances=1.5"
    )
    parser.add_argument("--consistency-seconds", type=float, default=0.0, help="fresh resources are missing so long")
    parser.add_argument("--throttling", action="store_true", help="EC2's request limits")
    parser.add_argument(
        "--throttling-scale", type=float, default=1.0, help="0.5: buckets half as large, filled half as fast"
    )
    parser.add_argument(
        "--fault-rate", type=float, default=0.0, help="0.01: one call of a hundred goes wrong, by a draw"
    )
    parser.add_argument("--fault-seed", type=int, default=0, help="of the draw")
    parser.add_argument("--fault-kind", action="append", default=[], choices=RANDOM_KINDS, help="left out: any of them")
    parser.add_argument("--address-quota", type=int, help="Elastic IPs a region may have; AWS's default is 5")
    parser.add_argument(
        "--policy", action="append", default=[], metavar="ACCESS_KEY_ID=FILE", help="what that caller may do, as JSON"
    )
    parser.add_argument("--fault", action="append", default=[], metavar="JSON", type=json.loads, help="see README.md")
    parser.add_argument(
        "--capacity", action="append", default=[], metavar="JSON", type=json.loads, help="see README.md"
    )
    parser.add_argument("--parent-pid", type=int, help="end when this process ends")
    parser.add_argument("--foreground-help", action="store_true", help="print the environment to paste")
    parser.add_argument("--playground", action="store_true", help="a VPC to try things in; prints what to paste")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    try:
        check_loopback(options.host)
        server = start(options)
    except (TypeError, ValueError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    if options.parent_pid:
        threading.Thread(target=_end_with_parent, args=(options.parent_pid,), daemon=True).start()
    endpoint = f"http://{options.host}:{server.server_port}"
    announce(endpoint, options.foreground_help or options.playground or sys.stdout.isatty())
    if options.playground:
        threading.Thread(target=announce_playground, args=(endpoint,), daemon=True).start()
    server.serve_forever(poll_interval=0.05)
    os._exit(0)  # nothing is left to save, and the interpreter's own end takes a second


def start(options: argparse.Namespace) -> BaseWSGIServer:
    from . import server  # moto's import is slow: --help and a refusal do not wait for it
    from .capacity import Rule
    from .control import started_with
    from .faults import Fault
    from .world import world

    started_with.update(settings_of(options))
    world.reset(**started_with)
    for rule in options.capacity:
        world.capacity.set(Rule(**rule))
    for fault in options.fault:
        world.faults.add(Fault(**fault))
    return server.start(world, options.host, options.port)


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "profile": options.profile,
        "speed": options.speed,
        "durations": _seconds(options.duration),
        "call_seconds": _seconds(options.call_seconds),
        "consistency_seconds": options.consistency_seconds,
        "throttling": options.throttling,
        "throttling_scale": options.throttling_scale,
        "fault_rate": options.fault_rate,
        "fault_seed": options.fault_seed,
        "fault_kinds": options.fault_kind or list(RANDOM_KINDS),
        "address_quota": options.address_quota,
        "policies": _policies(options.policy),
    }


def _seconds(pairs: list[str]) -> dict[str, float]:
    return {name: float(seconds) for name, seconds in (pair.split("=", 1) for pair in pairs)}


def _policies(pairs: list[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for access_key_id, file in (pair.split("=", 1) for pair in pairs):
        found.setdefault(access_key_id, []).append(json.loads(Path(file).read_text()))
    return found


def announce(endpoint: str, with_environment: bool) -> None:
    print(f"READY {endpoint}", flush=True)
    if with_environment:
        print_exports(environment(endpoint))


def announce_playground(endpoint: str) -> None:
    """Create the playground by calls to this very server, which has to serve by then."""
    from . import playground  # boto3's import is slow: nothing else here needs it

    print_exports(playground.lay_out(endpoint))


def print_exports(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        print(f"export {name}={value}", flush=True)


def _end_with_parent(parent: int) -> None:
    is_own_parent = os.getppid() == parent  # then its end shows at once, even while nobody has waited for it
    while os.getppid() == parent if is_own_parent else _is_alive(parent):
        time.sleep(0.5)
    os._exit(0)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(main())
