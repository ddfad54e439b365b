# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's API, as far as refresh_surveys needs it: templates are found by name, their surveys read and written."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token-that-must-not-be-shown"
KINDS = ("job_templates", "workflow_job_templates")
SURVEY = re.compile(rf"/api/v2/({'|'.join(KINDS)})/(\d+)/survey_spec/")
LIST = re.compile(rf"/api/v2/({'|'.join(KINDS)})/")


class Controller:
    """`with Controller({"job_templates": [{"name": ..., "survey_spec": ...}]}) as controller: controller.url`"""

    def __init__(self, templates: Mapping[str, list[dict[str, Any]]]) -> None:
        self.surveys = {
            (kind, number): (item["name"], item.get("survey_spec", {}))
            for kind in KINDS
            for number, item in enumerate(templates[kind], start=1)
        }
        self.written: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Controller:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def survey(self, name: str) -> dict[str, Any]:
        """Give the survey of the template of that name."""
        (survey,) = (survey for found, survey in self.surveys.values() if found == name)
        return survey

    def find(self, kind: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
        """List the templates that a query is for, as AWX does."""
        given = {name: values[0] for name, values in query.items()}
        found = [self._shown(*key) for key in self.surveys if key[0] == kind]
        if prefix := given.pop("name__startswith", ""):
            found = [item for item in found if item["name"].startswith(prefix)]
        if "or__id" in given:
            number, name = given.pop("or__id"), given.pop("or__name")
            found = [item for item in found if str(item["id"]) == number or item["name"] == name]
        assert not given, given
        return {"count": len(found), "next": None, "previous": None, "results": found}

    def _shown(self, kind: str, number: int) -> dict[str, Any]:
        url = f"/api/v2/{kind}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"}
        name = self.surveys[kind, number][0]
        return {"id": number, "type": kind.removesuffix("s"), "url": url, "name": name, "related": related}

    def write(self, kind: str, number: int, survey: dict[str, Any]) -> None:
        """Replace a survey."""
        name, _before = self.surveys[kind, number]
        self.surveys[kind, number] = (name, survey)
        self.written.append(name)


def _handler(controller: Controller) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if survey := SURVEY.fullmatch(url.path):
                self._answer(200, controller.surveys[survey[1], int(survey[2])][1])
            elif listed := LIST.fullmatch(url.path):
                self._answer(200, controller.find(listed[1], parse_qs(url.query)))
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            survey = SURVEY.fullmatch(self.path)
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if survey is None or not {"name", "description", "spec"} <= given.keys():
                self._answer(400, {"error": "Field is missing from survey spec."})
                return
            controller.write(survey[1], int(survey[2]), given)
            self._answer(200, {})

        def _answer(self, status: int, content: Any) -> None:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, content = 401, {"detail": "Authentication credentials were not provided."}
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
