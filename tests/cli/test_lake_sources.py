"""`tradeline lake pull`: what is said of each source, and what the exit code tells."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lake.lakes import HEADER, answers, order_line
from tradeline.cli import lake_sources
from tradeline.cli.main import main
from tradeline.lake.store import open_lake

MAPPING: dict[str, Any] = {
    "file": "*.csv",
    "contract": "orders",
    "columns": {name: name for name in HEADER.split(",")},
}
SHARED: dict[str, Any] = {
    "kind": "folder",
    "quiet": "0 seconds",
    "assurance": "platform-observed",
    "every": "1 day",
    "mapping": [MAPPING],
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake, two folders that are sources, and the file that declares them and a push."""
    monkeypatch.chdir(tmp_path)
    main(["lake", "init", "lake"])
    for name in ("shop", "bank"):
        (tmp_path / name).mkdir()
        write(name, [(name, "1", 10, 1, 1)])
    pushed = {"kind": "push", "token": "$TILLS", "assurance": "self-declared", "every": "1 hour"}
    tills = pushed | {"mapping": [MAPPING | {"file": "orders"}]}
    folders = {name: SHARED | {"where": name} for name in ("shop", "bank")}
    sources = {"sources": folders | {"tills": tills}}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump(sources, sort_keys=False), "utf-8")
    return tmp_path


def write(folder: str, orders: list[tuple[str, str, int, int, int]], more: str = "") -> None:
    text = "\n".join([HEADER, *map(order_line, orders), more])
    Path(folder, "orders.csv").write_text(text, encoding="utf-8")


def pull(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = main(["lake", "pull", "lake", "sources.yaml", *words])
    said = capsys.readouterr()
    return code, (said.out + (said.err if code == 2 else "")).splitlines()


def test_each_source_is_pulled_and_its_promise_looked_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    late = "Its last record is of 2024-01-02 00:00 UTC; it promises one every day. Ask whoever"
    assert pull(capsys) == (
        0,
        [
            "shop: 1 batch, 1 new, 0 revisions, 0 told before, 0 refused.",
            f"warning: shop: {late} sends it.",
            "bank: 1 batch, 1 new, 0 revisions, 0 told before, 0 refused.",
            f"warning: bank: {late} sends it.",
            "tills: is pushed; `tradeline lake serve` receives it.",
        ],
    )
    assert pull(capsys)[1][0] == "shop: nothing new."


def test_a_promise_that_is_kept_is_not_warned_of(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    path = place / "sources.yaml"
    path.write_text(path.read_text("utf-8").replace("1 day", "9999 weeks"), encoding="utf-8")
    assert not any("promises" in line for line in pull(capsys)[1])


def test_refused_rows_are_said_by_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    write("shop", [("shop", "1", 10, 1, 1)], "no row")
    code, lines = pull(capsys)
    assert code == 1
    assert lines[0] == (
        "shop: error: orders.csv row 3: 1 row refused for orders: The row has 1 values, the header "
        "names 7 columns. Mend the rows or the mapping; refused rows can be written to a file."
    )
    assert lines[1] == "shop: 1 batch, 1 new, 0 revisions, 0 told before, 1 refused."
    assert pull(capsys)[0] == 0


def test_one_broken_source_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    (place / "shop" / "orders.csv").unlink()
    (place / "shop").rmdir()
    code, lines = pull(capsys)
    assert code == 3
    assert lines[0] == ("error: shop: The folder does not exist. Check `where` and its name.")
    assert lines[1] == "shop: nothing new, and broken off."
    assert lines[2] == "bank: 1 batch, 1 new, 0 revisions, 0 told before, 0 refused."
    assert answers(place / "lake") == [("bank", "1", 10)]


def test_only_the_named_sources_are_pulled(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    pull(capsys, "--only", "bank")
    assert answers(place / "lake") == [("bank", "1", 10)]
    code, lines = pull(capsys, "--only", "bnak")
    assert (code, lines) == (
        2,
        ["error: --only: There is no source 'bnak'. The file has shop, bank, tills."],
    )


def test_a_dry_run_lands_nothing(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    write("bank", [("bank", "1", 10, 1, 1)], "no row")
    code, lines = pull(capsys, "--dry-run")
    assert code == 1
    assert lines[0] == "shop: would land 1 batch, 1 rows accepted, 0 refused."
    assert lines[2] == "bank: would land 1 batch, 1 rows accepted, 1 refused."
    assert open_lake(place / "lake").entries == ()


def test_a_source_whose_assurance_changed_is_broken(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    pull(capsys)
    write("shop", [("shop", "2", 20, 2, 2)])
    path = place / "sources.yaml"
    text = path.read_text("utf-8").replace("platform-observed", "authority-verified", 1)
    path.write_text(text, encoding="utf-8")
    code, lines = pull(capsys)
    assert code == 3
    assert "and authority-verified is stated now. Give what is assured otherwise" in lines[0]


def test_a_wrong_file_of_sources_ends_with_code_2(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    (place / "sources.yaml").write_text("sources: {shop: {kind: ftp}}", encoding="utf-8")
    code, lines = pull(capsys)
    assert code == 2
    assert lines == [
        "error: sources.yaml: shop: `kind` is 'ftp'; it must be one of folder, bucket, database, "
        "dlt, push. See docs/guides/connect.md."
    ]


def test_a_folder_that_is_no_lake_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lake", "pull", "shop", "sources.yaml"]) == 2
    assert "shop: This folder is no lake." in capsys.readouterr().err


def test_serving_needs_a_token_and_a_source_that_is_pushed(
    capsys: pytest.CaptureFixture[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TILLS", raising=False)
    assert main(["lake", "serve", "lake", "sources.yaml"]) == 2
    assert "tills: The variable TILLS is not set." in capsys.readouterr().err
    (place / "sources.yaml").write_text(
        yaml.safe_dump({"sources": {"shop": SHARED | {"where": "shop"}}}), encoding="utf-8"
    )
    assert main(["lake", "serve", "lake", "sources.yaml"]) == 2
    assert (
        "The file declares no source of the kind push. Declare one, or use `tradeline lake pull`."
        in capsys.readouterr().err
    )


def test_periods_are_said_in_words() -> None:
    from datetime import timedelta

    said = [timedelta(days=1), timedelta(days=14), timedelta(minutes=90), timedelta(seconds=5)]
    assert [lake_sources._in_words(each) for each in said] == [
        "day", "14 days", "90 minutes", "5 seconds",
    ]  # fmt: skip


def test_no_secret_of_the_environment_is_said(
    capsys: pytest.CaptureFixture[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP", "postgresql://me:a-secret@127.0.0.1:1/shop")
    monkeypatch.setattr("time.sleep", lambda _: None)
    database = {"kind": "database", "where": "$SHOP", "follow": "changed", "overlap": 1}
    shared = {key: SHARED[key] for key in ("assurance", "every")}
    item = database | shared | {"mapping": [MAPPING | {"file": "orders"}]}
    (place / "sources.yaml").write_text(yaml.safe_dump({"sources": {"shop": item}}), "utf-8")
    if os.environ.get("CI") != "true":
        pytest.importorskip("psycopg")
    assert main(["lake", "pull", "lake", "sources.yaml"]) == 3
    said = capsys.readouterr()
    assert "It was tried 5 times. What came before is landed; run the command again" in said.out
    assert "Trying again in 8 s." in said.err
    assert "a-secret" not in said.out + said.err
