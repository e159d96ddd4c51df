"""What a folder attaches to loans makes sense, or every row that does not is told of."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tradeline.cli.main import main

Rows = Sequence[Mapping[str, str]]
LOAN = {
    "loan": "L-1", "product": "flat", "lender": "north", "currency": "CNY", "principal": "1200.00",
    "annual_rate_percent": "12", "start": "2026-01-15", "instalments": "12", "interest": "flat",
    "day_count": "equal periods", "provisions": "by stage", "lgd_percent": "45",
}  # fmt: skip
EVENT = {"loan": "L-1", "event": "disbursement", "value_date": "2026-01-15", "amount": "1200.00"}
BALANCE = {"loan": "L-1", "as_of": "2026-01-31", "principal": "1200.00"}
RATING = {"loan": "L-1", "rated_on": "2026-01-15", "grade": "B"}
PDS = [{"grade": "B", "month": str(month), "pd": f"{month / 1000}"} for month in range(1, 14)]
ITEM = {"loan": "L-1", "item": "house", "kind": "real_estate", "value": "900.00",
        "valued_on": "2026-01-10"}  # fmt: skip
SHARES = [{"loan": "L-1", "lender": "north", "share": "2/3"},
          {"loan": "L-1", "lender": "south", "share": "1/3"}]  # fmt: skip
SERVED = {"servicer": "platform", "servicing_percent": "5"}
GUARANTEED = {"guarantor": "fund", "first_loss": "100.00"}
WHOLE: dict[str, Rows] = {
    "loans": [LOAN], "events": [EVENT], "balances": [BALANCE], "ratings": [RATING], "pds": PDS,
    "collateral": [ITEM], "participations": SHARES,
}  # fmt: skip


def folder(root: Path, tables: Mapping[str, Rows]) -> Path:
    root.mkdir()
    for name, rows in tables.items():
        with (root / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
            columns = dict.fromkeys(column for row in rows for column in row)
            writer = csv.DictWriter(stream, list(columns))
            writer.writeheader()
            writer.writerows(rows)
    return root


def imported(root: Path, tables: Mapping[str, Rows], name: str = "moved") -> int:
    source = folder(root / name, tables)
    return main(["loans", "import", str(source), "--into", str(root / "portfolio")])


def test_a_whole_folder_is_taken_in_and_later_ratings_join_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, WHOLE) == 0
    later = {**RATING, "rated_on": "2026-02-10", "grade": "C"}
    curve = [{**row, "grade": "C"} for row in PDS]
    assert imported(tmp_path, {"ratings": [later], "pds": curve}, "later") == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"Accepted 0 events as landing 2 of {tmp_path / 'portfolio'}."
    )
    for day in ("2026-01-31", "2026-02-12"):
        assert main(["eod", "run", str(tmp_path / "portfolio"), "--date", day]) == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ratings": [{**RATING, "grade": "D"}]},
         "error: loan L-1: It is rated D, a grade without PDs. Add its PDs to the table `pds`. "
         "See docs/guides/end-of-day.md."),
        ({"ratings": [{**RATING, "rated_on": "2026-02-01"}]},
         "error: loan L-1: It is provided for by stage, and no rating of it is stated until "
         "2026-01-31. State its rating at the start in the table `ratings`. "
         "See docs/guides/end-of-day.md."),
        ({"pds": [*PDS[:3], *PDS[4:]]},
         "error: pds, grade B from 0001-01-01: Its months do not run from 1 on without a gap. "
         "Correct them."),
        ({"pds": [*PDS[:-1], {**PDS[-1], "pd": "0.001"}]},
         "error: pds, grade B from 0001-01-01: Its PDs fall; they are those by the end of each "
         "month, all before it in. Correct them."),
        ({"pds": [{**PDS[0], "pd": "1.5"}]},
         "error: pds, row 1: 1.5 is no probability; write one from 0 to 1. "
         "See docs/guides/end-of-day.md."),
        ({"pds": [PDS[0], PDS[0]]},
         "error: pds, row 2: Month 1 of grade B stands there twice. "
         "See docs/guides/end-of-day.md."),
        ({"collateral": [{**ITEM, "kind": "castle"}]},
         "error: loan L-1, collateral 1, kind: The value 'castle' is not known; write one of "
         "deposit, receivables, real_estate, equipment, inventory, guarantee. "
         "See docs/guides/end-of-day.md."),
        ({"collateral": [{**ITEM, "value": "-1"}]},
         "error: loan L-1, collateral 1, value: It is below zero. See docs/guides/end-of-day.md."),
        ({"collateral": [{**ITEM, "loan": "L-9"}]},
         "error: collateral: Loan L-9 is not among the loans. Add it there, or take its rows "
         "out."),
        ({"participations": SHARES[:1]},
         "error: loan L-1: The shares of north add up to 2/3. Name each lender once, with a share "
         "above zero, so that all add up to 1."),
        ({"participations": [{**SHARES[0], "share": "much"}, SHARES[1]]},
         "error: loan L-1, participations 1, share: 'much' is no share, such as 1/3 or 0.25. "
         "See docs/guides/end-of-day.md."),
        ({"participations": [{**SHARES[0], "servicer": "platform"}, SHARES[1]]},
         "error: loan L-1, participations 1, servicer: It says nothing without "
         "`servicing_percent`. See docs/guides/end-of-day.md."),
        ({"participations": [{**SHARES[0], "recoveries": "lenders first"}, SHARES[1]]},
         "error: loan L-1, participations 1, recoveries: It says nothing without `guarantor`. "
         "See docs/guides/end-of-day.md."),
        ({"participations": [{**SHARES[0], **SERVED, "servicing_percent": "101"}, SHARES[1]]},
         "error: loan L-1, participations 1, servicing_percent: '101' is no percentage from 0 to "
         "100 with up to 4 decimals. See docs/guides/end-of-day.md."),
        ({"participations": [{**SHARES[0], **GUARANTEED, "first_loss": "-1"}, SHARES[1]]},
         "error: loan L-1, participations 1, first_loss: It is below zero. "
         "See docs/guides/end-of-day.md."),
        ({"participations": [{**SHARES[0], **SERVED},
                             {**SHARES[1], **SERVED, "servicer": "north"}]},
         "error: loan L-1: Its lenders state different values of `servicer`. State what holds for "
         "all of them once, or in each row the same."),
        ({"participations": [{**SHARES[0], "lender": "east"}, SHARES[1]]},
         "error: loan L-1: Its lender north has no share in it. Name the lender that leads among "
         "its participations."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, Rows], message: str
) -> None:
    code = imported(tmp_path, WHOLE | changed)
    told = capsys.readouterr().err.splitlines()
    assert (code, message in told) == (2, True)
    assert not (tmp_path / "portfolio").exists()


def test_a_servicer_and_a_guarantor_have_their_parts_in_the_reports(tmp_path: Path) -> None:
    """12.00 of interest came, 1,100.00 are lost, and 1,050.00 of that come back."""
    on = {"loan": "L-1", "reference": ""}
    events = [
        EVENT,
        {**on, "event": "repayment", "value_date": "2026-02-15", "amount": "112.00"},
        {**on, "event": "charge-off", "value_date": "2026-03-01"},
        {**on, "event": "repayment", "value_date": "2026-03-02", "amount": "1050.00"},
    ]
    shares = [{**SHARES[0], **SERVED, **GUARANTEED}, {**SHARES[1], **SERVED, **GUARANTEED}]
    plain = {**LOAN, "provisions": "by age", "lgd_percent": ""}
    balance = {**BALANCE, "as_of": "2026-03-02", "principal": "170.00"}
    tables = {"loans": [plain], "events": events, "balances": [balance], "participations": shares}
    assert imported(tmp_path, tables) == 0
    portfolio, out = str(tmp_path / "portfolio"), tmp_path / "reports"
    assert main(["eod", "run", portfolio, "--date", "2026-03-02"]) == 0
    assert main(["eod", "report", portfolio, "--out", str(out)]) == 0
    with (out / "trial_balance.csv").open(encoding="utf-8") as stream:
        found = {(row["lender"], row["account"]): int(row["amount"])
                 for row in csv.DictReader(stream)}  # fmt: skip
    among = ("servicing fees", "first-loss guarantees", "recoveries")
    assert {place: amount for place, amount in found.items() if place[1] in among} == {
        ("north", "servicing fees"): 40, ("south", "servicing fees"): 20,
        ("platform", "servicing fees"): -60,
        ("north", "first-loss guarantees"): -6_667, ("south", "first-loss guarantees"): -3_333,
        ("fund", "first-loss guarantees"): 10_000,
        ("north", "recoveries"): -66_667, ("south", "recoveries"): -33_333,
        ("fund", "recoveries"): -5_000,
    }  # fmt: skip
    assert {found["platform", "clearing"], found["fund", "clearing"]} == {60, -5_000}


def test_shares_without_a_common_denominator_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fine = [("north", "1/2018"), ("south", "504/1009"), ("east", "1/2026"), ("west", "506/1013")]
    shares = [{"loan": "L-1", "lender": lender, "share": share} for lender, share in fine]
    assert imported(tmp_path, WHOLE | {"participations": shares}) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: loan L-1: Its shares have no common denominator up to 1,000,000. State rounder "
        "shares."
    )


def test_the_lenders_of_a_loan_do_not_change_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, WHOLE) == 0
    assert imported(tmp_path, {"participations": SHARES}, "later") == 2
    assert (
        "error: loan L-1: Its lenders are stated when it is imported, and do not change here. "
        "Leave its rows of `participations` out."
    ) in capsys.readouterr().err.splitlines()


ADVANCE = {
    "loan": "A-1", "product": "share of sales", "lender": "north", "currency": "CNY",
    "advance": "900.00", "fee": "90.00", "share_percent": "10", "disbursed_on": "2026-01-05",
    "annual_sales": "12000.00",
}  # fmt: skip
ADVANCES: dict[str, Rows] = {
    "advances": [ADVANCE],
    "sales": [{"loan": "A-1", "sold_on": "2026-01-07", "amount": "200.00"}],
    "payments": [{"loan": "A-1", "paid_on": "2026-01-09", "amount": "50.00"}],
    "balances": [{"loan": "A-1", "as_of": "2026-01-31", "principal": "920.00"}],
}  # fmt: skip


def test_advances_are_reconciled_and_taken_in_and_their_days_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, ADVANCES) == 0
    later = {"loan": "A-1", "sold_on": "2026-02-01", "amount": "100.00"}
    assert imported(tmp_path, {"sales": [later]}, "later") == 0
    assert main(["eod", "run", str(tmp_path / "portfolio"), "--date", "2026-02-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "2026-02-01: 1 loan, 0 due, 1 with news, 0 penalised; 2 batches booked."
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"payments": [{"loan": "A-1", "paid_on": "2026-01-05", "amount": "50.00"}]},
         "error: loan A-1: A payment came on the day of its disbursement, 2026-01-05, or before. "
         "Date payments from the day after on."),
        ({"ratings": [{**RATING, "loan": "A-1"}], "pds": PDS},
         "error: loan A-1: It is an advance, which has no `ratings`. Take its rows out."),
        ({"balances": [{"loan": "A-1", "as_of": "2026-01-31", "principal": "920.00",
                        "status": "active"}]},
         "error: loan A-1, status: An advance has none; leave it empty. "
         "See docs/guides/end-of-day.md."),
        ({"sales": [{"loan": "A-1", "sold_on": "2026-01-07", "amount": "-1.00"}]},
         "error: loan A-1, sales 1, amount: It is below zero. See docs/guides/end-of-day.md."),
    ],
)  # fmt: skip
def test_an_advance_that_makes_no_sense_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, Rows], message: str
) -> None:
    assert imported(tmp_path, ADVANCES | changed) == 2
    assert message in capsys.readouterr().err.splitlines()


def test_an_advance_that_differs_from_its_balance_keeps_all_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    balance = {**ADVANCES["balances"][0], "principal": "921.00"}
    assert imported(tmp_path, ADVANCES | {"balances": [balance]}) == 1
    assert capsys.readouterr().out == (
        "1 loan of 1 differs: nothing was accepted.\n"
        "loan  what       stated  found\nA-1   principal  921.00  920.00\n"
    )


def test_what_comes_later_for_an_advance_must_be_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, ADVANCES) == 0
    assert imported(tmp_path, {"events": [{**EVENT, "loan": "A-1"}]}, "one") == 2
    early = {"loan": "A-1", "paid_on": "2026-01-02", "amount": "50.00"}
    assert imported(tmp_path, {"payments": [early]}, "two") == 2
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "working out 1 loan",
        "error: loan A-1: It is an advance, which has no `events`. State what it paid in the table "
        "`payments`.",
        "error: loan A-1: A payment came on the day of its disbursement, 2026-01-05, or before. "
        "Date payments from the day after on.",
    ]
