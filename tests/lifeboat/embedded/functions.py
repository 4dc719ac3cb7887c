"""Small Lambda functions for the tests."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile

from tests.lifeboat.embedded.aws import Aws, Client

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def zipped(**sources: str) -> bytes:
    """Return an archive with one module per keyword; indentation common to its lines is removed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, source in sources.items():
            archive.writestr(f"{name}.py", textwrap.dedent(source))
    return content.getvalue()


def role(aws: Aws) -> str:
    """Create a role for Lambda and return its ARN."""
    iam = aws("iam")
    return str(iam.create_role(RoleName=aws.name("role"), AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"])


def function(aws: Aws, source: str, *, region: str = "us-east-1", **settings: object) -> str:
    """Create a Python function whose module `app` is `source`; return its name."""
    name = aws.name("function")
    aws("lambda", region).create_function(
        **{
            "FunctionName": name,
            "Role": role(aws),
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "Code": {"ZipFile": zipped(app=source)},
            "Timeout": 10,
        }
        | settings
    )
    return name


def invoked(aws: Aws, name: str, event: object = None, **options: object) -> tuple[object, Client]:
    """Invoke and return the decoded payload and the whole answer."""
    answer = aws("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **options)
    return json.loads(answer["Payload"].read()), answer
