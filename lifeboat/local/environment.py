"""What differs on the embedded AWS: the environment of the commands, and nothing in the JSON."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

REGION = "us-east-1"

# Whatever of these the user has set means a real account, another endpoint, or other arguments.
FOREIGN = ("AWS_", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE", "TF_VAR_", "CDKTF_CONTEXT_JSON", "CDKTF_OUTDIR")

# End-of-life majors of Node, about which jsii prints a banner of twelve lines at every start.
SILENCED_NODES = "18,20"


def local_variables(url: str) -> dict[str, str]:
    """Return the variables that point Terraform, cdktf and boto3 at the embedded AWS."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
        "TF_CLI_ARGS_init": "-backend-config=use_path_style=true",
        "TF_INPUT": "0",
    }


def quiet_variables() -> dict[str, str]:
    """Return the variables that keep the tools from asking, phoning home and redrawing lines."""
    return {
        "CI": "1",
        "CHECKPOINT_DISABLE": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": SILENCED_NODES,
    }


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of every tool, without a Terraform configuration file that does not exist.

    Terraform would warn about that file at every call, in the middle of the answers that others read.
    """
    child = {**environment, **quiet_variables()}
    configuration = child.get("TF_CLI_CONFIG_FILE")
    if configuration and not Path(configuration).exists():
        del child["TF_CLI_CONFIG_FILE"]
    return child


def local_environment(environment: Mapping[str, str], url: str) -> dict[str, str]:
    """Return the environment of tools that work on the embedded AWS: nothing in it leads to a real account."""
    kept = {name: value for name, value in environment.items() if not name.startswith(FOREIGN)}
    return child_environment(kept) | local_variables(url) | _past_proxies(environment)


def exports(environment: Mapping[str, str], url: str, choice: Mapping[str, str]) -> str:
    """Return shell lines for `eval`: what has to go, then what has to be set, the choice of copy among it."""
    wanted = {**local_variables(url), **choice, "CHECKPOINT_DISABLE": "1", **_past_proxies(environment)}
    gone = [name for name in sorted(environment) if name.startswith(FOREIGN) and name not in wanted]
    configuration = environment.get("TF_CLI_CONFIG_FILE")
    if configuration and not Path(configuration).exists():
        gone.append("TF_CLI_CONFIG_FILE")
    lines = [f"unset {name}" for name in gone]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in wanted.items()]
    return "\n".join(lines)


def _past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """Loopback is never asked of a proxy."""
    known = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    value = ",".join(dict.fromkeys([*filter(None, known.split(",")), "127.0.0.1", "localhost"]))
    return {"NO_PROXY": value, "no_proxy": value}
