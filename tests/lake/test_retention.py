"""The retention clock: the longest purpose counts, from the last record, unless a hold stands."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lake.lakes import day, new_lake
from tests.lake.persons import BANK, FIRMS, OWNERS, forget, tell
from tradeline.cli.lake_subjects import periods
from tradeline.kernel.findings import InputProblem
from tradeline.lake.erasure import hold
from tradeline.lake.retention import ANY, Kept, Period, kept, years_after
from tradeline.lake.store import open_lake
from tradeline.lake.subjects import SEALED
from tradeline.risk.parameters import read_parameters

PERIODS = (
    Period(ANY, "short", 2),
    Period(ANY, "long", 5),
    Period("bank_transactions", "accounts", 7),
    Period("refused", "repair", 1),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = new_lake(tmp_path)
    row = {"enterprise": "E1", "legal_form": "sole_trader", "representative": "Zhang San"}
    tell(
        root, "a", enterprises=FIRMS, bank_transactions=BANK[:2], owners=OWNERS,
        registrations=[row],
    )  # fmt: skip
    return root


def by_subject(root: Path) -> dict[str, Kept]:
    return {item.subject: item for item in kept(open_lake(root), PERIODS)}


def test_the_longest_period_of_any_contract_counts_from_its_last_record(root: Path) -> None:
    found = by_subject(root)
    assert set(found) == {"enterprise:E1", "enterprise:E2", "owner_no:P1"}
    assert found["enterprise:E1"] == Kept(
        subject="enterprise:E1",
        rows=4,
        last=date(2024, 1, 3),
        until=date(2031, 1, 3),
        contract="bank_transactions",
        purpose="accounts",
        legal_form="sole_trader",
        held=False,
    )
    assert (found["enterprise:E2"].until, found["enterprise:E2"].purpose) == (
        date(2029, 1, 3), "long",
    )  # fmt: skip
    assert found["enterprise:E2"].legal_form == ""


def test_a_subject_is_due_on_the_day_not_before(root: Path) -> None:
    item = by_subject(root)["enterprise:E2"]
    assert not item.is_due(date(2029, 1, 2))
    assert item.is_due(date(2029, 1, 3))


def test_a_later_record_moves_the_clock(root: Path) -> None:
    tell(root, "b", 400, enterprises=[{"enterprise": "E2", "name": "Li Wu"}])
    assert by_subject(root)["enterprise:E2"].until == date(2030, 2, 4)


def test_what_is_held_is_not_due_and_what_is_erased_is_not_kept(root: Path) -> None:
    hold(root, "E2", "case 3", day(9), lambda _: None)
    forget(root, "owner_no:P1")
    found = by_subject(root)
    assert set(found) == {"enterprise:E1", "enterprise:E2"}
    assert found["enterprise:E2"].held
    assert not found["enterprise:E2"].is_due(date(2099, 1, 1))


def test_an_empty_lake_keeps_nobody(tmp_path: Path) -> None:
    assert kept(open_lake(new_lake(tmp_path)), PERIODS) == ()


@given(start=st.dates(date(1970, 1, 1), date(2100, 1, 1)), years=st.integers(0, 99))
def test_years_end_on_the_same_day_or_the_last_of_february(start: date, years: int) -> None:
    end = years_after(start, years)
    assert (end.year, end.month) == (start.year + years, start.month)
    assert end.day == start.day or (start.month, start.day, end.day) == (2, 29, 28)


def test_the_parameters_name_contracts_that_keep_personal_values() -> None:
    names = {period.contract for period in periods(date(2026, 1, 1))}
    assert names <= {ANY, *SEALED}
    assert ANY in names


def test_the_parameters_say_where_they_come_from_and_what_is_unconfirmed() -> None:
    found = read_parameters("retention", date(2026, 1, 1)).values()
    assert {parameter.status for parameter in found} == {"assumption", "read", "unverified"}
    assert all(parameter.unit == "years" and parameter.source for parameter in found)


def test_a_law_counts_from_its_day_on() -> None:
    name = "any.anti_money_laundering"
    assert read_parameters("retention", date(2024, 12, 31))[name].value == 5
    assert read_parameters("retention", date(2025, 1, 1))[name].value == 10
    with pytest.raises(InputProblem, match="has no value on 1999-01-01"):
        periods(date(1999, 1, 1))
