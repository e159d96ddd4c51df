"""Links found in a lake: its entities are the engine's clusters, and judgements stay."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from tests.creditfile.linkage.made import clusters
from tests.lake.lakes import day, new_lake
from tests.lake.persons import forget
from tests.lake.persons import tell as tell_persons
from tradeline.creditfile.linkage import finding
from tradeline.creditfile.linkage.entities import entities_of
from tradeline.creditfile.linkage.finding import FIELDS, Found, find_links
from tradeline.creditfile.linkage.judgements import split
from tradeline.creditfile.linkage.linking import link
from tradeline.creditfile.linkage.links import read_links
from tradeline.creditfile.linkage.records import Table
from tradeline.lake.store import open_lake
from tradeline.world.registers import Registers, draw_registers


@pytest.fixture(scope="module")
def registers() -> Registers:
    return draw_registers(150, seed=8)


def lake_of(folder: Path, registers: Registers) -> Path:
    """A lake whose sources told these records."""
    root, told = new_lake(folder), registers.columns
    firms, numbers = [], []
    for record, name, person, address, number in zip(
        *(told[column] for column in ("record", "name", "person", "address", "registration")),
        strict=True,
    ):
        firms.append({"enterprise": record, "name": quoted(name)})
        if number:
            numbers.append({"enterprise": record, "registration_no": number,
                            "legal_form": "other", "representative": quoted(person),
                            "address": quoted(address)})  # fmt: skip
    tell_persons(root, "registry", enterprises=firms, registrations=numbers)
    return root


def quoted(text: str | None) -> str:
    return f'"{text or ""}"'


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, registers: Registers) -> Path:
    return lake_of(tmp_path_factory.mktemp("found"), registers)


@pytest.fixture(scope="module")
def found(root: Path) -> Found:
    return find_links(root, day(10))


def groups_of_the_engine(root: Path) -> set[tuple[str, ...]]:
    """What the engine makes of the same records by itself."""
    with duckdb.connect() as connection:
        finding._read_records(open_lake(root), day(10), None, connection)
        columns = {field.name: field.name for field in FIELDS}
        link(connection, FIELDS, [Table("told", "lake", "record", columns)])
        by_cluster: dict[str, list[str]] = {}
        for record, cluster in clusters(connection).items():
            by_cluster.setdefault(cluster, []).append(record)
    return {tuple(sorted(group)) for group in by_cluster.values() if len(group) > 1}


def test_the_entities_are_the_clusters_of_the_engine(root: Path, found: Found) -> None:
    groups = set(entities_of(open_lake(root), day(10)).groups)
    assert groups == groups_of_the_engine(root)
    assert len(groups) > 10


def test_evidence_says_how_far_fields_agree_and_names_nobody(
    root: Path, found: Found, registers: Registers
) -> None:
    said = "".join(one.evidence for one in found.links)
    assert '"name' in said
    assert not any(name and name in said for name in registers.columns["person"])


def test_a_second_run_tells_nothing_and_undoes_no_judgement(root: Path, found: Found) -> None:
    assert find_links(root, day(11)).entry is None
    one = next(link for link in found.links if link.relation == "same")
    split(root, one.left, one.right, "A. Reviewer", "two owners", day(12))
    assert find_links(root, day(13)).entry is None
    assert one.right not in entities_of(open_lake(root), day(14)).of(one.left)


def test_what_is_no_longer_found_is_withdrawn(root: Path, found: Found) -> None:
    one = [link for link in found.links if link.relation == "same"][-1]
    forget(root, one.left, at=15)
    again = find_links(root, day(16))
    assert again.withdrawn >= 1
    stands = {(link.left, link.right): link for link in read_links(open_lake(root), day(17))}
    assert stands[one.left, one.right].evidence == '{"found":"no longer"}'
    assert stands[one.left, one.right].relation == "undecided"


def test_a_lake_without_enterprises_has_no_links(tmp_path: Path) -> None:
    assert find_links(new_lake(tmp_path), datetime(2024, 1, 1)) == Found((), 0, None)  # noqa: DTZ001
