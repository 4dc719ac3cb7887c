"""A folder in which real Terraform makes plans. `terraform_data` is built in, so that no plugin is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lifeboat.local.environment import child_environment

TERRAFORM = shutil.which("terraform")
needs_terraform = pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed")

BEFORE = """
variable "password" {
  type      = string
  sensitive = true
  default   = "correct-horse"
}
resource "terraform_data" "quiet" { input = "same" }
resource "terraform_data" "forced" {
  input            = "same"
  triggers_replace = { engine = "16", size = "small" }
}
resource "terraform_data" "first" {
  input            = terraform_data.forced.id
  triggers_replace = terraform_data.forced.id
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "by_trigger" {
  input = "same"
  lifecycle { replace_triggered_by = [terraform_data.changing] }
}
resource "terraform_data" "changing" { input = { deep = { list = ["a", "b"], number = 1 } } }
resource "terraform_data" "asked" { input = "same" }
resource "terraform_data" "tainted" { input = "same" }
resource "terraform_data" "gone" { input = "same" }
resource "terraform_data" "counted" {
  count = 2
  input = count.index
}
resource "terraform_data" "keyed" {
  for_each = toset(["a", "b`|<i>"])
  input    = each.key
}
resource "terraform_data" "single" { input = "same" }
resource "terraform_data" "old_name" { input = "same" }
resource "terraform_data" "old_and_changed" { input = 1 }
resource "terraform_data" "let_go" { input = "same" }
resource "terraform_data" "secretive" {
  input = { users = [{ name = "root", login = var.password }], map = { inner = { login = var.password } } }
}
resource "terraform_data" "reader" { input = terraform_data.secretive.output }
resource "terraform_data" "policy" {
  input = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = "*" },
    { Sid = "List", Effect = "Allow", Action = "s3:ListBucket", Resource = "*" },
  ] })
}
module "part" {
  source = "./part"
}
output "changing" { value = terraform_data.changing.input.deep.number }
output "secret" {
  value     = terraform_data.secretive.output
  sensitive = true
}
output "removed" { value = 1 }
"""

AFTER = """
variable "password" {
  type      = string
  sensitive = true
  default   = "battery-staple"
}
resource "terraform_data" "quiet" { input = "same" }
resource "terraform_data" "forced" {
  input            = "same"
  triggers_replace = { engine = "15", size = "small" }
}
resource "terraform_data" "first" {
  input            = terraform_data.forced.id
  triggers_replace = terraform_data.forced.id
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "by_trigger" {
  input = "same"
  lifecycle { replace_triggered_by = [terraform_data.changing] }
}
resource "terraform_data" "changing" { input = { deep = { list = ["b", "c"], number = 2 } } }
resource "terraform_data" "asked" { input = "same" }
resource "terraform_data" "tainted" { input = "same" }
resource "terraform_data" "counted" {
  count = 1
  input = count.index
}
resource "terraform_data" "keyed" {
  for_each = toset(["a"])
  input    = each.key
}
resource "terraform_data" "single" {
  for_each = toset(["x"])
  input    = "same"
}
resource "terraform_data" "new_name" { input = "same" }
resource "terraform_data" "new_and_changed" { input = 2 }
moved {
  from = terraform_data.old_name
  to   = terraform_data.new_name
}
moved {
  from = terraform_data.old_and_changed
  to   = terraform_data.new_and_changed
}
removed {
  from = terraform_data.let_go
  lifecycle { destroy = false }
}
import {
  to = terraform_data.imported
  id = "from-elsewhere"
}
resource "terraform_data" "imported" {}
resource "terraform_data" "secretive" {
  input = { users = [{ name = "root", login = var.password }], map = { inner = { login = var.password } } }
}
resource "terraform_data" "reader" { input = terraform_data.secretive.output }
resource "terraform_data" "fresh" { input = { plain = "x", api_key = "not-marked-at-all" } }
resource "terraform_data" "policy" {
  input = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Open", Effect = "Allow", Action = "*", Resource = "*" },
    { Sid = "Read", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "*" },
    { Sid = "List", Effect = "Allow", Action = "s3:ListBucket", Resource = "*" },
  ] })
}
data "terraform_remote_state" "late" {
  backend = "local"
  config  = { path = terraform_data.fresh.output.plain }
}
check "health" {
  assert {
    condition     = terraform_data.quiet.input == "other"
    error_message = "it is not well"
  }
}
output "changing" { value = terraform_data.changing.input.deep.number }
output "secret" {
  value     = terraform_data.secretive.output
  sensitive = true
}
"""
PART = 'resource "terraform_data" "inside" { input = "same" }\n'


@dataclass
class Lab:
    """One configuration and its state.

    Attributes:
        folder: Where it is.
        environment: Variables that are added.
    """

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def write(self, text: str, file: str = "main.tf") -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        assert TERRAFORM is not None
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
        done = subprocess.run(  # noqa: S603 the program that users run
            [TERRAFORM, *arguments],
            cwd=self.folder,
            env=child_environment({**kept, **self.environment}),
            check=False,
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode in {0, 2}, done.stdout + done.stderr
        return done

    def apply(self, text: str) -> None:
        self.write(text)
        self.run("init", "-input=false", "-no-color")
        self.run("apply", "-auto-approve", "-input=false", "-no-color")

    def plan(self, text: str, *arguments: str, check: bool = True) -> Path:
        """Plan a configuration; return the binary plan file."""
        self.write(text)
        self.run("init", "-input=false", "-no-color")
        path = self.folder / "lab.tfplan"
        self.run("plan", "-input=false", "-no-color", f"-out={path}", *arguments, check=check)
        return path

    def show(self, path: Path) -> bytes:
        return self.run("show", "-json", str(path)).stdout.encode()
