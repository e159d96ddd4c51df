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

from tests.lake.persons import forget, tell
from tradeline.creditfile.credit_file import read_credit_files
from tradeline.creditfile.feature_catalogue import CATALOGUE
from tradeline.creditfile.feature_spec import measures_of
from tradeline.creditfile.feature_sql import reads_personal
from tradeline.creditfile.features import compute_features
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


def test_a_file_whose_name_was_erased_says_so_and_keeps_the_rest(tmp_path: Path) -> None:
    root = copied(tmp_path)
    tell(root, "b", enterprises=[{"enterprise": "X", "name": "Zhang San Textiles"}])
    before = read_credit_files(read(root), NOW)
    first = before[0].enterprise
    forget(root, first, "X")
    with pytest.raises(InputProblem, match="A value is erased"):
        read_credit_files(read(root), NOW)
    after = read_credit_files(read(root, show_erased=True), NOW)
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
