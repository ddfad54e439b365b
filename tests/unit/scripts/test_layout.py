# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What import-linter does not check of the layout."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
PLUGINS = TESTS.parent / "plugins"


def test_each_class_of_the_tests_has_a_name_of_its_own() -> None:
    trees = [ast.parse(file.read_text()) for file in TESTS.rglob("*.py")]
    names = Counter(node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_file_of_the_layers_has_the_name_of_another() -> None:
    """Whoever searches for a file by its name finds one."""
    files = [file for room in ("module_utils", "plugin_utils") for file in (PLUGINS / room).rglob("*.py")]
    names = Counter(file.name for file in files)
    assert [name for name, count in names.items() if count > 1 and name != "__init__.py"] == []


def test_a_room_has_no_more_files_than_can_be_taken_in_at_once() -> None:
    rooms = [room for room in (PLUGINS / "module_utils").rglob("*") if room.is_dir()]
    sizes = {str(room): len([file for file in room.glob("*.py") if file.name != "__init__.py"]) for room in rooms}
    assert {name: size for name, size in sizes.items() if size > 14} == {}
