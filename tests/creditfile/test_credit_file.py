"""Credit files equal a slow oracle, see nothing that came later, and give the same bytes always."""

import calendar
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from statistics import median
from typing import cast

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.creditfile.features.oracle import known_by
from tests.creditfile.features.tables import LISTED, Row, Tables, connect, market
from tests.creditfile.quality.tellings import TERMS
from tradeline.creditfile.credit_file import (
    Counterparty,
    CreditFile,
    DatasetCoverage,
    MonthOfTrade,
    as_json,
    months_before,
    read_credit_files,
    without_gaps,
    write_credit_files,
)
from tradeline.creditfile.features.compute import compute_features
from tradeline.creditfile.industry import Industry
from tradeline.creditfile.quality.record import quality_table
from tradeline.kernel.findings import InputProblem
from tradeline.kernel.hashing import canonical_json
from tradeline.lake.contracts import CONTRACTS
from tradeline.lake.landing import land
from tradeline.lake.mapping import parse_mapping

AS_OF = datetime(2020, 2, 29, 12, 30)  # noqa: DTZ001
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
moments = st.datetimes(AS_OF - timedelta(days=60), AS_OF + timedelta(days=60))


def files_of(tables: Tables, as_of: datetime = AS_OF, threads: int = 1) -> list[CreditFile]:
    with connect(tables, threads) as connection:
        return list(read_credit_files(connection, as_of, TERMS))


def lines_of(tables: Tables, as_of: datetime = AS_OF, threads: int = 1) -> list[str]:
    return [as_json(file) for file in files_of(tables, as_of, threads)]


def invoice(firm: str, occurred: datetime, gross: int, **changes: object) -> Row:
    return {
        "enterprise": firm,
        "invoice_no": "1",
        "counterparty": "A",
        "gross_minor": gross,
        "status": "valid",
        "occurred_at": occurred,
        "recorded_at": occurred,
    } | changes


def moment_of(row: Row, clock: str = "occurred_at") -> datetime:
    return cast(datetime, row[clock])


def gross_of(row: Row) -> int:
    return cast(int, row["gross_minor"])


class Oracle:
    """One firm's credit file by walking over rows."""

    def __init__(self, tables: Tables, firm: str, as_of: datetime) -> None:
        self.known = {
            name: [row for row in rows if known_by(row, as_of)] for name, rows in tables.items()
        }
        self.firm, self.as_of = firm, as_of

    def rows(self, contract: str) -> list[Row]:
        return [row for row in self.known.get(contract, []) if row["enterprise"] == self.firm]

    def sales(self) -> list[Row]:
        if self.known.get("sales_invoices"):
            return [row for row in self.rows("sales_invoices") if row["status"] == "valid"]
        return [row for row in self.rows("orders") if row["status"] != "cancelled"]

    def purchases(self) -> list[Row]:
        return [row for row in self.rows("purchase_invoices") if row["status"] == "valid"]

    def months(self) -> list[tuple[date, int, int]]:
        last = self.as_of.year * 12 + self.as_of.month - 1
        sums: dict[int, list[int]] = {}
        for side, rows in enumerate((self.sales(), self.purchases())):
            for row in rows:
                number = moment_of(row).year * 12 + moment_of(row).month - 1
                if number > last - 36:
                    sums.setdefault(number, [0, 0])[side] += gross_of(row)
        if not sums:
            return []
        return [
            (date(number // 12, number % 12 + 1, 1), *sums.get(number, (0, 0)))
            for number in range(min(sums), max(sums) + 1)
        ]

    def partners(self, rows: list[Row]) -> list[tuple[str, int, float]]:
        end = self.as_of.date() + DAY
        day = min(end.day, calendar.monthrange(end.year - 1, end.month)[1])
        start = end.replace(year=end.year - 1, day=day)
        sums: Counter[str] = Counter()
        for row in rows:
            if moment_of(row).date() >= start:
                sums[cast(str, row["counterparty"])] += gross_of(row)
        positive = {name: amount for name, amount in sums.items() if amount > 0}
        ranked = sorted(positive.items(), key=lambda item: (-item[1], item[0]))
        return [(name, amount, amount / sum(positive.values())) for name, amount in ranked[:5]]

    def coverage(self) -> list[DatasetCoverage]:
        return [self.covered(c.name) for c in CONTRACTS if self.known.get(c.name)]

    def covered(self, contract: str) -> DatasetCoverage:
        rows = self.rows(contract)
        if not rows:
            return DatasetCoverage(contract, 0, None, None, None)
        times = [moment_of(row) for row in rows]
        lags = [(moment_of(row, "recorded_at") - moment_of(row)) // MICROSECOND for row in rows]
        days = median(lags) / (DAY // MICROSECOND)
        return DatasetCoverage(contract, len(rows), min(times), max(times), days)


def check_against_oracle(tables: Tables, as_of: datetime) -> None:
    for file in files_of(tables, as_of):
        oracle = Oracle(tables, file.enterprise, as_of)
        months, sales, purchases = oracle.months(), oracle.sales(), oracle.purchases()
        assert [(m.month, m.sales_minor, m.purchases_minor) for m in file.months] == months
        assert file.buyers == tuple(Counterparty(*p) for p in oracle.partners(sales))
        assert file.suppliers == tuple(Counterparty(*p) for p in oracle.partners(purchases))
        assert file.datasets == tuple(oracle.coverage())


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(0, 400), as_of=moments)
@example(seed=1, rows=600, as_of=AS_OF)
@example(seed=2, rows=0, as_of=AS_OF)
def test_every_file_equals_the_oracle(seed: int, rows: int, as_of: datetime) -> None:
    check_against_oracle(market(seed, rows, as_of), as_of)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_without_invoices_sales_and_buyers_are_those_of_orders(seed: int) -> None:
    tables = market(seed, 300, AS_OF)
    orders_only = {name: tables[name] for name in ("orders", "payments", "reviews")}
    check_against_oracle(orders_only, AS_OF)
    assert any(file.buyers for file in files_of(orders_only))
    assert not any(file.suppliers for file in files_of(orders_only))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_months_add_up_to_the_rows(seed: int) -> None:
    tables = market(seed, 300, AS_OF)
    oldest = AS_OF - timedelta(days=1000)
    recent = {n: [r for r in rows if moment_of(r) > oldest] for n, rows in tables.items()}
    for file in files_of(recent):
        oracle = Oracle(recent, file.enterprise, AS_OF)
        assert sum(m.sales_minor for m in file.months) == sum(map(gross_of, oracle.sales()))
        assert sum(m.purchases_minor for m in file.months) == sum(map(gross_of, oracle.purchases()))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_largest_buyer_has_the_share_that_its_feature_has(seed: int) -> None:
    with connect(market(seed, 300, AS_OF)) as connection:
        shares = compute_features(connection, AS_OF).column("largest_buyer_share_12m")
        files = read_credit_files(connection, AS_OF, TERMS)
    for file, share in zip(files, shares, strict=True):
        expected = file.buyers[0].share if file.buyers else float("nan")
        assert share == pytest.approx(expected, nan_ok=True)


@pytest.mark.long
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_was_not_known_by_then_changes_nothing(seed: int) -> None:
    tables = market(seed, 200, AS_OF)
    seen = {name: [row for row in rows if known_by(row, AS_OF)] for name, rows in tables.items()}
    assert sum(map(len, seen.values())) < sum(map(len, tables.values()))
    assert lines_of(tables) == lines_of(seen)


@pytest.mark.parametrize(
    ("occurred", "recorded"),
    [(AS_OF + MICROSECOND, AS_OF + MICROSECOND), (AS_OF - 40 * DAY, AS_OF + MICROSECOND)],
)
def test_a_later_row_in_a_dataset_of_its_own_changes_nothing(
    occurred: datetime, recorded: datetime
) -> None:
    tables: Tables = {"orders": market(1, 50, AS_OF)["orders"]}
    late = {"sales_invoices": [invoice("E1", occurred, 777, recorded_at=recorded)]}
    assert lines_of(tables | late) == lines_of(tables)
    assert lines_of(tables | late, recorded) != lines_of(tables, recorded)


def test_void_invoices_do_not_count_and_reversals_do() -> None:
    rows = [
        invoice("E1", AS_OF - DAY, 500),
        invoice("E1", AS_OF - DAY, -200),
        invoice("E1", AS_OF - DAY, 900, status="void"),
        invoice("E1", AS_OF - DAY, -100, counterparty="B"),
    ]
    file = files_of({"sales_invoices": rows})[0]
    assert file.months == (MonthOfTrade(date(2020, 2, 1), 200, 0),)
    assert file.buyers == (Counterparty("A", 300, 1.0),)


def test_buyers_of_equal_amounts_stand_by_name_and_the_sixth_is_left_out() -> None:
    rows = [invoice("E1", AS_OF, 100, counterparty=name) for name in "FEDCBA"]
    assert [buyer.name for buyer in files_of({"sales_invoices": rows})[0].buyers] == list("ABCDE")


def test_one_thread_and_two_give_the_same_bytes() -> None:
    tables = market(7, 3000, AS_OF)
    assert lines_of(tables, threads=1) == lines_of(tables, threads=2)


def test_the_order_of_rows_does_not_matter() -> None:
    tables = market(7, 500, AS_OF)
    assert lines_of(tables) == lines_of({name: rows[::-1] for name, rows in tables.items()})


def test_an_as_of_in_another_zone_is_the_same_moment() -> None:
    tables = market(3, 300, AS_OF)
    in_shanghai = AS_OF.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=8)))
    assert lines_of(tables, in_shanghai) == lines_of(tables)


def test_every_listed_firm_has_a_file_and_one_without_records_is_flagged() -> None:
    files = files_of(market(1, 600, AS_OF))
    assert [file.enterprise for file in files] == sorted(LISTED)
    assert [file.enterprise for file in files if file.flags] == ["E4"]
    (flag,) = files[-1].flags
    assert flag.line() == (
        "warning: E4: No record of what the firm does was known on 2020-02-29. "
        "Bring its invoices, orders or bank entries."
    )
    assert {dataset.rows for dataset in files[-1].datasets} == {0}


def test_an_outcome_alone_is_no_record_of_trade() -> None:
    outcome: Row = {"enterprise": "E1", "defaulted": False, "occurred_at": AS_OF}
    file = files_of({"outcomes": [outcome | {"recorded_at": AS_OF}]})[0]
    assert [dataset.rows for dataset in file.datasets] == [1]
    assert [flag.code for flag in file.flags] == ["no-records"]


def test_a_folder_of_nothing_but_names_gives_files() -> None:
    assert {(file.months, file.buyers, file.datasets) for file in files_of({})} == {((), (), ())}


def read_folder(folder: Path, **contents: str) -> tuple[CreditFile, ...]:
    """The files of a folder of enterprises files."""
    sources = []
    for name, text in contents.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        columns = {column: column for column in text.splitlines()[0].split(",")}
        source = {"file": f"{name}.csv", "contract": "enterprises", "columns": columns}
        sources.append(source)
    mapping = parse_mapping({"sources": sources}, "tradeline.yaml")
    connection = duckdb.connect()
    land(connection, folder, mapping, lambda _: None)
    return read_credit_files(connection, AS_OF, TERMS)


def test_a_firm_with_two_names_keeps_the_first_and_says_so(tmp_path: Path) -> None:
    (file,) = read_folder(
        tmp_path,
        labelled="enterprise,name,industry,country\nE1,华达食品有限公司,,CN",
        applicants='enterprise,name\nE1,"Huada, ""Foods"" (it\'s {new})"\nE1,华达食品有限公司',
    )
    assert (file.name, file.country) == ("华达食品有限公司", "CN")
    assert file.industry == Industry("food and beverage", "name")
    (flag,) = (flag for flag in file.flags if flag.code == "second-name")
    assert flag.line() == (
        "warning: applicants.csv row 2: E1 is called 'Huada, \"Foods\" (it\\'s {new})' here and "
        "'华达食品有限公司' before; the first counts. Say which name is right and mend the file."
    )


def test_an_industry_that_the_folder_states_is_kept(tmp_path: Path) -> None:
    files = read_folder(tmp_path, firms="enterprise,name,industry\nE1,X,apparel\nE2,华达物流,")
    assert [file.industry for file in files] == [
        Industry("apparel", "stated"),
        Industry("logistics", "name"),
    ]


def test_without_a_list_of_enterprises_there_is_a_clear_word() -> None:
    with duckdb.connect() as connection, pytest.raises(InputProblem) as refusal:
        read_credit_files(connection, AS_OF, TERMS)
    assert "There is no list of enterprises." in str(refusal.value)


def test_written_files_are_one_line_of_json_each(tmp_path: Path) -> None:
    first = invoice("E1", AS_OF - DAY, 113_00, recorded_at=AS_OF - DAY / 2)
    files = files_of({"sales_invoices": [first, invoice("E2", AS_OF, 5, counterparty="甲")]})
    write_credit_files(files, tmp_path / "credit_files.jsonl")
    lines = (tmp_path / "credit_files.jsonl").read_bytes().decode("utf-8").split("\n")
    assert lines == [*map(as_json, files), ""]
    assert json.loads(lines[0]) == {
        "as_of": "2020-02-29T12:30:00Z",
        "enterprise": "E1",
        "name": "E1",
        "country": "",
        "industry": {"name": "other", "basis": "unknown"},
        "months": [{"month": "2020-02-01", "sales_minor": 113_00, "purchases_minor": 0}],
        "buyers": [{"name": "A", "amount_minor": 113_00, "share": 1.0}],
        "suppliers": [],
        "datasets": [
            {
                "contract": "sales_invoices",
                "rows": 1,
                "first": "2020-02-28T12:30:00Z",
                "last": "2020-02-28T12:30:00Z",
                "lag_days_median": 0.5,
            }
        ],
        "quality": json.loads(canonical_json(quality_table(files[0].quality))),
        "flags": [],
    }
    assert [item["rows"] for item in json.loads(lines[0])["quality"]["timeliness"]] == [1]
    assert '"name":"甲"' in lines[1]
    assert json.loads(lines[2])["flags"][0]["code"] == "no-records"


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)), st.integers(-600, 600))
def test_months_before_is_undone_by_months_after(day: date, months: int) -> None:
    assert months_before(months_before(day, months), -months) == day.replace(day=1)
    assert months_before(day, 12) == date(day.year - 1, day.month, 1)


def test_gaps_are_filled_with_zeros_between_the_first_and_the_last_month() -> None:
    first, last = MonthOfTrade(date(2019, 11, 1), 5, 6), MonthOfTrade(date(2020, 2, 1), 7, 8)
    assert without_gaps([first, last]) == (
        first,
        MonthOfTrade(date(2019, 12, 1), 0, 0),
        MonthOfTrade(date(2020, 1, 1), 0, 0),
        last,
    )
    assert without_gaps([]) == ()
