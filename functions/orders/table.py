"""Orders in DynamoDB: single table, keys `pk` and `sk`, index `by-customer` (`customer`, `placed_at`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from .clients import bounded, error_code
from .model import Draft, Line, Order, Page, Position

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, QueryInputTypeDef

INDEX = "by-customer"
_SORT = "ORDER"


class OrderTable:
    """The region's replica of the orders table. Its index projects all attributes."""

    name = "table"

    def __init__(self, table: str, *, region: str) -> None:
        self._table = table
        self._client: DynamoDBClient = boto3.client("dynamodb", config=bounded(region))

    def put_new(self, order: Order) -> Order | None:
        """Keep an order unless its id is taken.

        Returns:
            None when it was kept, and otherwise the order that has the id: also when the first attempt of this
            very call was kept and only its answer was lost.
        """
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_write(order),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return _read(error.response["Item"])  # type: ignore[typeddict-item] # botocore's stub lacks this key
        return None

    def get(self, order_id: str) -> Order | None:
        """Find an order as this region last saw it; None when there is none."""
        answer = self._client.get_item(TableName=self._table, Key=_key(order_id), ConsistentRead=True)
        return _read(answer["Item"]) if "Item" in answer else None

    def of_customer(self, customer: str, *, limit: int, after: Position | None) -> Page:
        """List a customer's orders, newest first, from the start or after a position."""
        query: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": INDEX,
            "KeyConditionExpression": "customer = :customer",
            "ExpressionAttributeValues": {":customer": {"S": customer}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        if after:
            query["ExclusiveStartKey"] = {
                **_key(after.order_id),
                "customer": {"S": customer},
                "placed_at": {"S": after.placed_at},
            }
        answer = self._client.query(**query)
        orders = tuple(_read(item) for item in answer["Items"])
        more = "LastEvaluatedKey" in answer and bool(orders)
        last = Position(order_id=orders[-1].order_id, placed_at=orders[-1].placed_at) if more else None
        return Page(orders=orders, after=last)

    def probe(self) -> None:
        """Ask for an item that does not exist: the data plane and its key answer, or this raises."""
        self._client.get_item(TableName=self._table, Key={"pk": {"S": "HEALTH"}, "sk": {"S": "HEALTH"}})


def _key(order_id: str) -> dict[str, AttributeValueTypeDef]:
    return {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": _SORT}}


def _write(order: Order) -> dict[str, AttributeValueTypeDef]:
    lines = [vars(line) for line in order.draft.lines]
    return {
        **_key(order.order_id),
        "order_id": {"S": order.order_id},
        "customer": {"S": order.draft.customer},
        "currency": {"S": order.draft.currency},
        "lines": TypeSerializer().serialize(lines),
        "placed_at": {"S": order.placed_at},
        "placed_in": {"S": order.placed_in},
        "fingerprint": {"S": order.fingerprint},
    }


def _read(item: Mapping[str, AttributeValueTypeDef]) -> Order:
    fields = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    lines = tuple(
        Line(sku=line["sku"], quantity=int(line["quantity"]), unit_price=int(line["unit_price"]))
        for line in fields["lines"]
    )
    return Order(
        order_id=fields["order_id"],
        draft=Draft(customer=fields["customer"], currency=fields["currency"], lines=lines),
        placed_at=fields["placed_at"],
        placed_in=fields["placed_in"],
        fingerprint=fields["fingerprint"],
    )
