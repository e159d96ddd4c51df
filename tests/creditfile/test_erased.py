"""Features and files after an erasure: exact where nothing personal is read, else `erased`."""

import shutil
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.creditfile.quality.tellings import TERMS
from tests.lake.persons import forget, tell
from tradeline.creditfile.credit_file import read_credit_files
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_features, compute_for
from tradeline.creditfile.features.declaration import measures_of
from tradeline.creditfile.features.from_lake import write_features
from tradeline.creditfile.features.persons import reads_personal
from tradeline.kernel.findings import InputProblem
from tradeline.lake.folders import land_folder
from tradeline.lake.recognition import folder_proposal
from tradeline.lake.records import Assurance
from tradeline.lake.store import init_lake, open_lake
from tradeline.world.settings import WorldSettings
from tradeline.world.writing import write_world

FIRMS = 12
NOW = datetime.fromisoformat("2024-12-31T23:59:59")
PERSONAL = tuple(f for f in CATALOGUE if any(reads_personal(m) for m in measures_of(f.expression)))
OTHERS = tuple(feature for feature in CATALOGUE if feature not in PERSONAL)
CONTRACTS = ("enterprises", "sales_invoices", "bank_transactions")


@cache
def filled() -> Path:
    """A lake of a small market; tests copy it."""
    base = Path(mkdtemp())
    settings = WorldSettings(enterprises=FIRMS, seed=3, months=14, default_rate=0.2)
    write_world(settings, base / "market", lambda _: None)
    for path in (base / "market").glob("*.*"):
        if path.stem not in CONTRACTS:
            path.unlink()
    init_lake(base / "lake")
    mapping = folder_proposal(base / "market", None, "CNY", lambda _: None).mapping
    who = ("shop", Assurance.PLATFORM_OBSERVED)
    land_folder(base / "lake", base / "market", mapping, *who, lambda _: None)
    return base / "lake"


def copied(folder: Path) -> Path:
    for keys in filled().parent.glob("lake.key*"):
        shutil.copy(keys, folder)
    return Path(shutil.copytree(filled(), folder / "lake"))


def read(root: Path, show_erased: bool = False) -> duckdb.DuckDBPyConnection:
    return open_lake(root).connect(NOW, NOW, show_erased=show_erased)


@cache
def firms() -> tuple[str, ...]:
    return compute_features(read(filled()), NOW, OTHERS).enterprises


@cache
def banked() -> frozenset[str]:
    rows = read(filled()).execute("SELECT DISTINCT enterprise FROM bank_transactions").fetchall()
    return frozenset(firm for (firm,) in rows)


def test_features_of_payers_read_personal_values_and_no_others_do() -> None:
    assert [feature.name for feature in PERSONAL] == [
        "bank_payer_hhi_12m", "largest_payer_share_12m",
    ]  # fmt: skip


@pytest.mark.long
@settings(max_examples=3, deadline=None)
@given(gone=st.sets(st.integers(0, FIRMS - 1), min_size=1))
def test_erasure_changes_no_feature_that_reads_no_personal_value(
    tmp_path_factory: pytest.TempPathFactory, gone: set[int]
) -> None:
    root = copied(tmp_path_factory.mktemp("erased"))
    before = compute_features(read(root), NOW)
    assert not np.isnan(before.column(PERSONAL[0].name)).all()
    erased = {firms()[number] for number in gone}
    forget(root, *sorted(erased))
    after = compute_features(read(root), NOW, OTHERS)
    expected = np.column_stack([before.column(feature.name) for feature in OTHERS])
    assert after.values.tobytes() == expected.tobytes()
    assert after.erased == frozenset()
    shown = compute_features(read(root, show_erased=True), NOW)
    told = erased & banked()
    assert shown.erased == {(firm, feature.name) for firm in told for feature in PERSONAL}
    for row, firm in enumerate(shown.enterprises):
        for column, name in enumerate(shown.names):
            value, old = shown.values[row, column], before.values[row, column]
            missing = (firm, name) in shown.erased
            assert np.isnan(value) if missing else np.array_equal(value, old, equal_nan=True)


def test_features_that_read_no_personal_value_need_no_keys(tmp_path: Path) -> None:
    root = copied(tmp_path)
    for keys in tmp_path.glob("lake.key*"):
        keys.unlink()
    expected = compute_features(read(filled()), NOW, OTHERS)
    assert compute_features(read(root), NOW, OTHERS).values.tobytes() == expected.values.tobytes()
    with pytest.raises(InputProblem, match="The file of keys cannot be read"):
        compute_features(read(root), NOW, PERSONAL)


def test_a_feature_that_needs_what_was_erased_says_so(tmp_path: Path) -> None:
    root = copied(tmp_path)
    forget(root, min(banked()))
    with pytest.raises(InputProblem) as caught:
        compute_features(read(root), NOW)
    assert str(caught.value).startswith(
        "error: bank_transactions.counterparty: A value is erased: the key of its subject "
    )


def test_the_history_opens_no_more_than_a_moment_does(tmp_path: Path) -> None:
    root = copied(tmp_path)
    firm = min(banked())
    before = compute_for(open_lake(root).history(), [(firm, NOW)])
    forget(root, firm)
    with pytest.raises(InputProblem, match="A value is erased"):
        compute_for(open_lake(root).history(), [(firm, NOW)])
    shown = compute_for(open_lake(root).history(show_erased=True), [(firm, NOW)])
    assert shown.erased == {(firm, feature.name) for feature in PERSONAL}
    for feature in CATALOGUE:
        new, old = shown.column(feature.name), before.column(feature.name)
        missing = feature in PERSONAL
        assert np.isnan(new).all() if missing else np.array_equal(new, old, equal_nan=True)
    query = "SELECT DISTINCT counterparty, erased FROM bank_transactions WHERE enterprise = ?"
    history = open_lake(root).history(only=["bank_transactions"], show_erased=True)
    assert history.execute(query, [firm]).fetchall() == [(None, True)]
    hidden = open_lake(root).history(only=["bank_transactions"])
    with pytest.raises(duckdb.Error, match="A value is erased"):
        hidden.execute(query, [firm]).fetchall()


def test_the_history_needs_keys_for_personal_values_only(tmp_path: Path) -> None:
    root = copied(tmp_path)
    for keys in tmp_path.glob("lake.key*"):
        keys.unlink()
    history = open_lake(root).history()
    assert compute_for(history, [(min(banked()), NOW)], OTHERS).values.size
    with pytest.raises(duckdb.Error, match="The file of keys cannot be read"):
        history.execute("SELECT counterparty FROM bank_transactions").fetchall()


def test_features_written_from_a_lake_stop_at_what_was_erased_and_else_stay(
    tmp_path: Path,
) -> None:
    root = copied(tmp_path)
    applied = tmp_path / "applications.parquet"
    duckdb.execute(
        f"COPY (SELECT unnest($firms) AS enterprise, $now AS as_of) TO '{applied}'",
        {"firms": list(firms()), "now": NOW},
    )
    before, after = tmp_path / "before.parquet", tmp_path / "after.parquet"
    write_features(open_lake(root), applied, before, OTHERS)
    forget(root, min(banked()))
    write_features(open_lake(root), applied, after, OTHERS)
    assert after.read_bytes() == before.read_bytes()
    with pytest.raises(InputProblem, match="A value is erased") as caught:
        write_features(open_lake(root), applied, after, PERSONAL)
    assert str(caught.value).endswith(
        " Leave out the features that read personal values; or compute them by `compute_for` from"
        " `lake.history(show_erased=True)`, which says of whom they are erased."
    )


def test_a_file_whose_name_was_erased_says_so_and_keeps_the_rest(tmp_path: Path) -> None:
    root = copied(tmp_path)
    tell(root, "b", enterprises=[{"enterprise": "X", "name": "Zhang San Textiles"}])
    before = read_credit_files(read(root), NOW, TERMS)
    first = before[0].enterprise
    forget(root, first, "X")
    with pytest.raises(InputProblem, match="A value is erased"):
        read_credit_files(read(root), NOW, TERMS)
    after = read_credit_files(read(root, show_erased=True), NOW, TERMS)
    assert [file.enterprise for file in after] == [file.enterprise for file in before]
    for old, new in zip(before, after, strict=True):
        assert (new.months, new.buyers, new.datasets) == (old.months, old.buyers, old.datasets)
        if old.enterprise not in (first, "X"):
            assert new == old
    (erased,) = (file for file in after if file.enterprise == "X")
    assert (erased.name, erased.industry.basis) == ("erased", "erased")
    assert [flag.code for flag in erased.flags] == ["erased", "no-records"]
    assert erased.flags[0].line() == (
        "note: X: Names were erased: what they told, this file does not know."
    )
