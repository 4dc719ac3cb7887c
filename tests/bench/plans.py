"""A plan of any size, shaped as Terraform writes it: for the benchmark of `lifeboat plan`.

python -m tests.bench.plans FILE [RESOURCES]
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

RESOURCES = 10_000
ACTIONS = (["update"], ["create"], ["update"], ["delete"], ["update"], ["delete", "create"], ["create"], ["update"])
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "*"},
        {"Sid": "Write", "Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": "*"},
    ],
}


def values(number: int, *, changed: bool) -> dict[str, Any]:
    """Return the attributes of a resource, with about as many as AWS's have. Every one has a secret of its own."""
    secret = hashlib.sha256(str(number).encode()).hexdigest()[:20]
    found: dict[str, Any] = {f"attribute_{each}": f"value {each} of {number}" for each in range(24)}
    found |= {"arn": f"arn:aws:lambda:us-east-1:123456789012:function:{number}", "memory_size": 128 + changed}
    found |= {"environment": [{"variables": {"TABLE": f"orders-{number}", "DB_PASSWORD": secret}}]}
    found |= {
        "policy": json.dumps(POLICY | {"Id": str(changed)}),
        "tags": {"Name": f"function-{number}"},
        "nothing": None,
    }
    return found | {"ingress": [{"from_port": port, "cidr_blocks": ["10.0.0.0/8"]} for port in range(3)]}


def change(number: int) -> dict[str, Any]:
    """Return one entry of `resource_changes`."""
    actions = ACTIONS[number % len(ACTIONS)]
    before = None if actions == ["create"] else values(number, changed=False)
    after = None if actions == ["delete"] else values(number, changed=True)
    sensitive = {"environment": [{"variables": {"DB_PASSWORD": True}}], "tags": {}}
    address = f"module.part[{number % 7}].aws_lambda_function.f[{number}]"
    return {
        "address": address,
        "module_address": f"module.part[{number % 7}]",
        "mode": "managed",
        "type": "aws_lambda_function",
        "name": "f",
        "index": number,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            "after_unknown": {"qualified_arn": True} if after else False,
            "before_sensitive": sensitive if before else False,
            "after_sensitive": sensitive if after else False,
            **({"replace_paths": [["memory_size"]]} if len(actions) > 1 else {}),
        },
        **({"action_reason": "replace_because_cannot_update"} if len(actions) > 1 else {}),
    }


def plan(resources: int) -> dict[str, Any]:
    """Return a whole plan: Terraform repeats the values of every resource twice more."""
    changes = [change(number) for number in range(resources)]

    def state(side: str) -> dict[str, Any]:
        return {
            "root_module": {
                "resources": [
                    {"address": each["address"], "type": each["type"], "values": each["change"][side]}
                    for each in changes
                    if each["change"][side]
                ]
            }
        }

    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": state("after"),
        "resource_changes": changes,
        "prior_state": {"format_version": "1.0", "values": state("before")},
        "configuration": {"root_module": {}},
    }


if __name__ == "__main__":
    amount = int(sys.argv[2]) if len(sys.argv) > 2 else RESOURCES
    Path(sys.argv[1]).write_text(json.dumps(plan(amount), separators=(",", ":")), encoding="utf-8")
