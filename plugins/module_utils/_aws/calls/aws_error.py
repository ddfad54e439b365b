# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A call to AWS that did not succeed: one exception for everything that botocore raises."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager

try:
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        CredentialRetrievalError,
        HTTPClientError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
        TokenRetrievalError,
    )
    from botocore.exceptions import (
        ConnectionError as BotocoreConnectionError,
    )
    from botocore.parsers import ResponseParserError
except ImportError:
    pass  # AnsibleAWSModule tells the user so

PREFIXES = ("Client.", "Server.")
"""What some of AWS's interfaces put before the codes, to say whose the fault is."""

LOST_REPLY = "ReplyLost"
TELLING = 8
"""Characters from which on a line of a secret tells something."""

HIDDEN = "(not shown)"
"""Stands in a message for what is secret."""

ENCODED = "Encoded authorization failure message:"
"""What EC2 puts before the encoded part of a refusal."""

NO_CREDENTIALS = "NoCredentials"


class AwsError(Exception):
    """A call to AWS that did not succeed: the action, AWS's code and message, and the HTTP status.

    The status is 0 where there was no reply: lost (`LOST_REPLY`), or, by botocore's own words, never asked for.
    `encoded` is what EC2 attaches to a refusal for sts:DecodeAuthorizationMessage; the message is without it.
    """

    def __init__(self, action: str, code: str, message: str, status: int = 0) -> None:
        told, _words, encoded = message.partition(ENCODED)
        self.encoded: str | None = encoded.split()[0] if encoded.split() else None
        self.action, self.code, self.message, self.status = action, code, told.strip(), status
        super().__init__(f"{action}: {code}: {self.message}")
        self.place = ""
        """Which table it was about and where, when AWS says only that there is none, or none with such keys."""
        self.repeated = False
        """Whether an earlier attempt at the same call had ended without a reply."""


@contextmanager
def translated(action: str, *, secret: str | None = None) -> Iterator[None]:
    """Turn what botocore raises into AwsError, whose message has nothing of the secret that the call was given."""
    try:
        yield
    except ClientError as error:
        details, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
        status = int(metadata.get("HTTPStatusCode", 0))
        message = _without(details.get("Message", ""), secret)
        raise AwsError(action, _plain(details.get("Code", "Unknown")), message, status) from (None if secret else error)
    except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, TokenRetrievalError) as error:
        raise AwsError(action, NO_CREDENTIALS, str(error)) from error
    except NoRegionError as error:
        raise AwsError(action, "NoRegion", str(error)) from error
    except (BotocoreConnectionError, HTTPClientError, ResponseParserError) as error:
        raise AwsError(action, LOST_REPLY, str(error)) from error
    except BotoCoreError as error:
        raise AwsError(action, type(error).__name__, str(error)) from error


def _plain(code: str) -> str:
    prefix = next((prefix for prefix in PREFIXES if code.startswith(prefix)), "")
    return code.removeprefix(prefix)


def _without(message: str, secret: str | None) -> str:
    """Take out a parameter that AWS may quote, as it was given, as it was sent, and line by line."""
    if not secret:
        return message
    lines = [line for line in map(str.strip, secret.splitlines()) if len(line) >= TELLING]
    for spelling in sorted((secret, base64.b64encode(secret.encode()).decode(), *lines), key=len, reverse=True):
        message = message.replace(spelling, HIDDEN)
    return message
