# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The models of the services are read once, and nothing else is shared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import pytest
from ansible_collections.stateful_node.aws.plugins.plugin_utils.models import SERVICES, shared_models


def loader_of(session: Any) -> Any:
    return session.get_component("data_loader")


def make_client(service: str, **more: Any) -> Any:
    return boto3.session.Session().client(
        service, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing", **more
    )


def test_only_sessions_made_in_here_share_their_models() -> None:
    with shared_models():
        one, other = botocore.session.Session(), botocore.session.Session()
        assert loader_of(one) is loader_of(other)
    assert loader_of(botocore.session.Session()) is not loader_of(one)


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_reads_no_file_that_could_have_been_read_before(monkeypatch: Any, service: str) -> None:
    read: list[str] = []
    load_file = botocore.loaders.JSONFileLoader.load_file

    def note(self: Any, path: str) -> Any:
        content = load_file(self, path)
        read.extend([path] if content is not None else [])
        return content

    monkeypatch.setattr(botocore.loaders.JSONFileLoader, "load_file", note)
    with shared_models():
        client = make_client(service)
        for operation in ("describe_instances", "scan"):
            if hasattr(client, operation):
                client.get_paginator(operation)
    assert read == []
    make_client(service)
    assert read != []


def test_models_of_the_users_own_are_used(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    with shared_models():
        own = loader_of(botocore.session.Session())
    assert str(tmp_path) in own.search_paths
    monkeypatch.delenv("AWS_DATA_PATH")
    with shared_models():
        assert str(tmp_path) not in loader_of(botocore.session.Session()).search_paths


def test_models_that_the_profile_names_are_used(monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f"[profile own]\ndata_path = {tmp_path}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    with shared_models():
        own = boto3.session.Session(profile_name="own")._session
        assert str(tmp_path) in loader_of(own).search_paths


def test_two_sessions_have_their_own_credentials() -> None:
    with shared_models():
        one, other = (boto3.session.Session(key, "secret", region_name="us-east-1") for key in ("one", "other"))
    assert (one.get_credentials().access_key, other.get_credentials().access_key) == ("one", "other")
