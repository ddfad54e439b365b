# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server: loopback only, threaded, connections kept alive."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from . import corrections  # noqa: F401 - importing it corrects moto
from .gateway import Gateway
from .loopback import check_loopback
from .world import World

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class KeepAliveHandler(MotoRequestHandler):
    """HTTP/1.1, so that boto3 uses its connections again; a lost reply resets the connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for the head and the body of an answer

    def run_wsgi(self) -> None:
        """werkzeug's own closes every connection, as an application may leave a body unread; the gateway reads all."""
        environ = self.make_environ()
        try:
            body = b"".join(self.server.app(environ, self._start_response))
            self.wfile.write(body)
            self.wfile.flush()
        except ConnectionError:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], _error: Any = None
    ) -> Callable[[bytes], Any]:
        code, phrase = status.split(maxsplit=1)
        self.send_response_only(int(code), phrase)  # no Server and no Date: nobody reads them, everybody parses them
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        return self.wfile.write

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """The call log is the log."""


def start(world: World, host: str, port: int) -> BaseWSGIServer:
    check_loopback(host)
    application = Gateway(world, DomainDispatcherApplication(create_backend_app))
    server = make_server(host, port, application, threaded=True, request_handler=KeepAliveHandler)
    world.clock.start()
    return server
