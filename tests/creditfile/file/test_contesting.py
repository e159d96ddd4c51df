"""The subject contests its file and is answered: known from then on, and not before."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.creditfile.file.tellings import TERMS
from tests.lake.persons import forget
from tests.lake.persons import tell as tell_persons
from tradeline.creditfile.file.contesting import LONGEST_WORDS, Said, answer, contest
from tradeline.creditfile.file.opening import OpenedRow, open_figure
from tradeline.creditfile.file.parts import FIGURES
from tradeline.creditfile.file.reckoning import Reckoned, reckon
from tradeline.creditfile.file.record import SubjectFile, read_file
from tradeline.creditfile.file.subject import Subject, of_lake
from tradeline.kernel.findings import InputProblem
from tradeline.lake.extracts import extracts
from tradeline.lake.own_records import tell
from tradeline.lake.reading import Moment
from tradeline.lake.records import Assurance
from tradeline.lake.store import init_lake, open_lake

ORDERS = FIGURES["orders_12m"]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def order(number: str, gross_minor: int, recorded: str) -> dict[str, object]:
    return {
        "enterprise": "E1", "order_no": number, "gross_minor": gross_minor, "currency": "CNY",
        "status": "delivered", "counterparty": "K", "occurred_at": day("2024-01-10"),
        "recorded_at": day(recorded),
    }  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Two orders of one firm, told by a shop."""
    root = tmp_path / "lake"
    init_lake(root)
    rows = [order("1", 100, "2024-01-10"), order("2", 900, "2024-01-11")]
    tell(root, "orders", rows, "shop", Assurance.PLATFORM_OBSERVED)
    tell_persons(root, "names", enterprises=[{"enterprise": "E1", "name": "Alder Works"}])
    return root


def subject(lake: Path, known_at: str) -> Subject:
    return of_lake(extracts(open_lake(lake)), "E1", Moment(day("2024-12-31"), day(known_at)))


def figure(lake: Path, known_at: str) -> Reckoned:
    return reckon(subject(lake, known_at), [ORDERS])["orders_12m"]


def file(lake: Path, known_at: str) -> SubjectFile:
    return read_file(subject(lake, known_at), TERMS)


def rows(lake: Path, known_at: str) -> list[OpenedRow]:
    opened = open_figure(subject(lake, known_at), ORDERS)
    return sorted(opened, key=lambda row: -(row.adds or 0))


def contested(lake: Path, about: str, on: str = "2024-03-01") -> Said:
    return contest(lake, "E1", about, "the buyer sent it back", day(on))


def test_what_is_contested_is_marked_from_then_on_and_not_before(lake: Path) -> None:
    wrong = rows(lake, "2024-02-28")[0]
    said = contested(lake, wrong.record)
    assert (said.number, said.about, said.status) == ("D1", wrong.record, "open")
    marked = figure(lake, "2024-03-01")
    assert marked.disputed == 1
    assert marked.without is not None
    assert (marked.values[0].adds, marked.without[0].adds) == (1000, 100)
    assert figure(lake, "2024-02-28").without is None
    (dispute,) = file(lake, "2024-03-01").disputes
    assert (dispute.claim, dispute.fate) == ("the buyer sent it back", "counts")
    assert file(lake, "2024-02-28").disputes == ()


def test_an_answer_stands_above_the_claim_and_what_was_known_before_stays(lake: Path) -> None:
    wrong = rows(lake, "2024-02-28")[0]
    contested(lake, wrong.record)
    said = answer(lake, "E1", "D1", "upheld", "the shop mends it", day("2024-04-01"))
    assert (said.number, said.status) == ("D1", "upheld")
    (now,) = file(lake, "2024-04-02").disputes
    assert (now.status, now.answer, now.raised_at) == (
        "upheld", "the shop mends it", day("2024-03-01"),
    )  # fmt: skip
    assert [figure(lake, f"2024-0{month}-15").disputed for month in (2, 3, 4)] == [0, 1, 0]
    tell(lake, "orders", [order("2", 0, "2024-05-01")], "shop", Assurance.PLATFORM_OBSERVED)
    assert [figure(lake, f"2024-0{m}-15").values[0].adds for m in (3, 4, 5)] == [1000, 1000, 100]
    assert [one.fate for one in file(lake, "2024-05-15").disputes] == ["superseded"]


def test_numbers_go_on_and_a_decided_matter_can_be_contested_again(lake: Path) -> None:
    contested(lake, "orders_12m")
    assert contested(lake, rows(lake, "2024-02-28")[0].record).number == "D2"
    answer(lake, "E1", "D1", "rejected", "it is complete", day("2024-04-01"))
    assert contested(lake, "orders_12m", "2024-05-01").number == "D3"


def test_a_number_is_given_once_whenever_its_dispute_is_known(lake: Path) -> None:
    contested(lake, "orders_12m", "2024-05-01")
    assert contested(lake, rows(lake, "2024-02-28")[0].record, "2024-03-01").number == "D2"
    assert [figure(lake, f"2024-0{month}-15").disputed for month in (2, 3, 5)] == [0, 1, 1]


def test_an_answer_can_be_mended_and_is_not_given_twice(lake: Path) -> None:
    contested(lake, "orders_12m")
    answer(lake, "E1", "D1", "rejected", "it is complete", day("2024-04-01"))
    with pytest.raises(InputProblem) as refused:
        answer(lake, "E1", "D1", "rejected", " it is complete ", day("2024-04-02"))
    assert str(refused.value) == (
        "error: dispute D1: It is rejected already, in the same words. Nothing needs to be done; "
        "answer otherwise if that was wrong."
    )
    answer(lake, "E1", "D1", "upheld", "May is missing indeed", day("2024-05-01"))
    assert [one.status for one in file(lake, "2024-05-02").disputes] == ["upheld"]


def test_what_cannot_be_contested_is_refused_in_words_and_nothing_is_kept(lake: Path) -> None:
    old = rows(lake, "2024-02-28")[0].record
    tell(lake, "orders", [order("2", 0, "2024-02-29")], "shop", Assurance.PLATFORM_OBSERVED)
    contested(lake, "orders_12m")
    entries = len(open_lake(lake).entries)
    for words, message in [
        (("E1", old, "x"),
         f"error: {old}: Another record counts in its place: a better version, or what another "
         "identifier tells alike. Contest the record that counts; the rows of the figure show it."),
        (("E1", "orders/000000000000/9", "x"),
         "error: orders/000000000000/9: The file of E1 has no record or figure of this id. "
         "`tradeline file rows` gives the id of each record, `tradeline file figures` those of "
         "the figures."),
        (("E1", "orders_12m", "x"),
         "error: orders_12m: It is contested already, by dispute D1. Wait for the answer; whoever "
         "gives it sees this one."),
        (("E1", "orders_12m", " "),
         "error: --claim: Nothing is said. Write what is right in place of it, and why."),
        (("E1", "orders_12m", "x" * (LONGEST_WORDS + 1)),
         "error: --claim: It has 2,001 characters, and a file shows 2,000 at most. Say it shorter; "
         "evidence is handed over beside it."),
        (("E11", "orders_12m", "x"),
         "error: E11: Nothing is known of an enterprise of that identifier. Did you mean 'E1'? "
         "Write it as its records have it; a name is not looked up."),
        (("E1", "orders_12", "x"),
         "error: orders_12: The file of E1 has no record or figure of this id. Did you mean "
         "orders_12m or orders_count_12m or order_buyers_12m? `tradeline file rows` gives the id "
         "of each record, `tradeline file figures` those of the figures."),
    ]:  # fmt: skip
        with pytest.raises(InputProblem) as refused:
            contest(lake, *words, day("2024-06-01"))
        assert str(refused.value) == message
    assert len(open_lake(lake).entries) == entries


def test_what_was_never_contested_cannot_be_answered(lake: Path) -> None:
    with pytest.raises(InputProblem) as refused:
        answer(lake, "E1", "D1", "upheld", "yes", day("2024-06-01"))
    assert str(refused.value) == (
        "error: D1: E1 has no dispute of this number. It contests nothing."
    )
    contested(lake, "orders_12m")
    with pytest.raises(InputProblem) as refused:
        answer(lake, "E1", "7", "upheld", "yes", day("2024-06-01"))
    assert str(refused.value) == "error: 7: E1 has no dispute of this number. It has D1."


def test_of_an_erased_enterprise_no_dispute_is_kept(lake: Path) -> None:
    forget(lake, "E1")
    with pytest.raises(InputProblem) as refused:
        contested(lake, "orders_12m")
    assert str(refused.value) == (
        "error: E1: What is personal of this enterprise was erased, so no dispute of it can be "
        "kept. Have the source correct the record."
    )
