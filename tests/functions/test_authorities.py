"""Whom a function trusts to be the database: Amazon RDS's own authorities, and nobody else."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from functions import packaging
from functions.packaging import package


def test_a_function_that_connects_to_a_database_carries_the_authorities_that_vouch_for_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(package("orders", cache=tmp_path).path) as opened:
        assert opened.read("orders/rds-authorities.pem") == packaging.AUTHORITIES.read_bytes()


def test_a_function_without_the_driver_does_not_carry_them(tmp_path: Path) -> None:
    small = tmp_path / "functions" / "small"
    small.mkdir(parents=True)
    (small / "handler.py").write_text("def handle(event, context): return 'done'\n", encoding="utf-8")
    with zipfile.ZipFile(package("small", cache=tmp_path, root=small.parent).path) as opened:
        assert opened.namelist() == ["small/handler.py"]


def test_the_authorities_are_the_roots_of_amazon_rds_in_every_region_and_of_nobody_else() -> None:
    roots = x509.load_pem_x509_certificates(packaging.AUTHORITIES.read_bytes())
    kinds: dict[str, set[str]] = {}
    for root in roots:
        root.verify_directly_issued_by(root)
        (name,) = (str(part.value) for part in root.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
        found = re.fullmatch(r"Amazon RDS ([a-z]{2}-[a-z]+-\d) Root CA (RSA2048|RSA4096|ECC384) G1", name)
        assert found, name
        kinds.setdefault(found[1], set()).add(found[2])
        assert root.not_valid_after_utc.year > 2050
    assert {"us-east-1", "us-west-1", "us-west-2", "eu-west-1", "eu-central-1"} <= kinds.keys()
    assert {region for region, found in kinds.items() if found != {"RSA2048", "RSA4096", "ECC384"}} == set()
