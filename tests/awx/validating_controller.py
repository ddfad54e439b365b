# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's API as far as its configuration is loaded: what is created refers to what there is, and is valid.

What it refuses, AWX 24.6.1 refuses: surveys as `JobTemplateSurveySpec._validate_spec_data` (awx/api/views/__init__.py),
rrules as `SchedulePreviewSerializer.validate_rrule` (awx/api/serializers.py), names that are taken.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dateutil.rrule import rrulestr

TOKEN = "a-token-that-must-not-be-shown"
BUILT_IN = {
    "organizations": ["Default"],
    "credential_types": ["Amazon Web Services", "Red Hat Ansible Automation Platform"],
}
UNIFIED = {
    "job_templates": "job_template",
    "projects": "project",
    "inventory_sources": "inventory_source",
    "workflow_job_templates": "workflow_job_template",
}
REFERENCES = {
    "organization": "organizations",
    "credential_type": "credential_types",
    "project": "projects",
    "source_project": "projects",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
    "default_environment": "execution_environments",
    "workflow_job_template": "workflow_job_templates",
}
RELATED = (
    *("credentials", "survey_spec", "success_nodes", "failure_nodes", "always_nodes", "labels", "instance_groups"),
    *("notification_templates_error", "notification_templates_success", "notification_templates_started"),
)
ASSOCIATIONS = set(RELATED) - {"survey_spec"}
TYPES = {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}
RULES = (
    (re.compile(r"^.*?(DTSTART[^ ]*) ?(RRULE:[^ ]+)( RRULE:[^ ]+)*$"), "a DTSTART and then a RRULE"),
    (re.compile(r"^(?!.*FREQ=SECONDLY)"), "no SECONDLY"),
    (re.compile(r"INTERVAL="), "an INTERVAL"),
    (re.compile(r"DTSTART(:\d+T\d+Z|;TZID=\S+:\d+T\d+)"), "a DTSTART that has a time zone"),
)


class Refused(Exception):
    """What AWX answers with status 400."""


class ValidatingController:
    """`with ValidatingController() as controller: controller.url`; `objects` are by kind and then by id."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.objects: dict[str, dict[int, dict[str, Any]]] = {}
        self.associated: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], dict[str, Any]] = {}
        self.writes = 0
        for kind, names in BUILT_IN.items():
            for name in names:
                self._add(kind, {"name": name})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> ValidatingController:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def names(self, kind: str) -> set[str]:
        """Give the names of the objects of a kind."""
        return {item["name"] for item in self.objects.get(kind, {}).values()}

    def get(self, path: str, query: dict[str, list[str]]) -> Any:
        """Answer a GET."""
        kind, number, part = _split(path)
        if not number:
            return _page(self._find(kind, {name: values[0] for name, values in query.items()}))
        if part == "survey_spec":
            return self.surveys.get((kind, number), {})
        if part:
            other = "workflow_job_template_nodes" if part.endswith("_nodes") else part
            ids = self.associated.get((kind, number, part), [])
            return _page([self._shown(other, one) for one in ids])
        return self._shown(kind, number)

    def post(self, path: str, given: dict[str, Any]) -> Any:
        """Answer a POST: create, associate, or write a survey."""
        self.writes += 1
        kind, number, part = _split(path)
        if not number:
            return self._shown(kind, self._create(kind, given))
        if part == "survey_spec":
            _check_survey(given)
            self.surveys[kind, number] = given
            return {}
        if part == "create_approval_template":
            made = self._create("workflow_approval_templates", given)
            self.objects[kind][number]["unified_job_template"] = made
            return self._shown("workflow_approval_templates", made)
        self.associated.setdefault((kind, number, part), []).append(given["id"])
        return {}

    def patch(self, path: str, given: dict[str, Any]) -> Any:
        """Answer a PATCH."""
        self.writes += 1
        kind, number, _part = _split(path)
        self._check(kind, {**self.objects[kind][number], **given})
        self.objects[kind][number].update(given)
        return self._shown(kind, number)

    def _create(self, kind: str, given: dict[str, Any]) -> int:
        self._check(kind, given)
        same = [item for item in self.objects.get(kind, {}).values() if "name" in given and _key(item) == _key(given)]
        if same and not kind.startswith("workflow_"):
            raise Refused(f"{kind} with this name already exists: {given['name']}")
        return self._add(kind, given)

    def _add(self, kind: str, given: dict[str, Any]) -> int:
        number = next(self._ids)
        self.objects.setdefault(kind, {})[number] = dict(given)
        return number

    def _check(self, kind: str, given: dict[str, Any]) -> None:
        for field, other in REFERENCES.items():
            if given.get(field) and int(given[field]) not in self.objects.get(other, {}):
                raise Refused(f"{kind}: {field}: Invalid pk {given[field]}")
        for field in ("injectors", "inputs"):
            if "{  {" in json.dumps(given.get(field, "")):
                raise Refused(f"{kind}: {field}: braces that are no template")
        if kind == "schedules":
            _check_rrule(given["rrule"])
            asked = {question["variable"] for question in self._survey_of(int(given["unified_job_template"]))}
            extra = given.get("extra_data") or {}
            unknown = (json.loads(extra) if isinstance(extra, str) else extra).keys() - asked
            if unknown:
                raise Refused(f"Variables {sorted(unknown)} are not allowed on launch.")

    def _survey_of(self, number: int) -> list[dict[str, Any]]:
        kind = next(kind for kind in UNIFIED if number in self.objects.get(kind, {}))
        spec: list[dict[str, Any]] = self.surveys.get((kind, number), {}).get("spec", [])
        return spec

    def _find(self, kind: str, query: dict[str, str]) -> list[dict[str, Any]]:
        kinds = UNIFIED if kind == "unified_job_templates" else {kind: kind}
        found = [self._shown(one, number) for one in kinds for number in self.objects.get(one, {})]
        known = {field: value for field, value in query.items() if field not in ("page_size", "page", "order_by")}
        return [item for item in found if all(str(item.get(field)) == value for field, value in known.items())]

    def _shown(self, kind: str, number: int) -> dict[str, Any]:
        url = f"/api/v2/{kind}/{number}/"
        related = {part: f"{url}{part}/" for part in RELATED}
        item = self.objects[kind][number]
        if kind == "workflow_job_template_nodes" and "unified_job_template" in item:
            related["unified_job_template"] = f"/api/v2/workflow_approval_templates/{item['unified_job_template']}/"
        shown = {"type": UNIFIED.get(kind, kind.removesuffix("s")), "related": related, "summary_fields": {}}
        if kind == "projects":
            shown["scm_revision"] = "a-commit"
        return {**shown, **item, "id": number, "url": url}


def _split(path: str) -> tuple[str, int, str]:
    parts = path.removeprefix("/api/v2/").strip("/").split("/")
    return parts[0], int(parts[1]) if len(parts) > 1 else 0, parts[2] if len(parts) > 2 else ""


def _page(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(results), "next": None, "previous": None, "results": results}


def _key(item: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(str(item.get(field)) for field in ("name", "organization", "inventory", "unified_job_template"))


def _check_rrule(rrule: str) -> None:
    for pattern, rule in RULES:
        if not pattern.search(rrule):
            raise Refused(f"rrule '{rrule}' needs {rule}")
    rrulestr(rrule.replace(" RRULE", "\nRRULE"))


def _check_survey(given: dict[str, Any]) -> None:
    if not {"name", "description", "spec"} <= given.keys():
        raise Refused("Field is missing from survey spec.")
    if not isinstance(given["spec"], list) or not given["spec"]:
        raise Refused("'spec' doesn't contain any items.")
    variables: set[str] = set()
    for question in given["spec"]:
        _check_question(question)
        if question["variable"] in variables:
            raise Refused(f"'variable' '{question['variable']}' duplicated in survey question.")
        variables.add(question["variable"])


def _check_question(question: dict[str, Any]) -> None:
    kind, default = question["type"], question.get("default")
    if kind not in TYPES or not isinstance(question["required"], bool):
        raise Refused(f"'{kind}' in survey question is not one of {sorted(TYPES)}, or required is no boolean.")
    if any(not isinstance(question[field], str) for field in ("question_name", "variable")):
        raise Refused("a name that is not a text")
    choices = question.get("choices", [])
    if (kind in ("multiplechoice", "multiselect")) is not bool(choices):
        raise Refused(f"choices of a {kind}")
    if default in (None, ""):
        return
    if kind == "integer" and not isinstance(default, int):
        raise Refused(f"Default value {default} for '{question['variable']}' expected to be an integer.")
    if choices and default not in choices:
        raise Refused(f"Default choice must be answered from the choices listed: {default}")
    if kind in ("text", "textarea") and not question["min"] <= len(default) <= question["max"]:
        raise Refused(f"the length of the default of {question['variable']}")


def _handler(controller: ValidatingController) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self._answer(200, controller.get(url.path, parse_qs(url.query)))

        def do_POST(self) -> None:
            self._write(controller.post, 201)

        def do_PATCH(self) -> None:
            self._write(controller.patch, 200)

        def _write(self, write: Any, status: int) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
            path = urlsplit(self.path).path
            try:
                answer = write(path, given)
            except Refused as error:
                self._answer(400, {"detail": str(error), "error": str(error)})
                return
            without_content = _split(path)[2] in ASSOCIATIONS
            done = 200 if _split(path)[2] == "survey_spec" else status
            self._answer(204 if without_content else done, None if without_content else answer)

        def do_DELETE(self) -> None:
            kind, number, part = _split(urlsplit(self.path).path)
            assert part == "survey_spec", "nothing else is deleted by a load"
            controller.surveys.pop((kind, number), None)
            self._answer(200, {})

        def _answer(self, status: int, content: Any) -> None:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, content = 401, {"detail": "Authentication credentials were not provided."}
            body = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
