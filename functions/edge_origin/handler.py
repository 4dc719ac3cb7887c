"""Where CloudFront comes in, before it asks a bucket: `edge_origin.handler.handle`."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from .logic import failover_metric, route


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the request to the bucket of the region that is nearest to where this runs.

    `AWS_REGION` is one of the variables that Lambda itself sets, at the edge as well; others there are none:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
    """
    cf = event["Records"][0]["cf"]
    request, is_failover = route(cf["request"], os.environ["AWS_REGION"])
    if is_failover:
        metric = failover_metric(cf["config"]["distributionId"], request, int(time.time() * 1000))
        sys.stdout.write(json.dumps(metric) + "\n")
    return request
