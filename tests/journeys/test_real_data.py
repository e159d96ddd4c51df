"""Real folders through the chain: every row accounted for, every seller's money to the cent.

What the lake holds is set against sums of the raw files by pandas and plain Python. The commands
and the counts are those of the guide.
"""

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.data import data_folder
from tradeline.cli.main import main
from tradeline.creditfile.features.compute import compute_features
from tradeline.creditfile.features.table import FeatureTable
from tradeline.lake.store import open_lake

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "real-data.md").read_text("utf-8")
FIRMS, OLIST, RETAIL = "sme_invoices", "olist_before_2018_04", "online_retail"
# The last moment of each folder.
LAST = {
    FIRMS: datetime.fromisoformat("2020-02-21T23:59:59"),
    OLIST: datetime.fromisoformat("2018-03-31T23:59:59"),
    RETAIL: datetime.fromisoformat("2011-12-09T23:59:59"),
}
END = datetime.fromisoformat("9999-12-31")
INVOICE_KEY = ["enterprise", "invoice_no", "counterparty", "date", "total"]
Money = dict[tuple[str, ...], int]


def commands(action: str, name: str) -> list[list[str]]:
    """The guide's commands of an action for a folder, as words without the program's name."""
    blocks = re.findall(r"```text\n(tradeline .*?)```", GUIDE, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    words = [shlex.split(line)[1:] for line in lines]
    return [each for each in words if each[0] == action and name in " ".join(each)]


def pointed(words: Iterable[str], name: str, lakes: Path) -> list[str]:
    """Words of the guide with the places of this run in them."""
    places = {f"DATA/{name}": str(data_folder(name)), f"lakes/{name}": str(lakes / name)}
    placed = [places.get(word, word) for word in words]
    return [str(ROOT / word) if word.startswith("examples/") else word for word in placed]


@cache
def landed(name: str) -> Path:
    """A lake into which the guide's commands landed a folder."""
    lakes = Path(mkdtemp()) / "lakes"
    lakes.mkdir()
    init, land, show = (pointed(words, name, lakes) for words in commands("lake", name))
    assert main(init) == 0
    assert main(land) in (0, 1)
    assert main(show) == 0
    return lakes / name


def test_the_code_of_the_guide_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```text\n(from .*?)```", GUIDE, re.DOTALL)
    monkeypatch.chdir(landed(OLIST).parents[1])
    names: dict[str, FeatureTable] = {}
    exec(code, names)
    assert names["features"].enterprises == features(OLIST).enterprises


@cache
def lake(name: str) -> duckdb.DuckDBPyConnection:
    return open_lake(landed(name)).connect(END, known_at=END)


@cache
def features(name: str) -> FeatureTable:
    moment = LAST[name]
    return compute_features(open_lake(landed(name)).connect(moment, known_at=moment), moment)


def raw(name: str, file: str) -> pd.DataFrame:
    return pd.read_parquet(data_folder(name) / f"{file}.parquet")


def sums(name: str, query: str) -> Money:
    """Integers by the text columns before them."""
    return {tuple(keys): int(total) for *keys, total in lake(name).execute(query).fetchall()}


def added(keys: Iterable[tuple[str, ...]], cents: Iterable[int]) -> Money:
    total: Money = {}
    for key, amount in zip(keys, cents, strict=True):
        total[key] = total.get(key, 0) + int(amount)
    return total


def to_cents(amounts: "pd.Series[float]") -> "pd.Series[int]":
    """Amounts of two decimals as whole cents."""
    cents = amounts * 100
    assert (cents - cents.round()).abs().max() < 0.001
    return cents.round().astype("int64")


def refused(name: str, contract: str) -> Counter[str]:
    query = "SELECT code, count(*) FROM refused WHERE contract = ? GROUP BY code"
    return Counter(dict(lake(name).execute(query, [contract]).fetchall()))


@pytest.mark.parametrize("name", [FIRMS, OLIST, RETAIL])
def test_inspect_prints_the_counts_of_the_guide(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (words,) = commands("inspect", name)
    code = main(pointed(words, name, Path()))
    printed = capsys.readouterr().out.splitlines()
    counted = [line for line in GUIDE.splitlines() if line.endswith(" refused")]
    files = {path.name for path in data_folder(name).iterdir()}
    expected = [line for line in counted if line.split()[0] in files]
    assert len(expected) > 1
    assert set(expected) <= set(printed)
    assert code == int(any(not line.endswith(" 0 refused") for line in expected))


@cache
def invoices(side: str, partner: str) -> pd.DataFrame:
    parts = [raw(FIRMS, f"{group}_{side}_invoices") for group in ("labelled", "applicant")]
    return pd.concat(parts, ignore_index=True).rename(columns={partner: "counterparty"})


@pytest.mark.parametrize(
    ("contract", "side", "partner"),
    [("sales_invoices", "output", "buyer"), ("purchase_invoices", "input", "seller")],
)
def test_invoices_of_every_firm_add_up_to_the_cent(contract: str, side: str, partner: str) -> None:
    rows = invoices(side, partner)
    kept = rows.drop_duplicates(INVOICE_KEY)
    copies = int(rows.duplicated().sum())
    told = {"copied-row": copies, "repeated-key": len(rows) - len(kept) - copies}
    assert refused(FIRMS, contract) == told
    for status, meant in (("有效发票", "valid"), ("作废发票", "void")):
        of_status = kept[kept["status"].str.strip() == status]
        for column in ("amount", "tax", "total"):
            field = {"amount": "net", "tax": "tax", "total": "gross"}[column]
            query = (
                f"SELECT enterprise, sum({field}_minor) FROM {contract} WHERE status = '{meant}'"
            )
            cents = to_cents(of_status[column]).groupby(of_status["enterprise"]).sum()
            expected = {(firm,): total for firm, total in cents.items()}
            assert sums(FIRMS, f"{query} GROUP BY ALL") == expected


def weights(items: pd.DataFrame) -> dict[str, dict[str, int]]:
    """What each seller's lines in each order are worth, in cents."""
    worth = to_cents(items["price"]) + to_cents(items["freight_value"])
    found: dict[str, dict[str, int]] = {}
    for order, seller, cents in zip(items["order_id"], items["seller_id"], worth, strict=True):
        of_order = found.setdefault(order, {})
        of_order[seller] = of_order.get(seller, 0) + int(cents)
    return found


def parted(amount: int, shares: dict[str, int]) -> dict[str, int]:
    """Largest remainder, the least name first among equals."""
    if len(shares) == 1:
        return dict.fromkeys(shares, amount)
    exact = {name: Fraction(amount * share, sum(shares.values())) for name, share in shares.items()}
    whole = {name: int(share) for name, share in exact.items()}
    ranked = sorted(exact, key=lambda name: (whole[name] - exact[name], name))
    for name in ranked[: amount - sum(whole.values())]:
        whole[name] += 1
    return whole


def test_orders_and_lines_of_every_seller_add_up_to_the_cent() -> None:
    items = raw(OLIST, "order_items")
    expected = {
        (seller, order): cents
        for order, of_order in weights(items).items()
        for seller, cents in of_order.items()
    }
    query = "SELECT enterprise, order_no, sum(gross_minor) FROM {} GROUP BY ALL"
    assert sums(OLIST, query.format("orders")) == expected
    assert sums(OLIST, query.format("order_lines")) == expected
    worth = items["price"].sum() + items["freight_value"].sum()
    assert sum(expected.values()) == round(worth * 100)


def test_payments_are_parted_among_sellers_and_add_up_to_the_cent() -> None:
    payments, shares = raw(OLIST, "order_payments"), weights(raw(OLIST, "order_items"))
    cents = to_cents(payments["payment_value"])
    expected = {
        (seller, order, str(number)): part
        for order, number, amount in zip(
            payments["order_id"], payments["payment_sequential"], cents, strict=True
        )
        for seller, part in parted(amount, shares[order]).items()
    }
    query = "SELECT enterprise, order_no, payment_no, sum(amount_minor) FROM payments GROUP BY ALL"
    assert sums(OLIST, query) == expected
    assert sum(expected.values()) == sum(cents)
    assert refused(OLIST, "payments") == Counter()


def test_deliveries_and_reviews_of_unknown_orders_are_refused_and_the_others_told() -> None:
    sellers = raw(OLIST, "order_items").groupby("order_id")["seller_id"].unique()
    delivered = raw(OLIST, "sample_orders").query("order_status == 'delivered'")["order_id"]
    reviewed = raw(OLIST, "sample_order_reviews")
    for contract, orders in (("deliveries", delivered), ("reviews", reviewed["order_id"])):
        known = orders[orders.isin(sellers.index)]
        assert refused(OLIST, contract) == {"not-found": len(orders) - len(known)}
        told = lake(OLIST).execute(f"SELECT enterprise, order_no FROM {contract} ORDER BY ALL")
        expected = sorted((seller, order) for order in known for seller in sellers[order])
        assert told.fetchall() == expected


def test_local_times_of_the_marketplace_are_in_utc() -> None:
    items = raw(OLIST, "order_items")
    shown = items["shipping_limit_date"].dt.tz_localize(None)
    zoned = shown.dt.tz_localize("America/Sao_Paulo", ambiguous=np.ones(len(items), dtype=bool))
    expected = sorted(zip(
        items["seller_id"], items["order_id"], items["order_item_id"].astype(str),
        zoned.dt.tz_convert("UTC").dt.tz_localize(None).dt.to_pydatetime(), strict=True,
    ))  # fmt: skip
    query = "SELECT enterprise, order_no, line_no, occurred_at FROM order_lines ORDER BY ALL"
    assert lake(OLIST).execute(query).fetchall() == expected


@cache
def retail_lines() -> pd.DataFrame:
    """The wholesaler's lines and what each is worth in pennies, rounded half away from zero."""
    lines = raw(RETAIL, "online_retail")
    pairs = zip(lines["Quantity"].astype(int), map(str, lines["UnitPrice"]), strict=True)
    return lines.assign(pence=[_pence(quantity, price) for quantity, price in pairs])


@cache
def _pence(quantity: int, price: str) -> int:
    return int((quantity * Decimal(price) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def test_lines_and_invoices_of_the_wholesaler_add_up_to_the_penny() -> None:
    lines = retail_lines()
    expected = added(zip(lines["InvoiceNo"]), lines["pence"])
    query = "SELECT {}, sum(gross_minor) FROM {} GROUP BY ALL"
    assert sums(RETAIL, query.format("order_no", "order_lines")) == expected
    assert sums(RETAIL, query.format("invoice_no", "sales_invoices")) == expected
    assert sum(expected.values()) == 974_774_793
    assert refused(RETAIL, "order_lines") == refused(RETAIL, "sales_invoices") == Counter()


def test_cancellations_take_back_and_sales_without_a_customer_are_kept() -> None:
    lines = retail_lines()
    cancelled = lines[lines["InvoiceNo"].str.startswith("C")]
    query = (
        "SELECT count(*), sum(gross_minor), max(quantity) FROM order_lines "
        "WHERE starts_with(order_no, 'C')"
    )
    (found,) = lake(RETAIL).execute(query).fetchall()
    assert found == (9_288, cancelled["pence"].sum(), -1)
    customers = lines["CustomerID"].map("{:.0f}".format).replace("nan", "unnamed")
    query = "SELECT counterparty, sum(gross_minor) FROM sales_invoices GROUP BY ALL"
    assert sums(RETAIL, query) == added(zip(customers), lines["pence"])


def test_lines_are_counted_within_their_invoice() -> None:
    lines = raw(RETAIL, "online_retail")
    places = (lines.groupby("InvoiceNo").cumcount() + 1).astype(str)
    query = "SELECT order_no, line_no FROM order_lines ORDER BY source_row"
    told = lake(RETAIL).execute(query).fetchall()
    assert told == list(zip(lines["InvoiceNo"], places, strict=True))


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_the_wholesalers_lines_read_alike_from_excel_and_csv(tmp_path: Path, suffix: str) -> None:
    lines = retail_lines().iloc[::400]
    folder, file = tmp_path / "folder", f"online_retail.{suffix}"
    folder.mkdir()
    kinds = {"InvoiceDate": "datetime64[us]", "CustomerID": "Int64"}
    kept = lines.drop(columns="pence").astype(kinds)
    write = kept.to_excel if suffix == "xlsx" else kept.to_csv
    write(folder / file, index=False)
    mapping = (ROOT / "examples" / RETAIL / "tradeline.yaml").read_text("utf-8")
    (folder / "tradeline.yaml").write_text(mapping.replace("online_retail.parquet", file), "utf-8")
    root = tmp_path / "lake"
    assert main(["lake", "init", str(root)]) == 0
    told = ["--source", "retailer", "--assurance", "self-declared"]
    assert main(["lake", "land", str(root), str(folder), *told]) == 0
    view = open_lake(root).connect(END, known_at=END)
    rows = view.execute("SELECT invoice_no, gross_minor, counterparty FROM sales_invoices")
    found = {(number, customer): pence for number, pence, customer in rows.fetchall()}
    customers = lines["CustomerID"].map("{:.0f}".format).replace("nan", "unnamed")
    keys = zip(lines["InvoiceNo"], customers, strict=True)
    assert found == added(keys, lines["pence"])


def shares_known(name: str) -> Iterator[tuple[str, float]]:
    table = features(name)
    known = (~np.isnan(table.values)).mean(axis=0)
    yield from zip(table.names, known, strict=True)


def test_features_of_sellers_are_those_of_the_raw_lines() -> None:
    table, items = features(OLIST), raw(OLIST, "order_items")
    local = items["shipping_limit_date"].dt.tz_localize(None)
    zoned = local.dt.tz_localize("America/Sao_Paulo", ambiguous=np.ones(len(items), dtype=bool))
    year = items[zoned >= pd.Timestamp("2017-04-01", tz="UTC")]
    products = year.groupby("seller_id")["product_id"].nunique()
    expected = [float(products.get(seller, 0)) for seller in table.enterprises]
    assert table.column("products_12m").tolist() == expected
    known = dict(shares_known(OLIST))
    assert len(table.enterprises) == 2_161
    assert {name: round(float(known[name]) + 1e-9, 2) for name in SHARES} == SHARES


SHARES = {
    "orders_12m_minor": 1.0,
    "mean_order_minor": 0.93,
    "orders_growth_12m": 0.30,
    "late_delivery_share_12m": 0.29,
    "mean_stars_12m": 0.29,
    "sales_12m_minor": 0.0,
}


def test_features_of_the_wholesaler_are_those_of_its_lines() -> None:
    table, lines = features(RETAIL), retail_lines()
    (sales,) = table.column("sales_12m_minor")
    first = lines.groupby("InvoiceNo")["InvoiceDate"].first()
    year = first[first >= "2010-12-10"].index
    assert sales == lines[lines["InvoiceNo"].isin(year)]["pence"].sum()
    assert sum(share == 1.0 for _, share in shares_known(RETAIL)) == 33


def test_most_firms_have_features_of_their_invoices() -> None:
    known = dict(shares_known(FIRMS))
    assert min(known[name] for name in ("mean_sale_minor", "margin_12m", "buyer_hhi_12m")) > 0.98
    assert len(features(FIRMS).enterprises) == 362
