# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CloudFormation as amazon.aws.cloudformation needs it.

cloudformation/models.py update_stack updates an unchanged stack, delete_stack ignores termination protection;
cloudformation/responses.py create_change_set takes CREATE for the default type and refuses, when parameters are given,
what would change nothing, and UpdateTerminationProtection is missing; cloudformation/parsing.py knows no
AWS::SQS::QueuePolicy, and its update takes a resource whose condition is false for one that is there;
dynamodb/models/table.py create_from_cloudformation_json leaves time to live and point-in-time recovery out and has no
update.
"""

from __future__ import annotations

import json
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.sqs.models import sqs_backends

from .patching import corrects


@corrects(CloudFormationBackend, "update_stack")
def _update_stack(
    original: Any, self: Any, name: str, template: str, role_arn: Any, parameters: Any, tags: dict[str, str] | None
) -> Any:
    stack = self.get_stack(name)
    resolved = self._resolve_update_parameters(instance=stack, incoming_params=parameters)
    same_tags = tags is None or tags == (stack.tags or {})
    if same_tags and stack.has_template(template) and dict(resolved) == dict(stack.parameters or {}):
        raise ValidationError(message="No updates are to be performed.")
    return original(self, name, template, role_arn, parameters, tags)


@corrects(CloudFormationResponse, "create_change_set")
def _create_change_set(original: Any, self: Any) -> ActionResult:
    self.params.setdefault("ChangeSetType", "UPDATE")  # CloudFormation's default; moto's would make a second stack
    return original(self)


@corrects(CloudFormationResponse, "_validate_different_update")
def _validate_different_update(_original: Any, _self: Any, *_update: Any) -> None:
    """A change set without changes is made, and FAILED with its reason; an update without any is refused above."""


@corrects(CloudFormationResponse, "update_termination_protection")
def _update_termination_protection(_original: Any, self: Any) -> ActionResult:
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = bool(self._get_param("EnableTerminationProtection"))
    return ActionResult({"StackId": stack.stack_id})


@corrects(CloudFormationBackend, "delete_stack")
def _delete_stack(original: Any, self: Any, name_or_stack_id: str) -> None:
    for stack in self.stacks.values():
        if name_or_stack_id in (stack.name, stack.stack_id) and stack.enable_termination_protection:
            raise ValidationError(
                message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
    original(self, name_or_stack_id)


@corrects(ResourceMap, "update")
def _update_resources(original: Any, self: Any, template: dict[str, Any], parameters: Any = None) -> None:
    before = {name: item for name, item in self._resource_json_map.items() if self._parsed_resources.get(name)}
    wanted = _without_false_conditions(self, template, parameters)
    self._resource_json_map = before
    original(self, wanted, parameters)
    for name in before.keys() - wanted["Resources"].keys():
        self._parsed_resources.pop(name)  # else it would be taken for one that is there when it is wanted again


def _without_false_conditions(resources: Any, template: dict[str, Any], parameters: Any) -> dict[str, Any]:
    given = parameters or resources.input_parameters
    name, account, region = (resources[f"AWS::{key}"] for key in ("StackName", "AccountId", "Region"))
    new = ResourceMap(resources.stack_id, name, given, {}, region, account, template, resources.cross_stack_resources)
    new.load_mapping()
    new.load_parameters()
    new.load_conditions()
    kept = {
        key: item
        for key, item in template["Resources"].items()
        if "Condition" not in item or new.lazy_condition_map[item["Condition"]]
    }
    return {**template, "Resources": kept}


class QueuePolicy(CloudFormationModel):
    """AWS::SQS::QueuePolicy."""

    def __init__(self, name: str, queues: list[Any]) -> None:
        self.physical_resource_id, self._queues = name, queues

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SQS::QueuePolicy"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Id"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> QueuePolicy:
        properties = cloudformation_json["Properties"]
        backend = sqs_backends[account_id][region_name]
        queues = [backend.get_queue(url.rsplit("/", 1)[-1]) for url in properties["Queues"]]
        for queue in queues:
            queue.policy = json.dumps(properties["PolicyDocument"])
        return cls(resource_name, queues)

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> QueuePolicy:
        original_resource.delete(account_id, region_name)
        return cls.create_from_cloudformation_json(
            original_resource.physical_resource_id, cloudformation_json, account_id, region_name
        )

    def delete(self, account_id: str, region_name: str) -> None:
        for queue in self._queues:
            queue.policy = None


def _set_table_options(name: str, properties: dict[str, Any], account_id: str, region_name: str) -> None:
    backend = dynamodb_backends[account_id][region_name]
    recovery = properties.get("PointInTimeRecoverySpecification")
    if recovery:
        enabled = recovery.get("PointInTimeRecoveryEnabled") in (True, "true")
        backend.update_continuous_backups(name, {"PointInTimeRecoveryEnabled": enabled})
    time_to_live = properties.get("TimeToLiveSpecification")
    if time_to_live:
        enabled = time_to_live.get("Enabled") in (True, "true")
        backend.update_time_to_live(name, {**time_to_live, "Enabled": enabled})


_create_table = Table.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]


def _table_created(
    cls: Any, /, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
) -> Any:
    properties = dict(cloudformation_json["Properties"])
    encryption = properties.get("SSESpecification")
    if encryption:  # spelled SSEEnabled in a template, Enabled in the API
        properties["SSESpecification"] = {**encryption, "Enabled": encryption.get("SSEEnabled") in (True, "true")}
    table = _create_table(cls, resource_name, {"Properties": properties}, account_id, region_name, **kwargs)
    _set_table_options(table.name, cloudformation_json["Properties"], account_id, region_name)
    return table


def _table_updated(
    cls: Any,
    original_resource: Any,
    new_resource_name: str,
    cloudformation_json: Any,
    account_id: str,
    region_name: str,
) -> Any:
    properties, table = cloudformation_json["Properties"], original_resource
    if properties.get("TableName", table.name) != table.name or properties["KeySchema"] != table.schema:
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
    table.deletion_protection_enabled = properties.get("DeletionProtectionEnabled", False) in (True, "true")
    table.billing_mode = properties.get("BillingMode", "PROVISIONED")
    _set_table_options(table.name, properties, account_id, region_name)
    return table


Table.create_from_cloudformation_json = classmethod(_table_created)  # type: ignore[assignment,method-assign]
Table.update_from_cloudformation_json = classmethod(_table_updated)  # type: ignore[assignment,method-assign]
