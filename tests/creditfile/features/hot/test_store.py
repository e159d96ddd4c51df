"""A hot store is its lake in another form: grown or made anew, torn or whole, it says the same."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.merchant_features import FEATURES
from tests.creditfile.features.hot.lakes import as_told, tell, tellings
from tests.creditfile.features.tables import FIRMS, LISTED
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_for
from tradeline.creditfile.features.declaration import Feature, measures_of
from tradeline.creditfile.features.hot.answers import compute_stored, features_of
from tradeline.creditfile.features.hot.daily import (
    Standing,
    kept_standing,
    next_standing,
    stand,
    standing_of,
)
from tradeline.creditfile.features.hot.program import AGEING
from tradeline.creditfile.features.hot.store import PLAIN, HotStore, open_store, verify_store
from tradeline.creditfile.features.of_partners import PARTNERS
from tradeline.kernel.findings import InputProblem
from tradeline.lake.compaction import compact
from tradeline.lake.store import init_lake, open_lake, sweep

AS_OF = datetime(2020, 2, 29, 23, 59)  # noqa: DTZ001
EVERYBODY = tuple(dict.fromkeys((*FIRMS, *LISTED, "nobody")))
WANTED = [
    (firm, AS_OF - timedelta(days=days, hours=days % 24))
    for days in (-40, 0, 1, 31, 200, 500)
    for firm in EVERYBODY
]
SOME = PLAIN[::6]


@cache
def lake_of(seed: int = 1, rows: int = 40, batches: int = 3) -> Path:
    """A lake that tests only read."""
    root = Path(mkdtemp()) / "lake"
    init_lake(root)
    for number, (source, tables) in enumerate(tellings(seed, rows, AS_OF, batches)):
        tell(root, tables, f"b{number}", source)
    return root


def opened(lake: Path, store: Path | None = None) -> HotStore:
    return open_store(store or Path(mkdtemp()), open_lake(lake), PLAIN)


def values(store: HotStore) -> bytes:
    return compute_stored(store, WANTED, PLAIN).values.tobytes()


def by_name(store: HotStore, standing: Standing) -> bytes:
    """The values of a standing, by the names of its enterprises."""
    return standing.values[[store.places[name] for name in sorted(store.places)]].tobytes()


def files_of(root: Path) -> set[str]:
    """The files of a store that hold columns or names."""
    return {path.name for path in root.iterdir() if path.name[0].isdigit()}


@pytest.mark.long
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 99), rows=st.sampled_from((8, 40)), compacts=st.booleans())
def test_a_store_that_grew_says_what_one_made_anew_says(
    seed: int, rows: int, compacts: bool
) -> None:
    root = Path(mkdtemp()) / "lake"
    init_lake(root)
    for number, (source, tables) in enumerate(tellings(seed, rows, AS_OF, 4)):
        tell(root, tables, f"b{number}", source)
        if number == 2 and compacts:
            compact(root, lambda _: None)
            sweep(root, lambda _: None)
        grown = opened(root, root.parent / "hot")
    assert grown.manifest.entry == len(open_lake(root).entries)
    anew = opened(root)
    assert values(grown) == values(anew)
    assert values(opened(root, grown.root)) == values(anew)
    table = compute_stored(grown, WANTED, PLAIN)
    with as_told(root) as connection:
        expected = compute_for(connection, WANTED, PLAIN)
    assert np.allclose(table.values, expected.values, 1e-9, 1e-9, equal_nan=True)
    assert table.enterprises == expected.enterprises
    assert table.moments == expected.moments


@pytest.mark.parametrize("heavy", [0.1, 1e9])
def test_segments_are_merged_and_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, heavy: float
) -> None:
    monkeypatch.setattr("tradeline.creditfile.features.hot.store.MOST_SEGMENTS", 2)
    monkeypatch.setattr("tradeline.creditfile.features.hot.store.HEAVY", heavy)
    root = Path(mkdtemp()) / "lake"
    init_lake(root)
    for number, (source, tables) in enumerate(tellings(3, 60, AS_OF, 6)):
        tell(root, tables, f"b{number}", source)
        store = opened(root, root.parent / "hot")
        assert len(store.small) <= 2
    assert any("-merged" in file.path for file in store.manifest.files)
    assert files_of(store.root) == {file.path for file in store.manifest.files}
    assert values(store) == values(opened(root))


def test_a_store_that_is_up_to_date_is_not_written_again() -> None:
    lake = lake_of()
    first = opened(lake)
    assert opened(lake, first.root).manifest.text() == first.manifest.text()


@pytest.mark.parametrize("harm", ["gone", "short", "manifest", "altered manifest"])
def test_a_torn_store_is_made_anew(harm: str) -> None:
    lake = lake_of()
    store = opened(lake)
    before = values(store)
    column = next(store.root.glob("*.rows"))
    manifest = store.root / "manifest.json"
    if harm == "gone":
        column.unlink()
    elif harm == "short":
        column.write_bytes(column.read_bytes()[:-8])
    elif harm == "manifest":
        manifest.write_bytes(manifest.read_bytes()[:-20])
    else:
        manifest.write_text(manifest.read_text("utf-8").replace('"entry":3', '"entry":2'), "utf-8")
    again = opened(lake, store.root)
    assert verify_store(again.root)
    assert values(again) == before
    assert files_of(store.root) == {file.path for file in again.manifest.files}


def test_altered_columns_are_found_by_their_hash() -> None:
    store = opened(lake_of())
    assert verify_store(store.root)
    column = next(store.root.glob("*.rows"))
    content = bytearray(column.read_bytes())
    content[-1] ^= 1
    column.write_bytes(content)
    assert not verify_store(store.root)


def test_the_store_of_another_lake_is_not_believed() -> None:
    one, other = lake_of(1), lake_of(2)
    store = opened(one)
    told = opened(other, store.root)
    assert values(told) == values(opened(other))


def test_a_store_for_other_features_is_made_anew() -> None:
    lake = lake_of()
    root = Path(mkdtemp())
    few = open_store(root, open_lake(lake), SOME[:1])
    with pytest.raises(InputProblem, match="The store was made for other features"):
        compute_stored(few, WANTED, PLAIN)
    assert values(open_store(root, open_lake(lake), PLAIN)) == values(opened(lake))


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(InputProblem, match=r"needs a folder of its own; this one holds letters"):
        open_store(tmp_path, open_lake(lake_of(rows=4)), SOME)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_one_enterprise_on_line_has_the_bytes_of_the_batch() -> None:
    lake = lake_of(4, 60, 3)
    store = opened(lake)
    batch = compute_stored(store, WANTED, PLAIN, threads=2).values
    alone = [features_of(store, firm, moment, PLAIN) for firm, moment in WANTED]
    assert np.array(alone).tobytes() == batch.tobytes()


@pytest.mark.long
@pytest.mark.parametrize("asked", [PLAIN, FEATURES], ids=["all history", "windows that end"])
@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 99), start=st.integers(0, 300))
def test_features_from_day_to_day_are_those_computed_from_scratch(
    asked: tuple[Feature, ...], seed: int, start: int
) -> None:
    root = Path(mkdtemp()) / "lake"
    init_lake(root)
    told = tellings(seed, 60, AS_OF, 5)
    tell(root, told[0][1], "b0", told[0][0])
    store = open_store(root.parent / "hot", open_lake(root), asked)
    moment = AS_OF - timedelta(days=start)
    stand(store, moment, asked)
    for number in range(1, 13):
        if number < len(told):
            tell(root, told[number][1], f"b{number}", told[number][0])
            store = open_store(store.root, open_lake(root), asked)
        moment += timedelta(days=1, hours=number % 3)
        standing = stand(store, moment, asked)
        assert by_name(store, standing) == by_name(store, standing_of(store, moment, asked))
        wanted = [(firm, moment) for firm in sorted(store.places)]
        assert by_name(store, standing) == compute_stored(store, wanted, asked).values.tobytes()
    anew = open_store(Path(mkdtemp()), open_lake(root), asked)
    assert by_name(anew, standing_of(anew, moment, asked)) == by_name(store, standing)


def test_a_firm_of_which_nothing_changes_is_not_computed_again() -> None:
    store = opened(lake_of(rows=10))
    steady = tuple(
        feature
        for feature in PLAIN
        if not any(isinstance(measure, AGEING) for measure in measures_of(feature.expression))
    )
    far = AS_OF + timedelta(days=3000)
    before = standing_of(store, far, steady)
    after = next_standing(store, before, far + timedelta(days=1))
    assert (before.computed, after.computed) == (len(store.places), 0)
    assert after.values.tobytes() == before.values.tobytes()


def test_a_day_before_is_refused() -> None:
    store = opened(lake_of(rows=4))
    standing = standing_of(store, AS_OF, SOME)
    with pytest.raises(InputProblem, match="is not after 2020-02-29 23:59:00, from which"):
        next_standing(store, standing, AS_OF)


def test_a_standing_is_kept_with_its_store_for_its_features_alone() -> None:
    store = opened(lake_of(rows=10))
    assert kept_standing(store, SOME) is None
    stand(store, AS_OF, SOME)
    kept = kept_standing(store, SOME)
    assert kept
    assert kept.as_of == AS_OF
    assert kept_standing(store, SOME[1:]) is None
    later = AS_OF + timedelta(days=2)
    assert by_name(store, stand(store, later, SOME)) == by_name(
        store, standing_of(store, later, SOME)
    )
    (store.root / "standing.npz").write_bytes(b"torn")
    assert kept_standing(store, SOME) is None


def test_the_standing_of_another_lake_is_not_believed() -> None:
    store = opened(lake_of(1))
    stand(store, AS_OF, SOME)
    assert kept_standing(opened(lake_of(2), store.root), SOME) is None


def test_features_of_partners_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    init_lake(root)
    with pytest.raises(InputProblem) as refusal:
        open_store(tmp_path / "store", open_lake(root), PARTNERS)
    assert str(refusal.value) == (
        "error: buyers_known_share_12m: It asks of partners, and a hot store keeps no names of"
        " them. Leave it out, and compute it from the lake."
    )
    store = opened(lake_of(rows=4))
    with pytest.raises(InputProblem, match="a hot store keeps no names of them"):
        features_of(store, "E1", AS_OF, PARTNERS)


def test_features_of_persons_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    init_lake(root)
    with pytest.raises(InputProblem) as refusal:
        open_store(tmp_path / "store", open_lake(root), CATALOGUE)
    assert str(refusal.value) == (
        "error: bank_payer_hhi_12m: It reads personal values, which a hot store does not keep."
        " Leave it out, and compute it from the lake."
    )
