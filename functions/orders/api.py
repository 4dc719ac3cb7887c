"""What the API does: each method serves one route and answers with a reply or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from . import health, logic
from .bucket import AttachmentBucket
from .catalogue import Catalogue
from .database import Database
from .messages import Reply, Request
from .model import Attachment
from .parameters import RegionSwitch
from .refusals import Refusal
from .settings import Settings, code_version
from .table import OrderTable
from .validation import parse_article, parse_draft


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Api:
    """The order API of one region.

    Attributes:
        settings: Where it runs.
        table: None when the system keeps no orders; what needs them then answers 501.
        bucket: None when the system keeps no attachments; likewise.
        active_region: None when nothing fences the system; writes are then always open.
        unaware_region: None when no failover takes over from a region that does not answer.
        catalogue: None when this region has no database; orders then cost what their customers say.
        now: The clock that orders are placed by.
    """

    settings: Settings
    table: OrderTable | None
    bucket: AttachmentBucket | None
    active_region: RegionSwitch | None
    unaware_region: RegionSwitch | None = None
    catalogue: Catalogue | None = None
    now: Callable[[], datetime] = _now

    @classmethod
    def from_settings(cls, settings: Settings) -> Api:
        """Connect to the stores that the system has, all of them in the function's own region."""
        region, parameter = settings.region, settings.active_region_parameter
        unaware = settings.unaware_region_parameter
        return cls(
            settings=settings,
            table=OrderTable(settings.table, region=region) if settings.table else None,
            bucket=AttachmentBucket(settings.bucket, region=region) if settings.bucket else None,
            active_region=RegionSwitch(parameter, region=region) if parameter else None,
            unaware_region=RegionSwitch(unaware, region=region, name="unaware-region") if unaware else None,
            catalogue=_catalogue(settings),
        )

    def place_order(self, request: Request) -> Reply:
        """Serve `POST /orders`: 201 the first time, 200 with the same order when the request is repeated."""
        self._check_open()
        table = self._orders()
        order_id = logic.order_id(request.headers.get("idempotency-key"))
        draft = parse_draft(request.body)
        if self.catalogue and table.get(order_id) is None:  # what was placed before stays placed, whatever it costs now
            logic.check_prices(
                draft, self.catalogue.prices([line.sku for line in draft.lines], currency=draft.currency)
            )
            self._check_open()  # again: looking for the prices may have taken seconds
        asked = logic.place(draft, order_id=order_id, region=self.settings.region, now=self.now())
        found = table.put_new(asked)
        if found is None:
            return Reply(status=201, document=asked.as_json(), headers={"Location": f"/orders/{order_id}"})
        return Reply(status=200, document=logic.reconcile(asked, found).as_json())

    def show_order(self, order_id: str) -> Reply:
        """Serve `GET /orders/{id}`."""
        order = self._orders().get(logic.check_order_id(order_id))
        if order is None:
            raise logic.no_such_order()
        return Reply(status=200, document=order.as_json())

    def list_orders(self, request: Request) -> Reply:
        """Serve `GET /orders?customer=&limit=&next=`: newest first; the last page has no `next`.

        An order that was placed a moment ago may not be listed yet: the index follows the table.
        """
        table = self._orders()
        customer, limit, after = logic.listing(request.query)
        page = table.of_customer(customer, limit=limit, after=after)
        document: dict[str, object] = {"orders": [order.as_json() for order in page.orders]}
        if page.after:
            document["next"] = logic.write_position(page.after)
        return Reply(status=200, document=document)

    def list_products(self, request: Request) -> Reply:
        """Serve `GET /products?limit=&after=`, in the order of their names; the last page has no `after`."""
        limit, after = logic.products_listing(request.query)
        articles = self._catalogue().articles(after=after, limit=limit)
        document: dict[str, object] = {"products": [article.as_json() for article in articles]}
        if len(articles) == limit:
            document["after"] = f"{articles[-1].sku}:{articles[-1].currency}"
        return Reply(status=200, document=document)

    def put_product(self, request: Request, sku: str) -> Reply:
        """Serve `PUT /products/{sku}`: repeating it changes nothing."""
        self._check_open()
        article = parse_article(sku, request.body)
        self._catalogue().put(article)
        return Reply(status=200, document=article.as_json())

    def put_attachment(self, request: Request, order_id: str, name: str) -> Reply:
        """Serve `PUT /orders/{id}/attachments/{name}`: repeating it changes nothing."""
        self._check_open()
        bucket = self._attachments()
        logic.check_attachment_name(name)
        content_type = logic.check_attachment(request.body, request.headers.get("content-type"))
        self.show_order(order_id)
        self._check_open()  # again: looking for the order may have taken seconds
        bucket.put(order_id, name, Attachment(content=request.body, content_type=content_type))
        document = {"order": order_id, "name": name, "size": len(request.body), "content_type": content_type}
        return Reply(status=200, document=document)

    def fetch_attachment(self, order_id: str, name: str) -> Reply:
        """Serve `GET /orders/{id}/attachments/{name}` with the bytes and the content type that were put."""
        bucket = self._attachments()
        attachment = bucket.get(logic.check_order_id(order_id), logic.check_attachment_name(name))
        if attachment is None:
            raise Refusal(404, "NO_SUCH_ATTACHMENT", "There is no such attachment.")
        return Reply(status=200, document=attachment)

    def report_health(self, request: Request | None = None) -> Reply:
        """Serve `GET /health`: 200 when every store of this region answered in time, 503 otherwise.

        `?for=clients` asks whether clients belong here: 503 also while another region is open for writes. The records
        of all regions but the last in order ask so, and move clients after a planned failover as after any other.
        `?for=writes` asks who takes writes, which no other store has a say in. A region that took over from one that
        did not answer says which: records lead past that one until it has heard of it.
        """
        question = request.query.get("for", "") if request is not None else ""
        for_writes = question == "writes"
        known = (
            (self.active_region, self.unaware_region)
            if for_writes
            else (self.table, self.bucket, self.active_region, self.catalogue)
        )
        stores = [store for store in known if store is not None]
        findings = health.examine(stores)
        healthy = all(finding.is_ok for finding in findings)
        elsewhere = healthy and question == "clients" and self._is_elsewhere()
        document: dict[str, object] = {
            "status": "elsewhere" if elsewhere else "ok" if healthy else "failing",
            "region": self.settings.region,
            "role": self._role(findings),
            "deployment": self.settings.deployment,
            "suffix": self.settings.suffix,
            "version": code_version(),
            "stores": {
                finding.store: {"status": finding.status, "milliseconds": finding.milliseconds} for finding in findings
            },
        }
        if for_writes and healthy and (unaware := self._unaware()):
            document["unaware"] = unaware
        return Reply(status=200 if healthy and not elsewhere else 503, document=document)

    def _is_elsewhere(self) -> bool:
        return self.active_region is not None and logic.is_elsewhere(self.active_region.get(), self.settings.region)

    def _unaware(self) -> str:
        """Return the region that this one replaced and that has not heard of it. Empty: none, or this one is closed."""
        if self.unaware_region is None or not logic.is_open(self._active(), self.settings.region):
            return ""
        unaware = self.unaware_region.get()
        return "" if unaware == logic.NO_REGION else unaware

    def _role(self, findings: tuple[health.Finding, ...]) -> str:
        """Tell `writer` from `standby`, and say `unknown` when the switch did not answer."""
        if self.active_region is None:
            return "writer"
        if not all(finding.is_ok for finding in findings if finding.store == self.active_region.name):
            return "unknown"
        return "writer" if logic.is_open(self.active_region.get(), self.settings.region) else "standby"

    def _check_open(self) -> None:
        logic.check_open(self._active(), self.settings.region)

    def _active(self) -> str | None:
        return self.active_region.get() if self.active_region else None

    def _orders(self) -> OrderTable:
        if self.table is None:
            raise Refusal(501, "NO_ORDERS", "This system keeps no orders.")
        return self.table

    def _catalogue(self) -> Catalogue:
        if self.catalogue is None:
            raise Refusal(501, "NO_PRODUCTS", "This system keeps no catalogue.")
        return self.catalogue

    def _attachments(self) -> AttachmentBucket:
        if self.bucket is None:
            raise Refusal(501, "NO_ATTACHMENTS", "This system keeps no attachments.")
        return self.bucket


def _catalogue(settings: Settings) -> Catalogue | None:
    if settings.database is None or settings.database_path is None:
        return None
    path, region, authorities = settings.database_path, settings.region, settings.authorities
    return Catalogue(Database(settings.database, path=path, region=region, authorities=authorities))
