"""A repository as small as one can be that has everything: two stacks, their snapshots, an entry point, two commits."""

from __future__ import annotations

import copy
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = Any

REGION = "shop-dev-us-east-1"
EDGE = "shop-dev-global"
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
DATE = "2026-01-01T00:00:00Z"
BUCKET = "arn:aws:s3:::shop-dev-media"

MAIN = """
import os, shutil
shutil.copytree("synthesized", os.environ["CDKTF_OUTDIR"])
"""
TLS_ONLY = {
    "Sid": "TlsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [BUCKET, f"{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
READ = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "s3:GetObject",
    "Resource": f"{BUCKET}/*",
}


def made_by(path: str) -> Json:
    """Return what cdktf notes beside a block."""
    return {"metadata": {"path": f"{REGION}/{path}", "uniqueId": path.replace("/", "_")}}


def terraform(stack: str) -> Json:
    """Return provider and backend of a stack."""
    backend = {"bucket": "shop-state", "key": f"{stack}.tfstate", "region": "us-east-1"}
    return {
        "terraform": {
            "backend": {"s3": backend},
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
        "provider": {"aws": [{"region": "us-east-1"}]},
    }


def regional() -> Json:
    """Return the region's stack: a network, a bucket with its policy, a table."""
    return {
        "//": {"metadata": {"stackName": REGION}},
        **terraform(REGION),
        "resource": {
            "aws_vpc": {"network_vpc": {"//": made_by("network/vpc"), "cidr_block": "10.0.0.0/16"}},
            "aws_subnet": {
                "network_data": {
                    "//": made_by("network/data"),
                    "cidr_block": "10.0.16.0/20",
                    "vpc_id": "${aws_vpc.network_vpc.id}",
                }
            },
            "aws_network_interface": {
                "network_port": {"//": made_by("network/port"), "subnet_id": "${aws_subnet.network_data.id}"}
            },
            "aws_s3_bucket": {"media_bucket": {"//": made_by("media/bucket"), "bucket": "shop-dev-media"}},
            "aws_s3_bucket_policy": {
                "media_policy": {
                    "//": made_by("media/policy"),
                    "bucket": "${aws_s3_bucket.media_bucket.bucket}",
                    "policy": json.dumps({"Version": "2012-10-17", "Statement": [TLS_ONLY, READ]}),
                }
            },
            "aws_dynamodb_table": {
                "orders_table": {
                    "//": made_by("orders/table"),
                    "name": "shop-dev-orders",
                    "billing_mode": "PAY_PER_REQUEST",
                    "hash_key": "pk",
                    "attribute": [{"name": "pk", "type": "S"}],
                }
            },
        },
        "output": {"table": {"value": "${aws_dynamodb_table.orders_table.name}"}},
    }


def edge() -> Json:
    """Return a stack that reads the region's state."""
    config = {"bucket": "shop-state", "key": f"{REGION}.tfstate", "region": "us-east-1"}
    reference = "${data.terraform_remote_state.region.outputs.table}"
    return {
        "//": {"metadata": {"stackName": EDGE}},
        **terraform(EDGE),
        "data": {"terraform_remote_state": {"region": {"backend": "s3", "config": config}}},
        "resource": {
            "aws_ssm_parameter": {"table": {"name": "/shop/dev/table", "type": "String", "insecure_value": reference}}
        },
    }


def stacks() -> dict[str, Json]:
    """Return the base."""
    return {REGION: regional(), EDGE: edge()}


def changed() -> dict[str, Json]:
    """Return the head: a weaker bucket policy, a smaller subnet, another name for the table."""
    found = copy.deepcopy(stacks())
    resources = found[REGION]["resource"]
    statements = [{**READ, "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"]}]
    resources["aws_s3_bucket_policy"]["media_policy"]["policy"] = json.dumps(
        {"Version": "2012-10-17", "Statement": statements}
    )
    resources["aws_subnet"]["network_data"]["cidr_block"] = "10.0.16.0/24"
    resources["aws_dynamodb_table"]["orders_table"]["name"] = "shop-dev-purchases"
    return found


def write(top: Path, found: Mapping[str, Json]) -> None:
    """Write stacks as a `cdktf.out`, and as snapshots."""
    manifest = {}
    for name, content in found.items():
        folder = top / "synthesized" / "stacks" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cdk.tf.json").write_text(json.dumps(content), encoding="utf-8")
        (top / "snapshots").mkdir(exist_ok=True)
        (top / "snapshots" / f"{name}.json").write_text(json.dumps(content, indent=2), encoding="utf-8")
        manifest[name] = {
            "name": name,
            "dependencies": [REGION] if name == EDGE else [],
            "synthesizedStackPath": f"stacks/{name}/cdk.tf.json",
            "workingDirectory": f"stacks/{name}",
        }
    (top / "synthesized" / "manifest.json").write_text(json.dumps({"stacks": manifest}), encoding="utf-8")
    (top / "main.py").write_text(MAIN, encoding="utf-8")


def out(folder: Path, found: Mapping[str, Json]) -> Path:
    """Write stacks into a new folder; return the `cdktf.out` in it."""
    folder.mkdir(parents=True)
    write(folder, found)
    return folder / "synthesized"


def git(top: Path, *arguments: str) -> str:
    """Run git in a repository, as nobody in particular."""
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(top), *who, *arguments]
    when = {"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE}  # so that commits are called the same everywhere
    done = subprocess.run(command, env=CLEAN | when, check=True, capture_output=True, text=True)  # noqa: S603 git and our own arguments
    return done.stdout.strip()


def repository(top: Path) -> Path:
    """Make a repository with the base on `main` and the head on `change`."""
    top.mkdir()
    git(top, "init", "--quiet", "--initial-branch=main")
    for branch, found in (("main", stacks()), ("change", changed())):
        write(top, found)
        if branch != "main":
            git(top, "checkout", "--quiet", "-b", branch)
        git(top, "add", "--all")
        git(top, "commit", "--quiet", "-m", branch)
    return top
