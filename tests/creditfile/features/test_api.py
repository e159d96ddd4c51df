"""`tradeline.features`: folders, lakes and a user's own frames give the same values."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tradeline
from tests.creditfile.features.tables import LISTED, Tables, market
from tests.lake.lakes import day, land_orders, new_lake, write_orders
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.events import Events, Window
from tradeline.creditfile.features.measures import Sum
from tradeline.kernel.findings import InputProblem
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.mapping import parse_mapping, write_mapping

AS_OF = datetime(2020, 2, 29, 23, 59)  # noqa: DTZ001
ORDERS = [("E1", "1", 5, 1, 2), ("E1", "2", 7, 20, 40), ("E2", "1", 9, 3, 3)]
SALES = Feature(
    "sold", "orders", "minor units", "sold", Sum(Events("orders", (), Window(12)), "gross_minor"),
    0, "made up",
)  # fmt: skip
MAKERS: dict[str, Any] = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}


def frames(tables: Tables, backend: str) -> dict[str, Any]:
    """The tables as frames of a library, each with its contract's columns."""
    made = {}
    for name, rows in tables.items():
        columns = BY_NAME[name].columns
        made[name] = MAKERS[backend]({c: [row.get(c) for row in rows] for c in columns})
    firms = {"enterprise": list(LISTED), "name": list(LISTED)}
    return made | {"enterprises": MAKERS[backend](firms)}


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_frames_of_any_library_are_taken_and_given(
    backend: Literal["pandas", "polars", "pyarrow"],
) -> None:
    tables = {name: rows for name, rows in market(1, 80, AS_OF).items() if rows}
    mine = tradeline.features(frames(tables, backend), AS_OF, ["sales_12m_minor"])
    asked = MAKERS[backend]({"enterprise": ["E2", "E1"], "as_of": [AS_OF, AS_OF]})
    each = tradeline.features(frames(tables, backend), asked, ["sales_12m_minor"])
    assert each.enterprises == ("E2", "E1")
    by_firm = dict(zip(mine.enterprises, mine.column("sales_12m_minor"), strict=True))
    assert each.column("sales_12m_minor").tolist() == [by_firm["E2"], by_firm["E1"]]
    given = each.frame(backend)
    assert type(given) is type(asked)
    assert list(given.columns if backend != "pyarrow" else given.column_names) == [
        "enterprise",
        "as_of",
        "sales_12m_minor",
    ]


def test_a_lake_gives_each_moment_its_versions(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, ORDERS, "first")
    land_orders(root, [("E1", "1", 6, 1, 30)], "corrected")
    table = tradeline.features(root, [("E1", day(10)), ("E1", day(35)), ("E1", day(50))], [SALES])
    assert table.column("sold").tolist() == [500.0, 600.0, 1300.0]


def test_a_folder_is_read_under_its_mapping(tmp_path: Path) -> None:
    folder = write_orders(tmp_path / "folder", ORDERS)
    (folder / "firms.csv").write_text("enterprise,name\nE1,x\nE2,y\n", encoding="utf-8")
    sources = [
        {"file": "orders.csv", "contract": "orders",
         "columns": {name: name for name in BY_NAME["orders"].columns
                     if name not in ("currency", "gross_minor")} | {"gross": "gross"}},
        {"file": "firms.csv", "contract": "enterprises",
         "columns": {"enterprise": "enterprise", "name": "name"}},
    ]  # fmt: skip
    mapping = write_mapping(parse_mapping({"sources": sources}, "tradeline.yaml"))
    (folder / "tradeline.yaml").write_text(mapping, encoding="utf-8")
    table = tradeline.features(folder, date(2024, 2, 29), [SALES])
    assert table.enterprises == ("E1", "E2")
    assert table.column("sold").tolist() == [1200.0, 900.0]


ORDER = {
    "enterprise": "E1", "order_no": "1", "counterparty": "B", "gross_minor": 5, "status": "placed",
    "occurred_at": AS_OF, "recorded_at": AS_OF,
}  # fmt: skip


def order(**changes: object) -> pd.DataFrame:
    return pd.DataFrame([ORDER | changes])


WRONG: dict[str, tuple[Any, str]] = {
    "an unknown contract": (
        {"sales": order()},
        "error: sales: No contract has that name. Use: enterprises, sales_invoices,",
    ),
    "one clock only": (
        {"orders": order().drop(columns="recorded_at")},
        "error: orders: The frame lacks recorded_at; it has enterprise, order_no,",
    ),
    "an empty clock": (
        {"orders": order(recorded_at=None)},
        "error: orders: The column recorded_at is empty in 1 row. Fill it, or leave",
    ),
    "text for money": (
        {"orders": order(gross_minor="five")},
        "error: orders: A value is of another kind: Conversion Error: Could not convert string",
    ),
}


@pytest.mark.parametrize(("given", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_frame_is_refused_with_a_word(given: Any, words: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        tradeline.features(given, [("E1", AS_OF)], [SALES])
    assert str(refusal.value).startswith(words)


def test_wrong_questions_are_refused_with_a_word() -> None:
    with pytest.raises(InputProblem, match="The catalogue has no such feature"):
        tradeline.features({"orders": order()}, AS_OF, ["luck"])
    asked = pd.DataFrame({"firm": ["E1"]})
    with pytest.raises(InputProblem, match="need the columns enterprise and as_of; there are firm"):
        tradeline.features({"orders": order()}, asked, [SALES])


def test_a_day_means_its_end() -> None:
    late = order(occurred_at=AS_OF.replace(hour=23, minute=58))
    table = tradeline.features({"orders": late}, [("E1", AS_OF.date())], [SALES])
    assert table.column("sold").tolist() == [5.0]
    early = tradeline.features({"orders": late}, [("E1", AS_OF.replace(hour=1))], [SALES])
    assert np.isnan(early.column("sold")).all()


def test_the_package_says_what_it_has_not() -> None:
    with pytest.raises(AttributeError, match="module 'tradeline' has no attribute 'fortune'"):
        getattr(tradeline, "fortune")  # noqa: B009
