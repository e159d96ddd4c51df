"""A folder is read whole: what is accepted, what is refused and why, and counts that add up."""

import csv
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data import data_folder
from tradeline.kernel.findings import InputProblem
from tradeline.lake.landing import Landing, land, write_refused
from tradeline.lake.mapping import parse_mapping, read_mapping

HEADER = "enterprise,invoice_no,buyer,net,tax,total,status,date"
GOOD = "E1,1,B1,100.00,13.00,113.00,有效发票,2020-01-31"
FIELDS = {
    "enterprise": "enterprise",
    "invoice_no": "invoice_no",
    "counterparty": "buyer",
    "net": "net",
    "tax": "tax",
    "gross": "total",
    "status": "status",
    "occurred_at": "date",
}
SALES = {
    "file": "sales.csv",
    "contract": "sales_invoices",
    "recorded_at": "occurred_at",
    "columns": FIELDS,
    "values": {"status": {"有效发票": "valid", "作废发票": "void"}},
}


def read(folder: Path, *rows: str, **changes: object) -> Landing:
    (folder / "sales.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    mapping = parse_mapping({"sources": [SALES | changes]}, "tradeline.yaml")
    return land(duckdb.connect(), folder, mapping, lambda _: None)


def accepted(landing: Landing) -> list[tuple[object, ...]]:
    query = "SELECT enterprise, net_minor, gross_minor, status, occurred_at::DATE::VARCHAR"
    return landing.connection.execute(f"{query} FROM sales_invoices ORDER BY ALL").fetchall()


def refusals(landing: Landing) -> list[tuple[object, ...]]:
    query = "SELECT file_row, code, reason FROM refused ORDER BY ALL"
    return landing.connection.execute(query).fetchall()


def test_a_good_row_is_typed(tmp_path: Path) -> None:
    landing = read(tmp_path, GOOD)
    assert accepted(landing) == [("E1", 10000, 11300, "valid", "2020-01-31")]
    assert refusals(landing) == []


@pytest.mark.parametrize(
    ("row", "code", "reason"),
    [
        ("E1,1,B1,many,13,113,有效发票,2020-01-31", "bad-value", "The net many is not an amount."),
        (
            "E1,1,B1,1,1,1,有效发票,31/31/2020",
            "bad-value",
            "The occurred_at 31/31/2020 is not a date.",
        ),
        (
            "E1,1,B1,1,1,1,lost,2020-01-31",
            "bad-value",
            "The status lost is not one of valid, void.",
        ),
        (",1,B1,1,1,1,有效发票,2020-01-31", "missing-value", "The enterprise is missing."),
        ("E1,1,B1,1,1,,有效发票,2020-01-31", "missing-value", "The gross is missing."),
        ("E1,1,B1", "broken-row", "The row has 3 values, the header names 8 columns."),
        ("E1,1,B1,nan,1,1,有效发票,2020-01-31", "bad-value", "The net nan is not an amount."),
        (
            "E1,1,B1,9999999999999999999999,1,1,有效发票,2020-01-31",
            "out-of-range",
            "The net 9999999999999999999999 is too large: the most that can be read is "
            "10,000,000,000,000.",
        ),
        (
            "E1,1,B1,1,1,-10000000000000.01,有效发票,2020-01-31",
            "out-of-range",
            "The gross -10000000000000.01 is too large: the most that can be read is "
            "10,000,000,000,000.",
        ),
        (
            "E1,1,B1,1,1,1e400,有效发票,2020-01-31",
            "out-of-range",
            "The gross 1e400 is too large: the most that can be read is 10,000,000,000,000.",
        ),
        (
            "E1,1,B1,1,1,1,有效发票,0001-01-01",
            "out-of-range",
            "The occurred_at 0001-01-01 lies outside the years 1970 to 2199.",
        ),
        (
            "E1,1,B1,1,1,1,有效发票,9999-12-31",
            "out-of-range",
            "The occurred_at 9999-12-31 lies outside the years 1970 to 2199.",
        ),
        (
            "E1,1,B1,1,1,1,有效发票,45122",
            "bad-value",
            "The occurred_at 45122 is not a date; it looks like Excel's number of one, so format "
            "the column as dates.",
        ),
        (
            '"E1"x,1,B1,1,1,1,有效发票,2020-01-31',
            "broken-row",
            "The quotation marks of line 3 do not pair.",
        ),
        (
            "E1,1,B1,1,1,1,有效发票,2020-01-31,more",
            "broken-row",
            "The row has 9 values, the header names 8 columns.",
        ),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(
    tmp_path: Path, row: str, code: str, reason: str
) -> None:
    landing = read(tmp_path, GOOD, row)
    assert refusals(landing) == [(3, code, reason)]
    assert len(accepted(landing)) == 1


def test_thousands_and_decimal_signs_are_those_of_the_mapping(tmp_path: Path) -> None:
    row = 'E1,1,B1,"1.234,50",0,"1.234,50",有效发票,31.01.2020'
    landing = read(tmp_path, row, thousands=".", decimal=",", dates="%d.%m.%Y")
    assert accepted(landing) == [("E1", 123450, 123450, "valid", "2020-01-31")]


def test_the_largest_amounts_are_kept_to_the_cent(tmp_path: Path) -> None:
    largest = "9999999999999.99"
    row = f"E1,1,B1,{largest},{largest},{largest},有效发票,2020-01-31"
    assert accepted(read(tmp_path, row)) == [("E1", 10**15 - 1, 10**15 - 1, "valid", "2020-01-31")]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2020-01-31 23:30:00+08:00", "2020-01-31 15:30:00"),
        ("2020-01-31T23:30:00-0130", "2020-02-01 01:00:00"),
        ("2020-01-31T23:30:00.250Z", "2020-01-31 23:30:00.25"),
        ("2020-01-31 23:30", "2020-01-31 23:30:00"),
        ("2020-1-5", "2020-01-05 00:00:00"),
    ],
)
def test_moments_are_utc_however_iso_8601_writes_them(
    tmp_path: Path, written: str, moment: str
) -> None:
    landing = read(tmp_path, f"E1,1,B1,1,1,1,有效发票,{written}")
    found = landing.connection.execute("SELECT occurred_at::VARCHAR FROM sales_invoices").fetchall()
    assert found == [(moment,)]


def test_what_was_written_in_a_broken_row_is_kept(tmp_path: Path) -> None:
    torn = '"E1"x,1,B1,1,1,1,有效发票,2020-01-31'
    landing = read(tmp_path, torn, f"{GOOD},more", 'E1,"2', f'{GOOD}"')
    rows = landing.connection.execute("SELECT file_row, content FROM refused").fetchall()
    kept = dict(rows)
    assert f"enterprise={torn}" in kept[2].replace('"', "") or torn in kept[2]
    assert "2020-01-31, more" in kept[3]
    assert GOOD in kept[4]


def test_a_reversal_is_kept_with_its_sign(tmp_path: Path) -> None:
    landing = read(tmp_path, "E1,1,B1,-943.4,-56.6,-1000.0,作废发票,2020-01-31")
    assert accepted(landing) == [("E1", -94340, -100000, "void", "2020-01-31")]


def test_a_copied_row_counts_once(tmp_path: Path) -> None:
    landing = read(tmp_path, GOOD, GOOD)
    assert refusals(landing) == [(3, "copied-row", "The same row stands earlier.")]


def test_a_repeated_key_that_says_otherwise_is_refused(tmp_path: Path) -> None:
    landing = read(tmp_path, GOOD, GOOD.replace("有效", "作废"))
    assert refusals(landing)[0][1] == "repeated-key"


def test_keys_that_overlap_between_two_files_are_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"{HEADER}\n{GOOD}", encoding="utf-8")
    sources = [SALES | {"file": "a.csv"}, SALES | {"file": "b.csv"}]
    mapping = parse_mapping({"sources": sources}, "m")
    landing = land(duckdb.connect(), tmp_path, mapping, lambda _: None)
    assert [(c.read, c.accepted, c.refused) for c in landing.counts] == [(1, 1, 0), (1, 0, 1)]


def test_a_row_recorded_before_it_occurred_is_refused(tmp_path: Path) -> None:
    changes = {"recorded_at": None, "constants": {"recorded_at": "2019-01-01"}}
    landing = read(tmp_path, GOOD, **changes)
    assert refusals(landing) == [(2, "clocks-turned", "It was recorded before it occurred.")]


def test_an_order_of_negative_value_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("e,o,b,g,s,t\nE1,1,B,-5,placed,2020-01-01", "utf-8")
    columns = {
        "enterprise": "e", "order_no": "o", "counterparty": "b", "gross": "g", "status": "s",
        "occurred_at": "t",
    }  # fmt: skip
    source = {"file": "orders.csv", "contract": "orders", "columns": columns}
    mapping = parse_mapping({"sources": [source | {"recorded_at": "occurred_at"}]}, "m")
    landing = land(duckdb.connect(), tmp_path, mapping, lambda _: None)
    assert refusals(landing) == [(2, "out-of-range", "The gross -5 is below 0.")]


def test_the_rows_of_one_line_stand_in_the_order_of_the_mapping(tmp_path: Path) -> None:
    lines = [f"0.{number:03d},0.1,no,0.3" for number in range(1, 60)]
    (tmp_path / "churn.csv").write_text("\n".join(["rate,b,a,c", *lines]), encoding="utf-8")
    unpivot = {
        "field": "rating",
        "value": "lost_share",
        "columns": {"C": "c", "B": "b", "A": "a", "D": "a"},
    }
    source = {"file": "churn.csv", "contract": "response_curves", "unpivot": unpivot}
    mapping = parse_mapping({"sources": [source | {"columns": {"rate_annual": "rate"}}]}, "m")
    landing = land(duckdb.connect(), tmp_path, mapping, lambda _: None)
    query = "SELECT source_row, rating FROM response_curves"
    assert landing.connection.execute(query).fetchall() == [
        (number, rating) for number in range(2, 61) for rating in "CB"
    ]
    assert (
        refusals(landing)[:2]
        == [(2, "bad-value", "The lost_share no is not a share such as 0.04.")] * 2
    )


def test_all_missing_columns_and_files_are_named_together(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("enterprise,net\nE1,1", encoding="utf-8")
    mapping = parse_mapping({"sources": [SALES, SALES | {"file": "gone.csv"}]}, "m")
    with pytest.raises(InputProblem) as refusal:
        land(duckdb.connect(), tmp_path, mapping, lambda _: None)
    codes = [finding.code for finding in refusal.value.findings]
    assert codes == ["missing-column"] * 6 + ["missing-file"]
    assert "The mapping needs the column 'buyer', the file has 'enterprise', 'net'." in str(
        refusal.value
    )


def test_one_clock_is_said(tmp_path: Path) -> None:
    findings = {finding.code: finding for finding in read(tmp_path, GOOD).findings}
    assert "each row counts as known when it occurred" in findings["one-clock"].message


def test_an_invoice_that_does_not_add_up_is_kept_and_doubted(tmp_path: Path) -> None:
    landing = read(tmp_path, GOOD.replace("113.00", "150.00"))
    assert len(accepted(landing)) == 1
    assert "invoice-does-not-add-up" in [finding.code for finding in landing.findings]


def test_firms_that_no_file_names_are_reported(tmp_path: Path) -> None:
    assert "unknown-enterprise" in [finding.code for finding in read(tmp_path, GOOD).findings]


def test_refused_rows_are_written_with_their_reason(tmp_path: Path) -> None:
    landing = read(tmp_path, GOOD, GOOD)
    write_refused(landing, tmp_path / "refused.csv")
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["file"], row["row"], row["code"]) for row in rows] == [
        ("sales.csv", "3", "copied-row")
    ]


words = st.sampled_from(["E1", "", "x", "1", "-3.5", "2020-01-31", "有效发票", '"', "1e3"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(words, min_size=1, max_size=9).map(",".join), max_size=8))
def test_every_row_is_accepted_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("folder")
    try:
        landing = read(folder, GOOD, *rows)
    except InputProblem:
        assert (GOOD + "".join(rows)).count('"') % 2, "a quotation mark stayed open"
        return
    count = landing.counts[0]
    assert count.accepted == len(accepted(landing))
    assert count.refused == len(refusals(landing))
    assert count.read == count.accepted + count.refused


def test_the_real_folder_is_reconciled() -> None:
    folder = data_folder("sme_invoices")
    example = Path(__file__).parents[2] / "examples" / "sme_invoices" / "tradeline.yaml"
    landing = land(duckdb.connect(), folder, read_mapping(example), lambda _: None)
    assert {c.file: c.read for c in landing.counts if "invoices" in c.file} == {
        "labelled_output_invoices.parquet": 90_966,
        "applicant_output_invoices.parquet": 330_835,
        "labelled_input_invoices.parquet": 103_453,
        "applicant_input_invoices.parquet": 395_175,
    }
    codes = {row[1] for row in refusals(landing)}
    assert codes == {"copied-row", "repeated-key"}


def test_a_row_in_another_currency_is_refused(tmp_path: Path) -> None:
    header = f"{HEADER},ccy"
    rows = [header, f"{GOOD},CNY", "E1,2,B1,1,0,1,有效发票,2020-01-31,USD"]
    (tmp_path / "sales.csv").write_text("\n".join(rows), encoding="utf-8")
    source = SALES | {"columns": FIELDS | {"currency": "ccy"}}
    mapping = parse_mapping({"sources": [source]}, "tradeline.yaml")
    landing = land(duckdb.connect(), tmp_path, mapping, lambda _: None)
    assert len(accepted(landing)) == 1
    assert refusals(landing) == [
        (3, "other-currency", "The currency USD is not the CNY of the folder.")
    ]
