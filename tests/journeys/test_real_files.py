"""Credit files of real firms by the guide's commands: every figure opens to rows that add up.

Each folder is a slice of the real one, what concerns one firm, so that this takes seconds. Every
figure is held against plain Python, and one of each against a sum of the raw rows.
"""

import json
import re
import shlex
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pytest

from tests.creditfile.file.test_figures import check_every_figure, told_tables
from tests.data import data_folder
from tradeline.cli.main import main
from tradeline.creditfile.file.subject import Subject, of_folder
from tradeline.kernel.moments import end_of
from tradeline.lake.landing import land
from tradeline.lake.reading import Moment
from tradeline.lake.recognition import folder_proposal

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "credit-file.md").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Slice:
    """Of which rows of each file a slice is made, and one figure in minor units by plain SQL."""

    rows: dict[str, str]
    figure: str
    raw: str
    figures_least: int


SELLER = "seller_id = '7c67e1448b00f6e969d365cea6b010ab'"
OF_SELLER = f"order_id IN (SELECT order_id FROM 'order_items.parquet' WHERE {SELLER})"
SLICES = {
    "sme_invoices": Slice(
        {
            "labelled_enterprises.csv": "enterprise = 'E20'",
            "applicant_enterprises.csv": "false",
            "labelled_output_invoices.parquet": "enterprise = 'E20'",
            "applicant_output_invoices.parquet": "false",
            "labelled_input_invoices.parquet": "enterprise = 'E20'",
            "applicant_input_invoices.parquet": "false",
            "rate_churn.csv": "true",
        },
        "sales_12m",
        "SELECT sum(CAST(round(total * 100) AS BIGINT)) FROM 'labelled_output_invoices.parquet' "
        "WHERE status = '有效发票' AND date >= '2019-02-22'",
        10,
    ),
    "olist_before_2018_04": Slice(
        {
            "sellers.parquet": SELLER,
            "closed_deals.parquet": SELLER,
            "order_items.parquet": OF_SELLER,
            "order_payments.parquet": OF_SELLER,
            "sample_orders.parquet": OF_SELLER,
            "sample_order_reviews.parquet": OF_SELLER,
        },
        "orders_12m",
        "SELECT sum(CAST(round(price * 100) AS BIGINT) + CAST(round(freight_value * 100) AS BIGINT)"
        f") FROM 'order_items.parquet' WHERE {SELLER} AND order_id NOT IN (SELECT order_id FROM "
        "'sample_orders.parquet' WHERE order_status IN ('canceled', 'unavailable')) AND "
        "shipping_limit_date BETWEEN '2017-03-31 21:00:00+00' AND '2018-03-31 20:59:59+00'",
        15,
    ),
    "online_retail": Slice(
        {"online_retail.parquet": "InvoiceDate >= '2011-12-05'"},
        "sales_12m",
        "SELECT sum(CAST(sign(p) * floor(abs(p) + 0.5) AS BIGINT)) FROM (SELECT Quantity * "
        "CAST(UnitPrice AS DECIMAL(12, 3)) * 100 AS p FROM 'online_retail.parquet')",
        8,
    ),
}


@cache
def sliced(name: str) -> Path:
    """The rows of a real folder that concern one firm."""
    real, folder = data_folder(name), Path(mkdtemp()) / name
    folder.mkdir()
    for file, where in SLICES[name].rows.items():
        placed = re.sub(r"'(\w+\.parquet)'", rf"'{real}/\1'", where)
        duckdb.execute(f"COPY (FROM '{real / file}' WHERE {placed}) TO '{folder / file}'")
    return folder


@cache
def words(name: str) -> list[str]:
    """The guide's command for a folder, with the place of its slice, without --out."""
    (line,) = (one for one in GUIDE.splitlines() if f"DATA/{name} " in one)
    places = {f"DATA/{name}": str(sliced(name)), f"examples/{name}/tradeline.yaml": mapping(name)}
    asked = [places.get(word, word) for word in shlex.split(line)[1:]]
    return asked[: asked.index("--out")]


def mapping(name: str) -> str:
    return str(ROOT / "examples" / name / "tradeline.yaml")


@cache
def subject(name: str) -> Subject:
    """The firm as the command reads it."""
    asked = words(name)
    end = end_of(date.fromisoformat(asked[asked.index("--as-of") + 1]))
    proposal = folder_proposal(sliced(name), Path(mapping(name)), "CNY", lambda _: None)
    landing = land(duckdb.connect(), sliced(name), proposal.mapping, lambda _: None)
    return of_folder(landing.connection, asked[2], Moment(end, end))


@cache
def table(name: str) -> dict[str, Any]:
    """The file as JSON, as the command writes it."""
    out = sliced(name).parent / "file.json"
    assert main([*words(name), "--out", str(out)]) == 0
    found: dict[str, Any] = json.loads(out.read_bytes())
    return found


def figures(name: str) -> dict[str, dict[str, Any]]:
    return {figure["id"]: figure for part in table(name)["parts"] for figure in part["figures"]}


@pytest.mark.parametrize("name", SLICES)
def test_every_figure_of_a_real_firm_opens_to_rows_that_add_up(name: str) -> None:
    firm = subject(name)
    end = firm.moment.as_of
    checked = check_every_figure(firm, told_tables(firm), end, end)
    shown = figures(name)
    assert checked == len(shown)
    with_rows = [figure for figure in shown.values() if figure["rows"]]
    assert len(with_rows) >= SLICES[name].figures_least


@pytest.mark.parametrize("name", SLICES)
def test_the_main_figure_of_a_real_firm_is_the_sum_of_its_raw_rows(name: str) -> None:
    asked = SLICES[name]
    raw = re.sub(r"'(\w+\.parquet)'", rf"'{sliced(name)}/\1'", asked.raw)
    ((total,),) = duckdb.execute(f"SET TimeZone = 'UTC'; {raw}").fetchall()
    (value,) = figures(name)[asked.figure]["values"]
    assert value["adds"] == total
    assert total > 0


@pytest.mark.parametrize("name", SLICES)
def test_the_page_of_a_real_firm_shows_every_figure_of_its_file(name: str) -> None:
    out = sliced(name).parent / "file.html"
    assert main([*words(name), "--out", str(out)]) == 0
    page = out.read_text("utf-8")
    assert all(f'id="figure-{figure}"' in page for figure in figures(name))
    # What it says one can ask, one can: with the mapping by which the folder is read.
    (asked, *_) = re.findall(r"<pre>tradeline (.*?)</pre>", page)
    rows = sliced(name).parent / "rows.csv"
    assert main([*shlex.split(asked), "--out", str(rows)]) == 0
    counts = {figure["rows"] for figure in figures(name).values()}
    assert len(rows.read_text("utf-8").splitlines()) - 1 in counts
