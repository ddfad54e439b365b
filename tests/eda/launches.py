# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's API as far as ansible-rulebook launches a job template by it: the launch is noted, the job has succeeded."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

TOKEN = "a-token-that-must-not-be-shown"
TEMPLATE = "Stateful nodes: bring back interrupted nodes"


class Launches:
    """`with Launches() as launches: launches.options` are those of ansible-rulebook."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        url = f"http://127.0.0.1:{self._server.server_port}"
        self.options = ("--controller-url", url, "--controller-token", TOKEN)

    def __enter__(self) -> Launches:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def events(self) -> list[dict[str, Any]]:
        """Give the events that were handed over, in the variable that the playbook reads."""
        handed_over = [body["extra_vars"]["ansible_eda"] for body in self.bodies]
        groups = [item["events"].values() if "events" in item else [item["event"]] for item in handed_over]
        return [event for group in groups for event in group]

    def instance_ids(self) -> set[str]:
        """Give the instances that the events are about."""
        return {event["body"]["detail"]["instance-id"] for event in self.events()}


def _handler(launches: Launches) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            self._answer(
                {
                    "/api/v2/config/": {"version": "24.6.1"},
                    "/api/v2/unified_job_templates/": {"count": 1, "next": None, "results": [_TEMPLATE]},
                    "/api/v2/jobs/481/": {"id": 481, "status": "successful", "artifacts": {}},
                }[path]
            )

        def do_POST(self) -> None:
            assert self.path == "/api/v2/job_templates/7/launch/"
            launches.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer({"id": 481, "url": "/api/v2/jobs/481/"})

        def _answer(self, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


_TEMPLATE = {
    "id": 7,
    "type": "job_template",
    "name": TEMPLATE,
    "summary_fields": {"organization": {"name": "Default"}},
    "related": {"launch": "/api/v2/job_templates/7/launch/"},
    "ask_limit_on_launch": False,
    "ask_labels_on_launch": False,
    "ask_inventory_on_launch": False,
    "ask_variables_on_launch": True,
}
