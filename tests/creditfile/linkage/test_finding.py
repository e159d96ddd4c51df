"""Links found in a lake: its entities are the engine's clusters, and judgements stay."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from tests.creditfile.linkage.made import clusters
from tests.creditfile.linkage.test_identifiers import credit_identifiers
from tests.lake.lakes import day, new_lake
from tests.lake.persons import forget
from tests.lake.persons import tell as tell_persons
from tradeline.creditfile.linkage import finding, kept
from tradeline.creditfile.linkage.doubtful_identifiers import IdentifierTerms
from tradeline.creditfile.linkage.entities import entities_of
from tradeline.creditfile.linkage.finding import FIELDS, Found, find_links
from tradeline.creditfile.linkage.judgements import split
from tradeline.creditfile.linkage.linking import link
from tradeline.creditfile.linkage.links import read_links
from tradeline.creditfile.linkage.mixture import Weights
from tradeline.creditfile.linkage.records import Table
from tradeline.lake.store import open_lake
from tradeline.world.registers import Registers, draw_registers

TERMS = IdentifierTerms(0.9, 10, 50)


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
    return find_links(root, day(10), TERMS)


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
    assert find_links(root, day(11), TERMS).entry is None
    one = next(link for link in found.links if link.relation == "same")
    split(root, one.left, one.right, "A. Reviewer", "two owners", day(12))
    assert find_links(root, day(13), TERMS).entry is None
    assert one.right not in entities_of(open_lake(root), day(14)).of(one.left)


FEW = draw_registers(60, seed=8)


def test_nothing_is_compared_where_nothing_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = lake_of(tmp_path, FEW)
    first = find_links(root, day(10), TERMS)
    assert first.taught_by == (len(FEW.columns["record"]), 0)
    with monkeypatch.context() as without:
        without.delattr(finding, "link")
        assert find_links(root, day(11), TERMS) == Found(first.links, 0, None, first.findings)


def test_what_was_learned_serves_until_asked_to_learn_anew_from_judgements(
    tmp_path: Path,
) -> None:
    root = lake_of(tmp_path, FEW)
    first = find_links(root, day(10), TERMS)
    weights = kept_weights(root)
    one = next(link for link in first.links if link.relation == "same")
    split(root, one.left, one.right, "A. Reviewer", "two owners", day(12))
    forget(root, first.links[-1].left, at=13)
    assert find_links(root, day(14), TERMS).taught_by is None
    assert kept_weights(root) == weights
    taught = find_links(root, day(15), TERMS, anew=True).taught_by
    assert taught == (len(FEW.columns["record"]) - 1, 1)
    assert kept_weights(root) != weights


def test_what_is_kept_names_nobody_and_does_without_where_it_is_spoilt(
    tmp_path: Path,
) -> None:
    root = lake_of(tmp_path, FEW)
    first = find_links(root, day(10), TERMS)
    text = (root / kept.NAME).read_text("utf-8")
    assert not any(name and name in text for name in FEW.columns["person"])
    (root / kept.NAME).write_text("{", encoding="utf-8")
    again = find_links(root, day(11), TERMS)
    assert again.taught_by == first.taught_by
    assert (again.links, again.entry) == (first.links, None)


def kept_weights(root: Path) -> Weights:
    found = kept.read_kept(root, FIELDS)
    assert found
    return found.weights


def test_who_got_a_new_number_is_still_one_with_who_did_not_hear_of_it(tmp_path: Path) -> None:
    root = lake_of(tmp_path, FEW)
    alike = '"registration":"equal"'
    one = next(
        link
        for link in find_links(root, day(10), TERMS).links
        if link.relation == "same" and alike in link.evidence
    )
    place = FEW.columns["record"].index(one.left)
    changed = {
        "enterprise": one.left,
        "registration_no": credit_identifiers(1)[0],
        "legal_form": "other",
        "representative": quoted(FEW.columns["person"][place]),
        "address": quoted(FEW.columns["address"][place]),
        "occurred_at": f"{day(5):%Y-%m-%d}",
        "recorded_at": f"{day(6):%Y-%m-%d}",
    }
    landed = tell_persons(root, "changed", learned_at=11, registrations=[changed])
    assert landed.record.refused == 0
    again = find_links(root, day(12), TERMS)
    (still,) = (each for each in again.links if (each.left, each.right) == (one.left, one.right))
    assert (still.relation, alike in still.evidence) == ("same", True)


def test_what_is_no_longer_found_is_withdrawn(root: Path, found: Found) -> None:
    one = [link for link in found.links if link.relation == "same"][-1]
    forget(root, one.left, at=15)
    again = find_links(root, day(16), TERMS)
    assert again.withdrawn >= 1
    stands = {(link.left, link.right): link for link in read_links(open_lake(root), day(17))}
    assert stands[one.left, one.right].evidence == '{"found":"no longer"}'
    assert stands[one.left, one.right].relation == "undecided"


def test_a_lake_without_enterprises_has_no_links(tmp_path: Path) -> None:
    assert find_links(new_lake(tmp_path), datetime(2024, 1, 1), TERMS) == Found((), 0, None)  # noqa: DTZ001


def test_doubtful_names_and_numbers_are_told(tmp_path: Path) -> None:
    numbers = [*credit_identifiers(12), "91110000600037341X"]
    numbers[1] = numbers[0]
    firms = [{"enterprise": f"E{n}", "name": f"Brand{n} Ltd"} for n in range(len(numbers))]
    firms[3]["name"] = "Hu\u0430xin Ltd"
    told = [
        {"enterprise": f"E{n}", "registration_no": number, "legal_form": "other"}
        for n, number in enumerate(numbers)
    ]
    root = new_lake(tmp_path)
    tell_persons(root, "registry", enterprises=firms, registrations=told)
    said = [one.line() for one in find_links(root, day(10), TERMS).findings]
    assert said[0].startswith(
        "warning: names of enterprises: 1 name has letters of two alphabets in one word, such as "
        "'Hu\\u0430xin Ltd'"
    )
    assert said[1].startswith(
        "warning: registration numbers: 1 of 13 values is no valid unified social credit identifier"
    )
    assert said[2].startswith(
        f"note: registration numbers: 1 number stands in more than one record, '{numbers[0]}' in 2."
    )
    assert len(said) == 3
