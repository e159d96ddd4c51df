"""The file of sources: what is read, and what is said of everything that is wrong with one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lake.lakes import HEADER, new_lake
from tradeline.kernel.findings import InputProblem
from tradeline.lake.records import Assurance
from tradeline.lake.sources.building import build_door, build_source
from tradeline.lake.sources.config import SourceConfig, read_sources
from tradeline.lake.sources.copying import Bounds
from tradeline.lake.sources.database import Connect
from tradeline.lake.sources.pulling import preview_source

MAPPING = {
    "file": "orders",
    "contract": "orders",
    "columns": {name: name for name in HEADER.split(",")},
}
SHARED: dict[str, Any] = {
    "assurance": "platform-observed",
    "every": "1 day",
    "mapping": [MAPPING],
}
FOLDER = SHARED | {"kind": "folder", "where": "incoming"}
DATABASE = SHARED | {
    "kind": "database", "where": "$SHOP", "follow": "changed_at", "overlap": "10 minutes"
}  # fmt: skip
BUCKET = SHARED | {"kind": "bucket", "where": "s3://shop/in"}
DLT = SHARED | {"kind": "dlt", "where": "shop.py"}
PUSH = SHARED | {"kind": "push", "token": "$TOKEN"}
END = " See docs/guides/connect.md."


def write(folder: Path, content: object) -> Path:
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def declared(folder: Path, item: object, name: str = "shop") -> SourceConfig:
    (config,) = read_sources(write(folder, {"sources": {name: item}}))
    return config


def test_each_kind_is_read(tmp_path: Path) -> None:
    kinds = {"a": FOLDER, "b": BUCKET, "c": DATABASE, "d": DLT, "e": PUSH}
    configs = read_sources(write(tmp_path, {"currency": "EUR", "sources": kinds}))
    assert [config.kind for config in configs] == ["folder", "bucket", "database", "dlt", "push"]
    assert {config.mapping.currency for config in configs} == {"EUR"}
    assert {config.assurance for config in configs} == {Assurance.PLATFORM_OBSERVED}
    assert configs[0].where == str(tmp_path / "incoming")
    assert configs[2].overlap == timedelta(minutes=10)
    assert configs[4].token == "$TOKEN"


def test_what_may_be_left_out_is_read_where_it_stands(tmp_path: Path) -> None:
    bounds = {"ratio": 9}
    more = {"quiet": "2 minutes", "bounds": bounds, "learned_at": "2024-12-31T08:00:00+08:00"}
    config = declared(tmp_path, FOLDER | more)
    assert config.quiet == timedelta(minutes=2)
    assert config.bounds == Bounds(ratio=9)
    assert config.learned_at == datetime(2024, 12, 31)  # noqa: DTZ001
    assert declared(tmp_path, DATABASE | {"overlap": 1000, "rows": 10}).overlap == 1000


def test_a_mapping_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    own = {"currency": "EUR", "sources": [MAPPING]}
    (tmp_path / "orders.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    assert declared(tmp_path, FOLDER | {"mapping": "orders.yaml"}).mapping.currency == "EUR"


WRONG: dict[str, tuple[object, str]] = {
    "no-table": ([], "The file needs a table `sources`, each source under its name."),
    "no-sources": ({"source": {}}, "The file needs a table `sources`, each source under its name."),
    "empty": ({"sources": {}}, "The table `sources` is empty, so nothing would be pulled."),
    "top-key": (
        {"sources": {"shop": FOLDER}, "source": 1},
        "Unknown key 'source'; known are currency, sources.",
    ),
    "currency": (
        {"sources": {"shop": FOLDER}, "currency": "RMB"},
        "`currency` is 'RMB'; it must be an ISO 4217 code such as CNY.",
    ),
    "name": (
        {"sources": {"My Shop": FOLDER}},
        "'My Shop' is no name for a source; write small letters, digits, - and _.",
    ),
    "no-item": ({"sources": {"shop": None}}, "shop: it must be a table of keys."),
    "kind": (
        {"sources": {"shop": FOLDER | {"kind": "ftp"}}},
        "shop: `kind` is 'ftp'; it must be one of folder, bucket, database, dlt, push.",
    ),
    "key": (
        {"sources": {"shop": FOLDER | {"follow": "x"}}},
        "shop: unknown key 'follow'; a folder knows assurance, bounds, every, kind, learned_at, "
        "mapping, quiet, where.",
    ),
    "missing": (
        {"sources": {"shop": {"kind": "database"} | SHARED | {"follow": "x", "overlap": 1}}},
        "shop: a database needs `where`.",
    ),
    "assurance": (
        {"sources": {"shop": FOLDER | {"assurance": "sure"}}},
        "shop: `assurance` is 'sure'; it must be one of self-declared, platform-observed, "
        "counterparty-confirmed, authority-verified.",
    ),
    "every": (
        {"sources": {"shop": FOLDER | {"every": "daily"}}},
        "shop: `every` is 'daily'; write it like 1 day or 10 minutes.",
    ),
    "quiet": (
        {"sources": {"shop": FOLDER | {"quiet": 10}}},
        "shop: `quiet` is 10; write it like 1 day or 10 minutes.",
    ),
    "overlap": (
        {"sources": {"shop": DATABASE | {"overlap": -1}}},
        "shop: `overlap` is -1; write it like 10 minutes, or 1000 for numbers.",
    ),
    "rows": (
        {"sources": {"shop": DATABASE | {"rows": 0}}},
        "shop: `rows` is 0; it must be a number from 1 to 1,000,000.",
    ),
    "follow": (
        {"sources": {"shop": DATABASE | {"follow": ""}}},
        "shop: `follow` is ''; it must be the name of a column.",
    ),
    "learned-at": (
        {"sources": {"shop": FOLDER | {"learned_at": "long ago"}}},
        "shop: `learned_at` is 'long ago'; write it like 2024-12-31.",
    ),
    "bounds": (
        {"sources": {"shop": FOLDER | {"bounds": {"size": 3}}}},
        "shop: `bounds` is {'size': 3}; it must be a table of file_bytes, unpacked_bytes, members, "
        "ratio, line_bytes.",
    ),
    "bound": (
        {"sources": {"shop": FOLDER | {"bounds": {"ratio": 0}}}},
        "shop: `bounds` is {'ratio': 0}; each must be a whole number above 0.",
    ),
    "password": (
        {"sources": {"shop": DATABASE | {"where": "postgresql://me:secret@db/shop"}}},
        "shop: `where` is not shown here; it must be book, or the name of a variable that holds "
        "the address, such as $SHOP_DATABASE: no password belongs into this file.",
    ),
    "no-address": (
        {"sources": {"shop": BUCKET | {"where": "shop/in"}}},
        "shop: `where` is 'shop/in'; it must be an address such as s3://bucket/folder.",
    ),
    "credentials": (
        {"sources": {"shop": BUCKET | {"where": "s3://key:secret@shop/in"}}},
        "shop: `where` is not shown here; credentials belong into the environment, not into this "
        "file.",
    ),
    "no-where": (
        {"sources": {"shop": FOLDER | {"where": 7}}},
        "shop: `where` is 7; it must be a text.",
    ),
    "no-python": (
        {"sources": {"shop": DLT | {"where": "shop"}}},
        "shop: `where` is 'shop'; it must be a Python file that has a resource for each `file` of "
        "the mapping.",
    ),
    "token": (
        {"sources": {"shop": PUSH | {"token": "hunter2"}}},
        "shop: `token` is not shown here; it must be the name of a variable that holds the token, "
        "such as $TILLS_TOKEN.",
    ),
    "mapping": (
        {"sources": {"shop": FOLDER | {"mapping": {}}}},
        "shop: `mapping` is {}; it must be the name of a mapping file, or a list as in one.",
    ),
    "contract": (
        {"sources": {"shop": FOLDER | {"mapping": [MAPPING | {"contract": "order"}]}}},
        "shop: source 1: contract 'order' is none of ",
    ),
    "no-mapping-file": (
        {"sources": {"shop": FOLDER | {"mapping": "none.yaml"}}},
        "shop: There is no such mapping file.",
    ),
    "table": (
        {"sources": {"shop": DATABASE | {"mapping": [MAPPING | {"file": "a.b.c"}]}}},
        "shop: the `file` 'a.b.c' of its mapping must be TABLE or SCHEMA.TABLE.",
    ),
    "word": (
        {"sources": {"shop": PUSH | {"mapping": [MAPPING | {"file": "a/b"}]}}},
        "shop: the `file` 'a/b' of its mapping must be a plain word.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(tmp_path: Path, case: str) -> None:
    content, message = WRONG[case]
    with pytest.raises(InputProblem) as refusal:
        read_sources(write(tmp_path, content))
    assert refusal.value.findings[0].line().startswith(f"error: sources.yaml: {message}")
    assert refusal.value.findings[0].line().endswith(END)
    assert "secret" not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    sources = {"a": FOLDER | {"every": 1, "where": 2}, "b": PUSH | {"token": "x"}}
    with pytest.raises(InputProblem) as refusal:
        read_sources(write(tmp_path, {"sources": sources}))
    assert len(refusal.value.findings) == 3


def test_a_key_that_stands_twice_and_a_file_that_is_not_there_are_said(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("sources: {}\nsources: {}\n", encoding="utf-8")
    with pytest.raises(InputProblem, match="the key 'sources' stands twice"):
        read_sources(path)
    with pytest.raises(InputProblem, match="There is no such file of sources"):
        read_sources(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("environ", "why"),
    [({}, "is not set"), ({"TOKEN": "short"}, "holds no token of 20 ASCII characters or more")],
)
def test_a_token_must_be_there_and_long_and_is_never_shown(
    tmp_path: Path, environ: dict[str, str], why: str
) -> None:
    config = declared(tmp_path, PUSH)
    with pytest.raises(InputProblem) as refusal:
        build_door(config, _now, environ)
    assert str(refusal.value) == (
        f"error: shop: The variable TOKEN {why}. "
        "Set it to a long random text, such as that of `openssl rand -hex 32`."
    )
    door = build_door(config, _now, {"TOKEN": "a-long-enough-secret-text"})
    assert "secret" not in repr(door)
    assert "secret" not in repr(config)


def test_what_gives_records_must_be_there(tmp_path: Path) -> None:
    def given() -> str:
        root = tmp_path / "lake"
        if not root.exists():
            new_lake(tmp_path)
        source = build_source(declared(tmp_path, DLT), _now, _no_database)
        counts, findings = preview_source(root, source, lambda _: None)
        return findings[0].line() if findings else f"{counts['accepted']} accepted"

    assert "The Python file cannot be run (FileNotFoundError). Run it with Python" in given()
    (tmp_path / "shop.py").write_text("1 / 0", encoding="utf-8")
    assert "The Python file cannot be run (ZeroDivisionError)." in given()
    (tmp_path / "shop.py").write_text("order = []", encoding="utf-8")
    assert "It has nothing of the name 'orders'. Name the resource like the `file`" in given()
    values = ["E1", "1", "B", "5", "placed", "2024-01-01", "2024-01-01"]
    row = dict(zip(HEADER.split(","), values, strict=True))
    (tmp_path / "shop.py").write_text(f"def orders(since):\n    return [{row!r}]", encoding="utf-8")
    assert given() == "1 accepted"


def _now() -> datetime:
    return datetime(2025, 1, 1, tzinfo=UTC)


def _no_database(_: str) -> Connect:
    raise AssertionError


@pytest.mark.parametrize(
    ("item", "more", "said"),
    [
        (
            FOLDER,
            {"lookup": {"file": "b.csv", "match": {"a": "a"}, "columns": {"counterparty": "c"}}},
            "shop: orders looks up b.csv, but a source hands over its files one by one; join them "
            "where they come from, or `land` the folder.",
        ),
        (
            DATABASE,
            {"group": ["order_no"]},
            "shop: orders gathers or numbers rows, but a database tells them in parts; send "
            "records as they are, or `land` a folder.",
        ),
    ],
)
def test_records_that_need_more_than_their_own_rows_are_not_pulled(
    tmp_path: Path, item: dict[str, Any], more: dict[str, Any], said: str
) -> None:
    names = [name for name in HEADER.split(",") if "group" in more or name != "counterparty"]
    columns = {name: name for name in names}
    mapping = MAPPING | {"columns": columns} | more
    with pytest.raises(InputProblem) as refusal:
        declared(tmp_path, item | {"mapping": [mapping]})
    assert said in str(refusal.value)
