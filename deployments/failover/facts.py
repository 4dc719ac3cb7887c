"""What the state machines are told about the region they run in. ARNs may be Terraform expressions."""

from __future__ import annotations

from dataclasses import dataclass

NOBODY = "none"
"""What the active-region parameter says while a failover runs: no region takes writes."""

FENCE_SETTLES_SECONDS = 10
"""How long after the parameter was moved the last write under its old value can still happen. The application states
the same number (`functions/orders/parameters.py`); a test compares them."""

SOURCE = "lifeboat.failover"
"""Source of the messages that regions send each other."""
MESSAGE = "Failover message"


@dataclass(frozen=True, kw_only=True)
class DatabaseFacts:
    """The region's member of the Global Database.

    Attributes:
        global_cluster: Identifier of the Global Database.
        cluster_arn: ARN of this region's cluster.
        cluster: Its identifier.
        first_instance: What the first instance is called.
        instance: Parameters of CreateDBInstance for it. None: the cluster has instances already.
        create_seconds: How long that instance may take to be available.
        promote_seconds: How long the promotion may take.
    """

    global_cluster: str
    cluster_arn: str
    cluster: str
    first_instance: str
    instance: dict[str, object] | None
    create_seconds: int
    promote_seconds: int


@dataclass(frozen=True, kw_only=True)
class FunctionFacts:
    """The application.

    Attributes:
        name: Function name.
        concurrency: Concurrency reserved where it serves.
    """

    name: str
    concurrency: int


@dataclass(frozen=True, kw_only=True)
class ContainerFacts:
    """The application as containers.

    Attributes:
        cluster: Cluster name.
        service: Service name.
        tasks: Fewest tasks where it serves.
        start_seconds: How long they may take to run.
        scaling_arn: ARN of the region's scalable target.
    """

    cluster: str
    service: str
    tasks: int
    start_seconds: int
    scaling_arn: str


@dataclass(frozen=True, kw_only=True)
class FileSystemFacts:
    """The region's file system.

    Attributes:
        id: Its id.
        end_seconds: How long the end of a replication may take.
    """

    id: str
    end_seconds: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One region of one system.

    Attributes:
        system: Prefix of all names, such as `ecommerce-dev`.
        region: The region that the machine runs in, and that takes over.
        others: The other regions, in priority order.
        hubs: The first two regions in priority order, which have a link with every other one (`links.py`).
        switch: Name of the parameter that says which region takes writes.
        epoch: Name of the parameter that says which failover the region heard of last.
        unaware: Name of the parameter that says which region this one replaced without an answer.
        lock: Name of the parameter that exists while a failover runs.
        bus: Name of the event bus that connects the regions.
        topic_arn: Topic that people listen to.
        fences: Whether one region alone takes writes. False: all do, and only the database moves.
        database: None: there is none that could move.
        function: None: there is none.
        container: None: there is none.
        file_system: None: there is none.
    """

    system: str
    region: str
    others: tuple[str, ...]
    hubs: tuple[str, ...]
    switch: str
    epoch: str
    unaware: str
    lock: str
    bus: str
    topic_arn: str
    fences: bool
    database: DatabaseFacts | None
    function: FunctionFacts | None
    container: ContainerFacts | None
    file_system: FileSystemFacts | None
