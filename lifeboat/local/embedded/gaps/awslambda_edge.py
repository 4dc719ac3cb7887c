"""Lambda@Edge: a function that a distribution uses cannot be deleted."""

from __future__ import annotations

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.cloudfront import all_distributions, behaviors, items


class ReplicatedError(LambdaClientError):  # type: ignore[misc] # moto publishes no types
    """CloudFront holds copies of the function."""

    code = 400

    def __init__(self, arn: str) -> None:
        super().__init__(
            "InvalidParameterValueException",
            f"Lambda was unable to delete {arn} because it is a replicated function.",
        )


def used_versions() -> set[str]:
    """Return the ARNs of all versions that distributions use."""
    return {
        each["LambdaFunctionARN"]
        for _, distribution in all_distributions()
        for behavior in behaviors(distribution.distribution_config.__dict__)
        for each in items(behavior, "LambdaFunctionAssociations")
    }


def fill_edge_replicas() -> None:
    """Refuse to delete what CloudFront holds copies of. Here they go with the distribution, in AWS hours later."""
    delete = LambdaBackend.delete_function

    def delete_function(self: LambdaBackend, function_name: str, qualifier: str | None = None) -> None:
        name = function_name.rsplit(":function:", 1)[-1].partition(":")[0]
        start = f"arn:aws:lambda:{self.region_name}:{self.account_id}:function:{name}:"
        used = [arn for arn in used_versions() if arn.startswith(start)]
        for arn in used:
            if qualifier is None or arn == f"{start}{qualifier}":
                raise ReplicatedError(arn)
        delete(self, function_name, qualifier)

    LambdaBackend.delete_function = delete_function


GAPS = (
    Gap(
        name="lambda.edge_replicas",
        missing="A function is deleted while a distribution uses it.",
        matters="A destroy in an order that AWS refuses would pass.",
        fill=fill_edge_replicas,
    ),
)
