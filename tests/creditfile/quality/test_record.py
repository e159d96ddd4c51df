"""Quality equals a slow oracle, and nothing recorded later changes it as it was known before."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.creditfile.features.tables import Row, Tables, connect, market
from tests.creditfile.quality.oracle import Oracle
from tests.creditfile.quality.tellings import AS_OF, LISTED, TERMS, lake, tellings
from tradeline.creditfile.quality.record import Quality, quality_table, read_quality
from tradeline.kernel.findings import InputProblem
from tradeline.kernel.hashing import canonical_json
from tradeline.lake.reading import Moment

NOW = Moment(AS_OF, AS_OF)
seeds = st.integers(0, 2**32)
days = st.integers(-90, 60)


def quality_of(tables: Tables, moment: Moment = NOW, threads: int = 1) -> tuple[Quality, ...]:
    with lake(tables, threads) as connection:
        return read_quality(connection, moment, TERMS)


def lines_of(tables: Tables, moment: Moment = NOW, threads: int = 1) -> list[str]:
    return [canonical_json(quality_table(q)) for q in quality_of(tables, moment, threads)]


def shifted(as_of: int, known_at: int, entry: int | None = None) -> Moment:
    return Moment(AS_OF + timedelta(days=as_of), AS_OF + timedelta(days=known_at), entry)


@settings(max_examples=4, deadline=None)
@given(seed=seeds, rows=st.integers(0, 90), as_of=days, known_at=days)
@example(seed=1, rows=150, as_of=0, known_at=0)
@example(seed=2, rows=40, as_of=-40, known_at=30)
@example(seed=3, rows=0, as_of=0, known_at=0)
def test_every_record_equals_the_oracle(seed: int, rows: int, as_of: int, known_at: int) -> None:
    tables, moment = tellings(seed, rows), shifted(as_of, known_at)
    for quality in quality_of(tables, moment):
        assert quality == Oracle(tables, quality.enterprise, moment, TERMS).quality()


@pytest.mark.long
@settings(max_examples=2, deadline=None)
@given(seed=seeds, known_at=days, as_of=days)
def test_nothing_recorded_later_changes_quality_as_known_before(
    seed: int, as_of: int, known_at: int
) -> None:
    tables, moment = tellings(seed, 120), shifted(as_of, known_at)
    earlier = {
        name: [row for row in rows if row["recorded_at"] <= moment.known_at]  # type: ignore[operator]
        for name, rows in tables.items()
    }
    assert lines_of(tables, moment) == lines_of(earlier, moment)


@settings(max_examples=2, deadline=None)
@given(seed=seeds, entry=st.integers(0, 120))
def test_nothing_landed_later_changes_quality_as_of_an_entry(seed: int, entry: int) -> None:
    tables = tellings(seed, 120)
    earlier = {
        name: [row for row in rows if row["entry"] <= entry]  # type: ignore[operator]
        for name, rows in tables.items()
    }
    assert lines_of(tables, shifted(0, 30, entry)) == lines_of(earlier, shifted(0, 30))


@pytest.mark.long
def test_what_is_known_later_does_change_quality_as_known_later() -> None:
    tables = tellings(5, 150)
    assert lines_of(tables, shifted(-30, -30)) != lines_of(tables, shifted(-30, 0))
    assert lines_of(tables, shifted(-30, 0)) != lines_of(tables, shifted(0, 0))


def test_one_thread_and_two_give_the_same_bytes() -> None:
    tables = tellings(7, 2000)
    assert lines_of(tables, threads=1) == lines_of(tables, threads=2)


def test_the_order_of_rows_does_not_matter() -> None:
    tables = tellings(7, 300)
    assert lines_of(tables) == lines_of({name: rows[::-1] for name, rows in tables.items()})


@settings(max_examples=2, deadline=None)
@given(seed=seeds, as_of=days)
def test_a_folder_has_the_quality_of_a_lake_of_one_source(seed: int, as_of: int) -> None:
    tables = market(seed, 150, AS_OF)
    firms: list[Row] = [{"enterprise": f, "name": f} for f in LISTED]
    told = {
        n: [r | FOLDER | {"entry": i} for i, r in enumerate(rows)] for n, rows in tables.items()
    }
    moment = shifted(as_of, as_of)
    with connect(tables | {"enterprises": firms}) as folder:
        found = read_quality(folder, moment, TERMS)
    assert [*map(without_firms, found)] == [*map(without_firms, quality_of(told, moment))]


FOLDER = {"source": "folder", "assurance": "self-declared", "revision": False}


def without_firms(quality: Quality) -> Quality:
    """The quality without that of the list of firms, which has no source in a test's tables."""
    return replace(
        quality,
        filled=tuple(item for item in quality.filled if item.contract != "enterprises"),
        accuracy=tuple(item for item in quality.accuracy if item.contract != "enterprises"),
    )


def test_every_listed_firm_has_a_record_and_nothing_is_said_of_one_without_rows() -> None:
    found = quality_of(tellings(1, 60))
    assert [quality.enterprise for quality in found] == sorted(LISTED)
    said = {name: value for name, value in quality_table(found[-1]).items() if value == []}
    assert len(said) == len(quality_table(found[-1])) - 2


def test_the_table_of_a_record_is_plain_json() -> None:
    table = quality_table(quality_of(tellings(1, 150))[0])
    assert json.loads(canonical_json(table)) == json.loads(json.dumps(table))
    assert (table["as_of"], table["known_at"]) == ("2024-09-30T23:59:59.999999Z",) * 2
    assert {len(table[name]) > 0 for name in table if name not in ("as_of", "known_at")} == {True}


def test_sources_that_feed_each_other_are_refused() -> None:
    circle = replace(TERMS, fed_by={"copy": "erp", "erp": "copy"})
    with lake(tellings(1, 60)) as connection, pytest.raises(InputProblem) as refusal:
        read_quality(connection, NOW, circle)
    assert str(refusal.value) == (
        "error: copy: Sources feed each other in a circle: copy <- erp <- copy. "
        "Say who told it first."
    )


def test_who_feeds_a_source_counts_from_when_its_feeder_was_known() -> None:
    """Else a first row of the feeder, told later, would change what was known before."""
    copies = [row | {"order_no": "1"} for row in tellings(1, 60)["orders"][:1]]
    early = copies[0] | {"source": "copy", "assurance": "counterparty-confirmed", "entry": 1}
    other = early | {"source": "books", "assurance": "self-declared", "entry": 2, "revision": True}
    late = early | {
        "source": "erp", "assurance": "self-declared", "entry": 3, "order_no": "2",
        "recorded_at": AS_OF + timedelta(days=1),
    }  # fmt: skip
    before = lines_of({"orders": [early, other]}, shifted(30, 0))
    assert lines_of({"orders": [early, other, late]}, shifted(30, 0)) == before
    assert lines_of({"orders": [early, other, late]}, shifted(30, 2)) != before
