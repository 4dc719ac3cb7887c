"""RDS: the engine versions that are offered, and the refusal of those that are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import RDSBackend, RDSBaseModel
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded.gap import Gap

Settings = MutableMapping[str, object]  # a request's parameters, in Pascal or snake case

SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
AURORA_CLASSES = (
    "db.serverless",
    "db.t4g.medium",
    "db.t4g.large",
    *(f"db.{family}.{size}" for family in ("r6g", "r6i", "r7g") for size in SIZES),
)
"""https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html"""
INSTANCE_CLASSES = (
    *(f"db.t4g.{size}" for size in ("micro", "small", "medium", "large")),
    *(f"db.{family}.{size}" for family in ("m6g", "m7g", "r6g", "r7g") for size in SIZES),
)
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html"""

CERTIFICATES = ("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One PostgreSQL engine. Versions are in ascending order.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/AuroraPostgreSQL.Updates.html
    """

    name: str
    title: str
    versions: tuple[str, ...]
    default: str
    is_aurora: bool

    def describe(self, version: str) -> dict[str, object]:
        """Return one entry of DescribeDBEngineVersions."""
        major = version.split(".", maxsplit=1)[0]
        later = self.versions[self.versions.index(version) + 1 :]
        return {
            "Engine": self.name,
            "EngineVersion": version,
            "MajorEngineVersion": major,
            "DBParameterGroupFamily": f"{self.name}{major}",
            "DBEngineDescription": self.title,
            "DBEngineVersionDescription": f"{self.title} (compatible with PostgreSQL {version})",
            "Status": "available",
            "ExportableLogTypes": ["instance", "postgresql"] if self.is_aurora else ["postgresql", "upgrade"],
            "SupportedCACertificateIdentifiers": list(CERTIFICATES),
            "SupportedEngineModes": ["provisioned"],
            "SupportedFeatureNames": ["Lambda", "s3Export", "s3Import"],
            "SupportsCertificateRotationWithoutRestart": True,
            "SupportsGlobalDatabases": self.is_aurora,
            "SupportsLogExportsToCloudwatchLogs": True,
            "SupportsReadReplica": not self.is_aurora,
            "ValidUpgradeTarget": [self._upgrade(major, target) for target in later],
        }

    def orderable(self, version: str, class_: str) -> dict[str, object]:
        """Return one entry of DescribeOrderableDBInstanceOptions."""
        return {
            "Engine": self.name,
            "EngineVersion": version,
            "DBInstanceClass": class_,
            "LicenseModel": "postgresql-license",
            "StorageType": "aurora" if self.is_aurora else "gp3",
            "MultiAZCapable": not self.is_aurora,
            "SupportsGlobalDatabases": self.is_aurora,
            "SupportsStorageEncryption": True,
            "Vpc": True,
        }

    def _upgrade(self, major: str, target: str) -> dict[str, object]:
        return {
            "Engine": self.name,
            "EngineVersion": target,
            "AutoUpgrade": False,
            "IsMajorVersionUpgrade": not target.startswith(f"{major}."),
            "SupportsGlobalDatabases": self.is_aurora,
        }

    def resolve(self, version: str | None) -> str:
        """Return the full version for none (the default), a major one (its newest) or a full one.

        Raises:
            InvalidParameterCombination: RDS does not offer that version.
        """
        if version is None:
            return self.default
        newest_first = reversed(self.versions)
        found = next((offer for offer in newest_first if offer == version or offer.split(".")[0] == version), None)
        if found is None:
            raise InvalidParameterCombination(f"Cannot find version {version} for {self.name}")
        return found


ENGINES = {
    engine.name: engine
    for engine in (
        Engine(
            name="aurora-postgresql",
            title="Aurora PostgreSQL",
            versions=("14.18", "15.12", "15.13", "16.6", "16.8", "16.9", "17.4", "17.5", "17.6", "17.7"),
            default="16.8",
            is_aurora=True,
        ),
        Engine(
            name="postgres",
            title="PostgreSQL",
            versions=("14.18", "15.12", "15.13", "16.8", "16.9", "16.10", "17.4", "17.5", "17.6", "17.7"),
            default="17.6",
            is_aurora=False,
        ),
    )
}


def family(engine: str, version: str) -> str:
    """Return the parameter group family of an engine version, such as `aurora-postgresql16`."""
    known = engine in ENGINES
    return f"{engine}{version.split('.', maxsplit=1)[0]}" if known else f"{engine}{'.'.join(version.split('.')[:2])}"


def _offers(params: Mapping[str, str]) -> Iterator[dict[str, object]]:
    for engine in ENGINES.values():
        if params.get("Engine", engine.name) != engine.name:
            continue
        wanted = params.get("EngineVersion")
        for version in engine.versions:
            if wanted and wanted not in (version, version.split(".")[0]):
                continue
            if params.get("DefaultOnly") and version != engine.default:
                continue
            entry = engine.describe(version)
            if params.get("DBParameterGroupFamily", entry["DBParameterGroupFamily"]) == entry["DBParameterGroupFamily"]:
                yield entry


def _describe_engine_versions() -> None:
    def describe_db_engine_versions(self: RDSResponse) -> ActionResult:
        return ActionResult({"DBEngineVersions": list(_offers(self.params))})

    RDSResponse.describe_db_engine_versions = describe_db_engine_versions


def _orders(params: Mapping[str, str]) -> Iterator[dict[str, object]]:
    engine = ENGINES.get(params.get("Engine", ""))
    if engine is None:
        return
    wanted = {"version": params.get("EngineVersion"), "class": params.get("DBInstanceClass")}
    for version in engine.versions:
        for class_ in AURORA_CLASSES if engine.is_aurora else INSTANCE_CLASSES:
            if wanted["version"] in {None, version} and wanted["class"] in {None, class_}:
                yield engine.orderable(version, class_)


def _describe_orderable_options() -> None:
    def describe_orderable_db_instance_options(self: RDSResponse) -> ActionResult:
        return ActionResult({"OrderableDBInstanceOptions": list(_orders(self.params))})

    RDSResponse.describe_orderable_db_instance_options = describe_orderable_db_instance_options


def _check_engine_versions() -> None:
    for call in ("create_db_cluster", "create_db_instance", "modify_db_cluster", "modify_db_instance"):
        _resolve_version_in(call)


def _resolve_version_in(call: str) -> None:
    plain = getattr(RDSBackend, call)

    def resolving(self: RDSBackend, *args: Settings | str) -> RDSBaseModel:
        settings = args[-1]
        if not isinstance(settings, str):
            _resolve_version(self, settings)
        return plain(self, *args)

    setattr(RDSBackend, call, resolving)


def _resolve_version(backend: RDSBackend, settings: Settings) -> None:
    """Put the full engine version into a request that creates something, or that changes the version."""
    name = settings.get("engine")
    version = settings.get("engine_version")
    if name is None and version:
        name = _engine_of(backend, settings)
    engine = ENGINES.get(str(name))
    if engine:
        settings["engine_version"] = engine.resolve(str(version) if version else None)


def _engine_of(backend: RDSBackend, settings: Settings) -> str:
    cluster = backend.clusters.get(settings.get("db_cluster_identifier") or "")
    instance = backend.databases.get(settings.get("db_instance_identifier") or "")
    existing = cluster or instance
    return str(existing.engine) if existing else ""


GAPS = (
    Gap(
        name="rds.engine_versions",
        missing="DescribeDBEngineVersions is not implemented.",
        matters="A check of the engine version before deploying could not be tried.",
        fill=_describe_engine_versions,
    ),
    Gap(
        name="rds.orderable_options",
        missing="DescribeOrderableDBInstanceOptions knows old versions and classes only.",
        matters="Nobody could see before a failover that a region does not offer the standby's instance class.",
        fill=_describe_orderable_options,
    ),
    Gap(
        name="rds.engine_version_check",
        missing="Any version is accepted, and a major one is kept as it was given.",
        matters="A typing error in a version would only be found by AWS.",
        fill=_check_engine_versions,
    ),
)
