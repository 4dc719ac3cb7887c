"""The least that any synth takes: cdktf, the provider loaded lean, one resource."""

import sys

from cdktf import App, TerraformStack

from constructs_lib.lean import load_provider_lean

load_provider_lean()

from cdktf_cdktf_provider_aws.provider import AwsProvider  # noqa: E402 the provider is registered lean before
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic  # noqa: E402 as above


def main(outdir: str) -> None:
    """Synthesize one topic into a folder."""
    app = App(outdir=outdir)
    stack = TerraformStack(app, "floor")
    AwsProvider(stack, "aws", region="us-east-1")
    SnsTopic(stack, "topic", name="floor")
    app.synth()


if __name__ == "__main__":
    main(sys.argv[1])
