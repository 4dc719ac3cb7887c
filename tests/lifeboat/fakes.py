"""Stand-ins for tools, as the text of scripts. Variables that begin with FAKE_ tell them what to do."""

TERRAFORM = """#!/bin/sh
case "$1" in
version) echo "{\\"terraform_version\\": \\"${FAKE_TERRAFORM_VERSION:-1.11.4}\\"}" ;;
plan) echo 'not json'; echo "$FAKE_PLAN"; exit "${FAKE_PLAN_CODE:-0}" ;;
wait) trap 'echo Interrupt received; exit 1' INT; : > "$2"; while :; do sleep 0.05; done ;;
esac
"""

CDKTF = r"""
import json, os, signal, subprocess, sys, time
from pathlib import Path

action, *arguments = sys.argv[1:]
out = Path(arguments[arguments.index("--output") + 1])
stack = out.name + "-us-east-1"
fail = os.environ.get("FAKE_" + action.upper(), "")

def boxed(message):
    print(stack + "  \x1b[31m\u2577\n                \u2502 Error: " + message + "\n                \u2575\x1b[0m")

if action == "synth":
    if fail:
        print("\u280b  Synthesizing\nTraceback: " + fail)
        sys.exit(1)
    folder = out / "stacks" / stack
    folder.mkdir(parents=True, exist_ok=True)
    copy, backend = out.name, {"bucket": "tiny-state-us-east-1", "region": "us-east-1", "use_lockfile": True}
    (folder / "cdk.tf.json").write_text(json.dumps({
        "provider": {"aws": [{"region": "us-east-1"}]},
        "terraform": {"backend": {"s3": {**backend, "key": copy + "/us-east-1.tfstate"}}},
    }))
    (out / "manifest.json").write_text(json.dumps({"stacks": {stack: {
        "name": stack, "dependencies": [], "workingDirectory": "stacks/" + stack}}}))
    sys.exit(0)

print("0 Stacks deploying", flush=True)
print(stack + "  Terraform will perform the following actions:")
print("                Plan: 3 to add, 1 to change, 0 to destroy.")
if fail == "exists-once" and not (marker := out / "failed-once").exists():
    marker.touch()
    fail = "exists"
if fail == "exists":
    boxed("creating KMS Alias (alias/tiny-dev): AlreadyExistsException")
elif fail == "provider":
    boxed("Failed to query available provider packages")
elif fail == "locked":
    boxed("Error acquiring the state lock")
elif fail == "many":
    for number in range(12):
        boxed("number " + str(number))
elif fail == "silent":
    print("something else went wrong")
elif fail == "interrupt":
    tool = subprocess.Popen(["terraform", "wait", str(out / "waiting")], start_new_session=True)
    sys.exit(tool.wait())
elif fail == "deaf":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    (out / "waiting").touch()
    time.sleep(60)
elif fail == "alone":
    (out / "waiting").touch()
    time.sleep(60)
elif fail == "kill-server":
    record = json.loads(Path(os.environ["FAKE_RECORD"]).read_text())
    os.kill(record["process"]["pid"], signal.SIGKILL)
    time.sleep(0.5)
elif fail == "left-a-lock":
    import boto3
    boto3.client("s3").put_object(Bucket="tiny-state-us-east-1", Key=out.name + "/us-east-1.tfstate.tflock",
        Body=json.dumps({"ID": "1-2", "Who": "me@here", "Created": "2999-01-01T00:00:00.123456789Z"}))
if fail and fail != "exists-once":
    sys.exit(1)
print(stack + "  " + action.capitalize().replace("Deploy", "Apply") + " complete! Resources: 3 added, 1 changed.")
if action == "deploy":
    Path(arguments[arguments.index("--outputs-file") + 1]).write_text(json.dumps({
        stack: {"region": "us-east-1", "vpc_id": "vpc-1", "cross-stack-output-x": "y"}}))
"""
