"""Records serve while they are fresh and whole: a slow count of rows says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.creditfile.quality.tellings import TERMS
from tradeline.creditfile.credit_file import read_credit_files
from tradeline.creditfile.quality.rules import RULES
from tradeline.lake.landing import land
from tradeline.lake.recognition import folder_proposal
from tradeline.risk.evidence import Evidence, read_evidence, read_quality_terms

MOMENT = datetime(2024, 6, 30, 23, 59)  # noqa: DTZ001
FIRMS = ("E1", "E2", "E3")
SALES = "enterprise,invoice_no,buyer,net,tax,gross,status,date\n"
PURCHASES = SALES.replace("buyer", "seller")
BANK = "enterprise,transaction_no,amount,date\n"
ORDERS = "enterprise,order_no,buyer,gross,status,date\n"
OUTCOMES = "enterprise,defaulted,date\n"


def evidence(folder: Path, **files: str) -> dict[str, tuple[float, float]]:
    """Age and doubtful share by firm, for a folder of these CSV files."""
    listed = "enterprise,name\n" + "".join(f"{firm},{firm}\n" for firm in FIRMS)
    for name, content in {"enterprises": listed, **files}.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    mapping = folder_proposal(folder, None, "CNY", lambda _: None).mapping
    with duckdb.connect() as connection:
        land(connection, folder, mapping, lambda _: None)
        found = read_evidence(connection, read_credit_files(connection, MOMENT, TERMS), MOMENT)
    return by_firm(found)


def by_firm(found: Evidence) -> dict[str, tuple[float, float]]:
    pairs = zip(found.age_days.tolist(), found.doubtful_share.tolist(), strict=True)
    return dict(zip(FIRMS, pairs, strict=True))


def invoice(firm: str, number: int, day: str, gross: str = "113") -> str:
    return f"{firm},{number},B,100,13,{gross},valid,{day}\n"


def test_the_source_that_ends_first_gives_the_age(tmp_path: Path) -> None:
    found = evidence(
        tmp_path,
        sales=SALES + invoice("E1", 1, "2024-06-20") + invoice("E2", 2, "2024-06-20"),
        purchases=PURCHASES + invoice("E1", 1, "2024-05-31"),
        bank=f"{BANK}E1,1,5,2024-06-10\nE2,2,5,2024-06-29\n",
    )
    ages = {firm: age for firm, (age, _) in found.items()}
    # E2 has no purchases, so its cash flow rests on the bank alone; E3 has nothing.
    assert ages == pytest.approx({"E1": 30.0, "E2": 1.0, "E3": float("nan")}, nan_ok=True)


def test_orders_give_the_age_where_nothing_better_does(tmp_path: Path) -> None:
    found = evidence(
        tmp_path,
        orders=f"{ORDERS}E1,1,B,5,placed,2024-06-01\nE2,2,B,5,placed,2024-06-01\n",
        bank=f"{BANK}E2,1,5,2024-06-25\n",
    )
    assert (found["E1"][0], found["E2"][0]) == (29.0, 5.0)


def test_what_came_later_makes_nothing_fresh(tmp_path: Path) -> None:
    found = evidence(tmp_path, bank=f"{BANK}E1,1,5,2024-06-01\nE1,2,5,2024-07-15\n")
    assert found["E1"][0] == 29.0


def test_refused_rows_count_for_their_firm_and_copies_do_not(tmp_path: Path) -> None:
    rows = [invoice("E1", n, "2024-06-20") for n in range(3)]
    broken = invoice("E1", 9, "someday")
    found = evidence(tmp_path, sales=SALES + "".join([*rows, broken, rows[0]]))
    assert {firm: share for firm, (_, share) in found.items()} == {"E1": 0.25, "E2": 0, "E3": 0}


def test_a_row_of_nobody_counts_against_every_firm(tmp_path: Path) -> None:
    rows = "".join(invoice("E1", n, "2024-06-20") for n in range(3))
    for stray in (invoice("", 9, "2024-06-20"), "torn\n"):
        found = evidence(tmp_path, sales=SALES + rows + stray)
        assert [share for _, share in found.values()] == [0.25, 0.25, 0.25]


def test_a_refused_row_of_a_stranger_is_nobodys_doubt(tmp_path: Path) -> None:
    found = evidence(tmp_path, sales=SALES + invoice("X", 9, "someday"))
    assert [share for _, share in found.values()] == [0, 0, 0]


def test_a_refused_outcome_makes_a_firm_wholly_doubtful(tmp_path: Path) -> None:
    found = evidence(
        tmp_path, outcomes=f"{OUTCOMES}E1,perhaps,2024-06-01\nE2,no,2024-06-01\nE3,yes,2024-06-01\n"
    )
    assert [share for _, share in found.values()] == [1, 0, 0]


def test_amounts_that_do_not_add_up_count_by_their_size(tmp_path: Path) -> None:
    rows = [invoice("E1", n, "2024-06-20") for n in range(8)]
    slip = invoice("E1", 9, "2024-06-20", "9096")
    later = invoice("E2", 9, "2024-07-20", "9096")
    found = evidence(tmp_path, sales=SALES + "".join([*rows, slip, later]))
    assert found["E1"][1] == pytest.approx(9096 / (9096 + 8 * 113))
    assert found["E2"][1] == 0


@dataclass(frozen=True)
class Line:
    firm: str
    number: int
    gross: str

    def text(self) -> str:
        return invoice(self.firm, self.number, "2024-06-20", self.gross)


lines = st.lists(
    st.builds(
        Line,
        st.sampled_from(["E1", "E2", "", "X"]),
        st.integers(0, 999),
        st.sampled_from(["113", "113", "113", "500", "-500", "none", ""]),
    ),
    max_size=25,
    unique_by=lambda line: (line.firm, line.number),
)


def slowly(firm: str, given: Sequence[Line]) -> float:
    sound = [line for line in given if line.firm and line.gross.lstrip("-").isdigit()]
    strays = sum(not line.firm for line in given)
    own = [line for line in given if line.firm == firm]
    refused = sum(line not in sound for line in own)
    amounts = [abs(int(line.gross)) for line in own if line in sound]
    odd = sum(amount for amount in amounts if amount != 113)
    all_refused = sum(line not in sound for line in given)
    shares = [
        refused / len(own) if own else 0.0,
        odd / sum(amounts) if amounts else 0.0,
        strays / (len(sound) + all_refused) if given else 0.0,
    ]
    return max(shares)


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(lines)
def test_the_doubtful_share_equals_a_slow_count(
    tmp_path_factory: pytest.TempPathFactory, given: list[Line]
) -> None:
    text = SALES + "".join(line.text() for line in given)
    found = evidence(tmp_path_factory.mktemp("folder"), sales=text)
    for firm in FIRMS:
        assert found[firm][1] == pytest.approx(slowly(firm, given))


def test_the_terms_of_quality_have_a_window_for_every_rule_and_no_promise_yet() -> None:
    terms = read_quality_terms(date(2024, 12, 31))
    assert set(terms.window_days) == {rule.name for rule in RULES}
    assert min(terms.window_days.values()) > 0
    assert (terms.promise_days, terms.promises, terms.fed_by) == (31, {}, {})
