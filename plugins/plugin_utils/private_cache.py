# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An inventory's cache that only its user can read: Ansible makes its files readable for all users of the machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

FILE_CACHES = ("jsonfile", "pickle", "yaml")
"""The cache plugins, by their short names, for which cache_connection is a directory."""

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600


class PrivateCache:
    """Goes before Ansible's classes in the bases of an inventory plugin."""

    _cache_key = ""
    """What the name of the file ends with; before it stands what the cache plugin and its version put there."""

    def set_options(self, *arguments: Any, **named: Any) -> None:
        """Set the options, and make the directory for the user alone: Ansible loads the cache right after this."""
        super().set_options(*arguments, **named)  # type: ignore[misc] # Ansible's class is the next one
        directory = self._cache_directory()
        if directory and not directory.exists():
            directory.mkdir(mode=DIRECTORY_MODE, parents=True)

    def update_cached_result(self, path: str, cache: bool, result: Any) -> None:  # noqa: FBT001
        """Remember the key: Ansible writes the result later."""
        self._cache_key = str(self.get_cache_key(path))  # type: ignore[attr-defined]
        super().update_cached_result(path, cache, result)  # type: ignore[misc]

    def update_cache_if_changed(self) -> None:
        """Write the cache, as Ansible asks for, and take the file from all other users."""
        super().update_cache_if_changed()  # type: ignore[misc]
        directory = self._cache_directory()
        if directory and self._cache_key:
            for file in directory.glob(f"*{self._cache_key}"):
                file.chmod(FILE_MODE)

    def _cache_directory(self) -> Path | None:
        plugin = str(self._option("cache_plugin") or "").rpartition(".")[2]
        given = self._option("cache_connection")
        is_used = self._option("cache") and given and plugin in FILE_CACHES
        return Path(os.path.expandvars(given)).expanduser() if is_used else None

    def _option(self, name: str) -> Any:
        return self.get_option(name)  # type: ignore[attr-defined]
