# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of `make docs`: guides in Markdown, the modules' and roles' pages as antsibull-docs writes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes

project = "stateful_node.aws"
author = "the stateful_node.aws contributors"
copyright = author  # noqa: A001 - Sphinx's name for it
html_title = "stateful_node.aws"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["docsite", "README.md"]  # index.md includes README
if not Path(__file__).with_name("bench").joinpath("results.json").exists():
    exclude_patterns.append("bench")  # what `make bench` has not measured yet cannot be shown
myst_heading_anchors = 3

# A page beside the guides, such as figures that were measured, is found by links and by search.
suppress_warnings = ["toc.not_included"]

html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
html_use_index = False
pygments_style = "ansible"
pygments_dark_style = "monokai"
highlight_language = "YAML+Jinja"

ANSIBLE = "https://docs.ansible.com/ansible/latest"
PAGES = {
    "action_plugins": f"{ANSIBLE}/plugins/action.html",
    "ansible_configuration_settings": f"{ANSIBLE}/reference_appendices/config.html",
    "common_return_values": f"{ANSIBLE}/reference_appendices/common_return_values.html",
    "inventory_plugins": f"{ANSIBLE}/plugins/inventory.html",
}
OTHER_COLLECTION = re.compile(r"ansible_collections\.(amazon|ansible|community)\.(\w+)\.(\w+)")


def find_page(target: str) -> str | None:
    """Say where Ansible's own documentation has what its labels name; inventories of labels would need a network."""
    if match := OTHER_COLLECTION.fullmatch(target):
        return f"{ANSIBLE}/collections/{match[1]}/{match[2]}/{match[3]}.html"
    if target.startswith("ANSIBLE_"):
        return f"{PAGES['ansible_configuration_settings']}#envvar-{target}"
    return PAGES.get(target)


def link_to_ansible(_app: Any, _env: Any, node: Any, content: Any) -> nodes.reference | None:
    """Resolve what these pages do not have; anything else stays a warning, and so an error."""
    page = find_page(node.get("reftarget", ""))
    return nodes.reference("", "", content, internal=False, refuri=page) if page else None


def setup(app: Any) -> None:
    """Sphinx calls this."""
    app.connect("missing-reference", link_to_ansible)
