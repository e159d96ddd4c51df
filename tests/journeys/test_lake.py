"""`tradeline lake`: days are landed, shown, checked, compacted, and give what a folder gives."""

import shutil
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import numpy as np
import pytest

from tests.creditfile.quality.tellings import TERMS
from tests.journeys.market import AS_OF, market
from tradeline.cli.lake import ASSURANCES
from tradeline.cli.main import main
from tradeline.creditfile.credit_file import read_credit_files
from tradeline.creditfile.features.compute import compute_features
from tradeline.lake.landing import land
from tradeline.lake.recognition import folder_proposal
from tradeline.lake.records import Assurance
from tradeline.lake.store import open_lake

NOW = datetime.fromisoformat(f"{AS_OF}T23:59:59")
CUTS = ("2024-01-01", "2024-07-01", "9999-01-01")
SHOP = ("--source", "shop", "--assurance", "platform-observed")


@cache
def days() -> tuple[Path, ...]:
    """The market in three folders, by when rows were recorded; undated files are in each."""
    folders = []
    since = "0001-01-01"
    for until in CUTS:
        folder = Path(mkdtemp()) / f"until-{until}"
        folder.mkdir()
        for path in sorted(market().glob("*.csv")):
            shutil.copy(path, folder)
        for path in sorted(market().glob("*.parquet")):
            duckdb.connect().execute(
                f"COPY (SELECT * FROM read_parquet('{path}') WHERE recorded_at >= '{since}' "
                f"AND recorded_at < '{until}') TO '{folder / path.name}' (FORMAT parquet)"
            )
        folders.append(folder)
        since = until
    return tuple(folders)


@cache
def filled() -> Path:
    """A lake in which the three folders were landed; tests read it and never write into it."""
    root = Path(mkdtemp()) / "lake"
    assert main(["lake", "init", str(root)]) == 0
    for folder in days():
        assert main(["lake", "land", str(root), str(folder), *SHOP]) == 0
    return root


def copied(tmp_path: Path) -> Path:
    """A lake of one's own with the three folders."""
    for keys in filled().parent.glob("lake.key*"):
        shutil.copy(keys, tmp_path)
    return Path(shutil.copytree(filled(), tmp_path / "lake"))


def landed_market() -> duckdb.DuckDBPyConnection:
    mapping = folder_proposal(market(), None, "CNY", lambda _: None).mapping
    return land(duckdb.connect(), market(), mapping, lambda _: None).connection


def assert_equal_to_the_folder(root: Path) -> None:
    folder, lake = landed_market(), open_lake(root).connect(NOW, NOW)
    files = read_credit_files(lake, NOW, TERMS), read_credit_files(folder, NOW, TERMS)
    for one, other in zip(*files, strict=True):
        assert replace(one, quality=other.quality) == other
        # The lake was told by a source that has a name.
        assert one.quality.rhythms == other.quality.rhythms
        assert one.quality.reconciliations == other.quality.reconciliations
    expected, found = compute_features(folder, NOW), compute_features(lake, NOW)
    assert found.enterprises == expected.enterprises
    assert np.array_equal(found.values, expected.values, equal_nan=True)
    assert not np.isnan(found.values).all()


@pytest.mark.long
def test_three_days_in_a_lake_give_the_features_and_files_of_one_folder() -> None:
    assert len(open_lake(filled()).entries) == 3
    assert_equal_to_the_folder(filled())


@pytest.mark.long
def test_earlier_features_from_all_days_are_those_of_the_first_day(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    then = datetime.fromisoformat("2023-12-31T23:59:59")
    land_first = ["lake", "land", str(root), str(days()[0]), *SHOP]
    assert main(["lake", "init", str(root)]) == 0
    assert main([*land_first, "--learned-at", "2020-01-01"]) == 0
    expected = compute_features(open_lake(root).connect(then, then), then)
    for folder in days()[1:]:
        assert main(["lake", "land", str(root), str(folder), *SHOP]) == 0
    found = compute_features(open_lake(root).connect(then, then), then)
    assert len(found.enterprises) > 0
    assert found.enterprises == expected.enterprises
    assert np.array_equal(found.values, expected.values, equal_nan=True)


@pytest.mark.long
def test_compaction_and_sweeping_change_no_feature(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = copied(tmp_path)
    before = len(open_lake(root).files)
    assert main(["lake", "compact", str(root)]) == 0
    after = len(open_lake(root).files)
    assert after < before
    assert "Entry 4 merges " in capsys.readouterr().out
    assert main(["lake", "sweep", str(root)]) == 0
    assert "files are gone" in capsys.readouterr().out
    assert main(["lake", "verify", str(root)]) == 0
    assert capsys.readouterr().out.startswith(f"The lake is whole: 4 entries, {after} files, ")
    assert_equal_to_the_folder(root)
    assert main(["lake", "compact", str(root)]) == 0
    assert "There is nothing to merge." in capsys.readouterr().out


def test_an_empty_lake_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "lake"
    assert main(["lake", "init", str(root)]) == 0
    assert main(["lake", "show", str(root)]) == 0
    assert capsys.readouterr().out == (
        f"{root} is an empty lake.\n"
        f"Its keys are {root}.key and lake.key.subjects: back them up apart from the lake. Without "
        "them names cannot be read; a copy of them undoes erasures.\n"
        f"{root}: 0 entries, 0 files, 0.0 MB\n"
        "The lake holds nothing yet. `tradeline lake land LAKE FOLDER --source NAME "
        "--assurance LEVEL` lands a folder.\n"
    )


def test_show_tells_contracts_batches_and_both_clocks(capsys: pytest.CaptureFixture[str]) -> None:
    filled()
    capsys.readouterr()
    assert main(["lake", "show", str(filled())]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = landed_market().execute(
        "SELECT count(*), min(occurred_at)::DATE, max(occurred_at)::DATE, "
        "min(recorded_at)::DATE, max(recorded_at)::DATE FROM sales_invoices"
    )
    count, *days_ = rows.fetchall()[0]
    (sales,) = (line.split() for line in lines if line.startswith("sales_invoices"))
    occurred, recorded = f"{days_[0]} to {days_[1]}", f"{days_[2]} to {days_[3]}"
    assert " ".join(sales) == f"sales_invoices {count:,} 0 {occurred} {recorded}"
    assert sum(line.endswith(", shop, platform-observed") for line in lines) == 3


def test_landing_again_says_that_nothing_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = copied(tmp_path)
    assert main(["lake", "land", str(root), str(days()[1]), *SHOP]) == 0
    said = capsys.readouterr().out
    assert "was landed before, as entry 2; nothing changed." in said
    assert len(open_lake(root).entries) == 3


def test_refused_rows_give_code_1_and_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, folder = tmp_path / "lake", tmp_path / "folder"
    folder.mkdir()
    (folder / "firms.csv").write_text("enterprise,name\nE1,x\n,y", encoding="utf-8")
    assert main(["lake", "init", str(root)]) == 0
    words = ["lake", "land", str(root), str(folder), *SHOP, "--learned-at", "2024-12-31"]
    assert main([*words, "--batch", "firms"]) == 1
    said = capsys.readouterr().out
    assert "firms.csv row 3: 1 row refused" in said
    assert "Batch firms is landed as entry 1." in said
    assert "enterprises: 1 new, 0 revisions, 0 told before" in said
    assert "refused: 1, kept with their reasons" in said


def test_a_broken_lake_gives_code_1_and_the_first_bad_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = copied(tmp_path)
    file = open_lake(root).files[0]
    (root / file.path).unlink()
    assert main(["lake", "verify", str(root)]) == 1
    assert f"error: {file.path}: The file is missing." in capsys.readouterr().out


@pytest.mark.parametrize("action", ["show", "verify", "compact", "sweep"])
def test_a_folder_that_is_no_lake_gives_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    assert main(["lake", action, str(tmp_path / "none")]) == 2
    assert "This folder is no lake." in capsys.readouterr().err


def test_a_moment_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = copied(tmp_path)
    words = ["lake", "land", str(root), str(days()[0]), *SHOP, "--learned-at", "soon"]
    assert main(words) == 2
    assert "'soon' is no moment. Write it like 2024-12-31" in capsys.readouterr().err


def test_every_action_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("init", "land", "show", "verify", "compact", "sweep"):
        with pytest.raises(SystemExit):
            main(["lake", action, "--help"])
        assert f"  tradeline lake {action} lake" in capsys.readouterr().out


def test_the_command_offers_every_assurance_there_is() -> None:
    assert tuple(Assurance) == ASSURANCES
