"""CloudFront functions: they are changed and published, and what is published is not what is being worked on."""

from __future__ import annotations

from typing import Any

from moto.cloudfront import models, urls
from moto.cloudfront.exceptions import CloudFrontException, NoSuchFunctionExists
from moto.cloudfront.models import CloudFrontBackend, CloudFrontFunction
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.cloudfront import all_distributions, behaviors, items

Document = dict[str, Any]

LARGEST = 10 * 1024
LIVE = "LIVE"


def _staged(self: CloudFrontResponse) -> tuple[CloudFrontFunction, Document]:
    """Return a function and what it is in the stage that was asked for."""
    function = self.backend.describe_function(self._get_param("Name"))
    if self._get_param("Stage") != LIVE:
        return function, {"config": function.config, "code": function.code, "etag": function.etag}
    if not function.live:
        raise NoSuchFunctionExists(function.name)
    return function, function.live


def _summary(function: CloudFrontFunction, stage: Document, name: str) -> Document:
    summary: Document = function.function_summary
    metadata = summary["FunctionMetadata"] | {"Stage": name}
    status = "UNASSOCIATED" if function.live else "UNPUBLISHED"
    return summary | {"FunctionConfig": stage["config"], "FunctionMetadata": metadata, "Status": status}


def _describe(self: CloudFrontResponse) -> ActionResult:
    function, stage = _staged(self)
    name = LIVE if stage is function.live else "DEVELOPMENT"
    return ActionResult({"FunctionSummary": _summary(function, stage, name), "ETag": stage["etag"]})


def _get(self: CloudFrontResponse) -> ActionResult:
    _, stage = _staged(self)
    return ActionResult(
        {"FunctionCode": stage["code"], "ETag": stage["etag"], "ContentType": "application/octet-stream"}
    )


def _checked(self: CloudFrontResponse) -> CloudFrontFunction:
    function = self.backend.describe_function(self._get_param("Name"))
    if self._get_param("IfMatch") != function.etag:
        raise CloudFrontException("InvalidIfMatchVersion", "The If-Match version is missing or not valid.")
    return function


def _update(self: CloudFrontResponse) -> ActionResult:
    function = _checked(self)
    code = self._get_param("FunctionCode")
    if len(code) > LARGEST:
        raise CloudFrontException("FunctionSizeLimitExceeded", f"The function is larger than {LARGEST} bytes.")
    function.code, function.config = code, self._get_param("FunctionConfig", {})
    function.etag, function.last_modified_time = models.random_id(), utcnow()
    stage = {"config": function.config, "etag": function.etag}
    return ActionResult({"FunctionSummary": _summary(function, stage, "DEVELOPMENT"), "ETag": function.etag})


def _publish(self: CloudFrontResponse) -> ActionResult:
    function = _checked(self)
    function.live = {"config": function.config, "code": function.code, "etag": models.random_id()}
    return ActionResult({"FunctionSummary": _summary(function, function.live, LIVE)})


def fill_functions() -> None:
    """Add changing and publishing, stages, and the refusal to delete what is in use."""
    delete = CloudFrontBackend.delete_function

    def delete_function(self: CloudFrontBackend, name: str, if_match: str) -> None:
        arn = self.describe_function(name).arn
        for _, distribution in all_distributions():
            used = behaviors(distribution.distribution_config.__dict__)
            if any(each["FunctionARN"] == arn for one in used for each in items(one, "FunctionAssociations")):
                raise CloudFrontException("FunctionInUse", f"The function {name} is used by a distribution.")
        delete(self, name, if_match)

    CloudFrontFunction.live = None
    urls.url_paths["{0}/2020-05-31/function/(?P<function_name>[^/]+)/publish$"] = CloudFrontResponse.dispatch
    CloudFrontResponse.describe_function = _describe
    CloudFrontResponse.get_function = _get
    CloudFrontResponse.update_function = _update
    CloudFrontResponse.publish_function = _publish
    CloudFrontBackend.delete_function = delete_function


GAPS = (
    Gap(
        name="cloudfront.functions",
        missing="A CloudFront function can be neither changed nor published, and is deleted while it is in use.",
        matters="No distribution with a CloudFront function could be applied.",
        fill=fill_functions,
    ),
)
