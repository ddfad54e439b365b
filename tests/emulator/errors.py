# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as EC2 words them."""

from __future__ import annotations

from moto.ec2.exceptions import EC2ClientError

__all__ = ["ConnectionLost", "EC2ClientError", "ServerError", "invalid", "not_permitted_together"]


class ServerError(Exception):
    """An error whose HTTP status is not 400; moto's EC2 serializer knows only 400, so the gateway renders it."""

    def __init__(self, code: str, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class ConnectionLost(ConnectionError):
    """The reply is not sent and the connection is reset."""


def invalid(message: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameterValue", message)


def not_permitted_together(message: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameterCombination", message)
