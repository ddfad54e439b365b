# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RunInstances with DryRun, and the codes of what a launch names and EC2 does not have."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.process import Emulator
from tests.support.collection import new_client

from .account import Account, error_of

SOMEBODY = "AKIASOMEBODY"
DRY_RUN = "RunInstances (DryRun)"


def answer(client: Any, account: Account, **parameters: Any) -> tuple[str, int]:
    request = account.request(**parameters)
    with pytest.raises(ClientError) as caught:
        client.run_instances(DryRun=True, **request)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_dry_run_launches_nothing_and_looks_at_no_ids(account: Account, emulator: Emulator) -> None:
    """EC2 promises to check permissions; whether it looks at the ids, too, is not documented."""
    emulator.clear_calls()
    assert answer(account.ec2, account, ImageId="ami-00000000000000bad", KeyName="nokey") == ("DryRunOperation", 412)
    assert account.ec2.describe_instances()["Reservations"] == []
    (call,) = emulator.calls(action=DRY_RUN)
    assert not call["mutating"]
    assert emulator.calls(action="RunInstances") == []


def test_a_dry_run_does_not_use_its_token_up(account: Account) -> None:
    token = "a" * 64
    assert answer(account.ec2, account, ClientToken=token, InstanceType="t3.large")[0] == "DryRunOperation"
    request = account.request()
    assert account.ec2.run_instances(ClientToken=token, **request)["Instances"]


def test_a_dry_run_needs_the_permissions_of_a_launch(account: Account, emulator: Emulator) -> None:
    client = new_client(emulator.endpoint, "ec2", {"retries": {"total_max_attempts": 1}}, SOMEBODY)
    described = {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}
    emulator.configure(policies={SOMEBODY: [{"Statement": [described]}]})
    assert answer(client, account) == ("UnauthorizedOperation", 403)
    launching = {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}
    emulator.configure(policies={SOMEBODY: [{"Statement": [launching]}]})
    assert answer(client, account) == ("DryRunOperation", 412)
    # The launch itself would be refused for this.
    spot = {"MarketType": "spot"}
    assert answer(client, account, InstanceMarketOptions=spot) == ("DryRunOperation", 412)
    emulator.configure(policies={})


def test_a_fault_of_launches_does_not_hit_dry_runs(account: Account, emulator: Emulator) -> None:
    emulator.add_fault("RunInstances", "refuse", code="InsufficientInstanceCapacity")
    assert answer(account.ec2, account)[0] == "DryRunOperation"
    emulator.add_fault(DRY_RUN, "refuse", code="InvalidParameterValue")
    assert answer(account.ec2, account)[0] == "InvalidParameterValue"
    assert [fault["action"] for fault in pending(emulator)] == ["RunInstances"]


def pending(emulator: Emulator) -> Any:
    return emulator._control("GET", "faults")


def test_what_does_not_exist_has_ec2s_codes(account: Account, emulator: Emulator) -> None:
    ec2 = account.ec2
    unknown_image = "ami-00000000000000bad"
    assert error_of(ec2.describe_images, ImageIds=[unknown_image]) == "InvalidAMIID.NotFound"
    assert error_of(ec2.describe_key_pairs, KeyNames=["nokey"]) == "InvalidKeyPair.NotFound"
    by_id = [{"Name": "image-id", "Values": [unknown_image, account.network.image_id]}]
    found = ec2.describe_images(Filters=by_id, IncludeDeprecated=True, IncludeDisabled=True)["Images"]
    assert [(image["ImageId"], image["BootMode"]) for image in found] == [(account.network.image_id, "uefi-preferred")]
    assert ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": ["nokey"]}])["KeyPairs"] == []
    iam = emulator.client("iam")
    assert error_of(iam.get_instance_profile, InstanceProfileName="none") == "NoSuchEntity"
