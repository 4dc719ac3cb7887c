"""Who is being called: service, region and action of a request, read from its signature."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Credential=<key>/<date>/<region>/<service>/aws4_request, in the Authorization header or in a presigned query.
SCOPE = re.compile(r"Credential=(?P<caller>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")

# `attempt=2; max=3`: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
ATTEMPT = re.compile(r"\battempt=(?P<number>\d+)")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as its sender meant it.

    Attributes:
        service: Signing name, such as `s3` or `elasticloadbalancing`. Empty when the request is not signed.
        region: Region of the credential scope. Empty when the request is not signed.
        action: API operation where the protocol names it, else method and path.
        bucket: S3 bucket named by the path. Empty for every other service.
        caller: Access key that it is signed with. Empty when the request is not signed.
        attempt: How often the client has asked this, counted from 1; what an SDK says in `amz-sdk-request`.
    """

    service: str
    region: str
    action: str
    bucket: str = ""
    caller: str = ""
    attempt: int = 1

    @property
    def signed(self) -> bool:
        """Whether the request carries a signature; the embedded AWS's own endpoints are called without one."""
        return bool(self.service)

    @classmethod
    def of(cls, environ: WSGIEnvironment) -> Call:
        """Read a call from a WSGI environment, leaving its body readable."""
        query = environ.get("QUERY_STRING", "").replace("X-Amz-Credential=", "Credential=")
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", "")) or SCOPE.search(unquote(query))
        attempt = ATTEMPT.search(environ.get("HTTP_AMZ_SDK_REQUEST", ""))
        path: str = environ.get("PATH_INFO", "")
        service = scope["service"] if scope else ""
        return cls(
            service=service,
            region=scope["region"] if scope else "",
            action=_action(environ) if scope else f"{environ['REQUEST_METHOD']} {path}",
            bucket=path.lstrip("/").split("/")[0] if service == "s3" else "",
            caller=scope["caller"] if scope else "",
            attempt=int(attempt["number"]) if attempt else 1,
        )


def _action(environ: WSGIEnvironment) -> str:
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        return target.rsplit(".", 1)[-1]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        action = parse_qs(body.decode("utf-8", "replace")).get("Action")
        if action:
            return str(action[0])
    return f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
