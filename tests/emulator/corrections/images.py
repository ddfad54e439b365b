# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A handful of images instead of moto's 700.

ec2/models/amis.py AmiBackend._load_amis: DescribeImages takes 1.1 s and each new backend 0.1 s with moto's own list.
ec2/responses/amis.py AmisResponse.describe_images shows deprecated images that EC2 leaves out unless they are asked for
by id, or with IncludeDeprecated (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html).
"""

from __future__ import annotations

from typing import Any

from moto.core.parse import default_timestamp_parser
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.responses import EC2Response

from .patching import corrects

AMAZON, CANONICAL, DEBIAN = "137112412989", "099720109477", "136693071363"


def _image(
    number: int, name: str, owner_id: str, architecture: str, root_device_name: str, created: str
) -> dict[str, Any]:
    return {
        "ami_id": f"ami-0a1b2c3d4e5f6{number:04}",
        "name": name,
        "description": name.replace("-", " "),
        "owner_id": owner_id,
        "owner_alias": "amazon",
        "public": True,
        "virtualization_type": "hvm",
        "architecture": architecture,
        "boot_mode": "uefi" if architecture == "arm64" else "uefi-preferred",
        "image_location": f"amazon/{name}",
        "root_device_type": "ebs",
        "root_device_name": root_device_name,
        "creation_date": default_timestamp_parser(f"{created}T00:00:00.000Z"),
    }


IMAGES = (
    _image(1, "al2023-ami-2023.11.20260504.0-kernel-6.1-x86_64", AMAZON, "x86_64", "/dev/xvda", "2026-05-04"),
    _image(2, "al2023-ami-2023.11.20260504.0-kernel-6.1-arm64", AMAZON, "arm64", "/dev/xvda", "2026-05-04"),
    _image(
        3,
        "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260430",
        CANONICAL,
        "x86_64",
        "/dev/sda1",
        "2026-04-30",
    ),
    _image(4, "debian-13-amd64-20260420-2088", DEBIAN, "x86_64", "/dev/xvda", "2026-04-20"),
    _image(5, "debian-12-amd64-20240101-1610", DEBIAN, "x86_64", "/dev/xvda", "2024-01-01"),
)
DEPRECATED = ("ami-0a1b2c3d4e5f60005",)
"""Two years after its creation at the latest a public image is deprecated."""


@corrects(EC2Response, "describe_images")
def _describe_images(original: Any, self: Any) -> Any:
    answer = original(self)
    is_asked = self._get_param("ImageIds") or self._get_param("IncludeDeprecated") in (True, "true")
    if not is_asked:
        answer.result["Images"] = [image for image in answer.result["Images"] if image.id not in DEPRECATED]
    return answer


@corrects(AmiBackend, "_load_amis")
def _load_amis(_original: Any, self: Any) -> None:
    for image in IMAGES:
        self.amis[image["ami_id"]] = Ami(self, **image)
