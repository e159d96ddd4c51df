"""What is written can be read, and nothing that is in the way is overwritten."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.risk.assessed import assessment
from tradeline.kernel.findings import InputProblem
from tradeline.risk import outputs
from tradeline.risk.outputs import (
    check_folder,
    option_entries,
    summary,
    write_outputs,
    write_table,
)


def test_a_table_keeps_its_types_even_when_it_is_empty(tmp_path: Path) -> None:
    columns = {
        "enterprise": np.array([], dtype=object),
        "amount_minor": np.array([], dtype=np.int64),
        "reasons": np.array([], dtype=object),
    }
    with duckdb.connect() as connection:
        write_table(connection, columns, tmp_path / "decisions")
        found = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?)", [str(tmp_path / "decisions.parquet")]
        ).fetchall()
    assert [(name, kind) for name, kind, *_ in found] == [
        ("enterprise", "VARCHAR"), ("amount_minor", "BIGINT"), ("reasons", "VARCHAR[]"),
    ]  # fmt: skip
    assert (tmp_path / "decisions.csv").read_text() == "enterprise,amount_minor,reasons\n"


@pytest.mark.parametrize("name", ["a/b", 'quote"d', "'; DROP TABLE written; --", "企业 🏭", "<b>"])
def test_any_identifier_passes_through_unharmed(tmp_path: Path, name: str) -> None:
    columns = {"enterprise": np.array([name], dtype=object), "pd": np.array([np.nan])}
    with duckdb.connect() as connection:
        write_table(connection, columns, tmp_path / "scores")
        query = "SELECT * FROM read_parquet(?)"
        rows = connection.execute(query, [str(tmp_path / "scores.parquet")]).fetchall()
    assert rows == [(name, None)]


RECORDS = Path("records")


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(InputProblem, match="The folder holds other things"):
        check_folder(tmp_path, RECORDS)


@pytest.mark.parametrize("place", ["out", "out/within"])
def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path, place: str) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputProblem, match="out: This is a file, no folder"):
        check_folder(tmp_path / place, RECORDS)


@pytest.mark.parametrize("place", [".", "results", "a/b"])
def test_results_do_not_lie_among_the_records(tmp_path: Path, place: str) -> None:
    with pytest.raises(InputProblem, match="The results would lie among the records"):
        check_folder(tmp_path / place, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_an_earlier_assessment_may_be_used_again(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[]")
    check_folder(tmp_path, RECORDS)


def test_what_a_stopped_assessment_left_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-x").mkdir()
    check_folder(tmp_path, RECORDS)


@pytest.mark.long
def test_the_folder_is_left_as_it_was_if_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs, "render_report", full)
    (tmp_path / "earlier").mkdir()
    (tmp_path / "earlier" / "manifest.json").write_text("[]")
    for place in ("earlier", "new/within"):
        with pytest.raises(InputProblem, match=r"written there \(No space left on device\)"):
            write_outputs(assessment(), tmp_path / place)
    assert [path.name for path in tmp_path.rglob("*")] == ["earlier", "manifest.json"]
    assert (tmp_path / "earlier" / "manifest.json").read_text() == "[]"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputProblem, match="The results cannot be written there"):
        write_outputs(assessment(), tmp_path / "file" / "out")


def test_the_options_are_named_without_any_place() -> None:
    mapping, options = option_entries(assessment())
    assert mapping.kind == "mapping"
    assert '"budget":20000000' in options.name
    assert str(assessment().request.folder) not in options.name


def test_the_summary_adds_up() -> None:
    rows, applicants, sums = summary(assessment()).splitlines()
    assert rows.endswith("refused (refused.csv says why).")
    assert applicants.startswith(f"{len(assessment().decisions):,} applicants as of ")
    assert sums.startswith("Offered CNY")
