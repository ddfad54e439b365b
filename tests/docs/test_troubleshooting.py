# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every message that the troubleshooting and IAM guides quote can be said by the code, and every code is one of its."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .blocks import CHECKOUT, list_blocks

GUIDE = CHECKOUT / "docs/guides/troubleshooting.md"
QUOTES = [
    " ".join(block.text.split())
    for page in (GUIDE, CHECKOUT / "docs/guides/iam.md")
    for block in list_blocks(page)
    if block.language == "text"
]
CODES = re.findall(r"^### (\S+)$", GUIDE.read_text(), re.MULTILINE)
AWS_GOES_ON = " …"
"""The end of a quote after which AWS's own words follow."""

STATE = "Now: "
"""What each message puts before what is true now."""

TELLING = 12
"""Letters of its own that a sentence of the code must have to be told from others."""


def texts_of(file: Path) -> Iterator[str]:
    """Give the texts in a file, with a null character for each value that is put into them."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.replace("{}", "\0")


def sentences_of(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.]) ", text) if sentence]


@functools.cache
def texts() -> tuple[str, ...]:
    files = (CHECKOUT / "plugins/module_utils").rglob("*.py")
    return tuple(text for file in files for text in texts_of(file))


@functools.cache
def patterns() -> tuple[re.Pattern[str], ...]:
    said = {part for text in texts() for part in (text, *sentences_of(text))}
    telling = (part for part in said if len(re.sub(r"[\0\W]", "", part)) >= TELLING)
    return tuple(re.compile(re.escape(part.rstrip(".")).replace("\0", ".*?") + r"\.?", re.DOTALL) for part in telling)


@pytest.mark.parametrize("quote", QUOTES)
def test_the_code_can_say_each_sentence_of_a_quoted_message(quote: str) -> None:
    for sentence in sentences_of(quote.removesuffix(AWS_GOES_ON)):
        said = sentence.removeprefix(STATE)
        assert any(pattern.fullmatch(said) for pattern in patterns()), sentence


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_one_of_the_codes(code: str) -> None:
    assert code in texts()
