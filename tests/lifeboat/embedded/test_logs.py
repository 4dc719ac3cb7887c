"""CloudWatch Logs: what moto does not do."""

from __future__ import annotations

from tests.lifeboat.embedded.aws import Aws, Check, promises


def check_query_definitions(aws: Aws) -> None:
    logs, name = aws("logs"), aws.name("query")
    made = logs.put_query_definition(name=name, queryString="fields @message", logGroupNames=["/shop"])
    identifier = made["queryDefinitionId"]
    logs.put_query_definition(name=name, queryString="limit 5", queryDefinitionId=identifier)
    (seen,) = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    assert (seen["queryDefinitionId"], seen["queryString"]) == (identifier, "limit 5")
    assert logs.delete_query_definition(queryDefinitionId=identifier)["success"] is True
    assert logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"] == []


CHECKS: dict[str, Check] = {"logs.query_definitions": check_query_definitions}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
