"""What is disputed is marked on each row and figure, with what the file would say without it."""

from datetime import timedelta
from typing import Any

from tests.creditfile.file.tellings import AS_OF, LATER, TERMS, Told, subject_of, told
from tradeline.creditfile.file.declaration import Figure
from tradeline.creditfile.file.opening import OpenedRow, open_figure
from tradeline.creditfile.file.page import file_page
from tradeline.creditfile.file.parts import FIGURES
from tradeline.creditfile.file.reckoning import Reckoned, Value, reckon
from tradeline.creditfile.file.record import SubjectFile, read_file
from tradeline.creditfile.file.tables import file_table
from tradeline.lake.contracts import BY_NAME

ORDERS_12M = FIGURES["orders_12m"]
DAY = timedelta(days=1)


def orders(*changes: dict[str, Any]) -> list[Told]:
    row = {"enterprise": "E1", "counterparty": "K", "currency": "CNY", "status": "delivered"}
    rows = [
        row
        | {"order_no": str(n), "gross_minor": n * 100, "occurred_at": AS_OF - n * DAY,
           "recorded_at": AS_OF - n * DAY}
        for n in (1, 2, 3)
    ]  # fmt: skip
    return told(BY_NAME["orders"], [*rows, *(row | change for change in changes)])


def dispute(about: str, status: str = "open", **changes: Any) -> Told:
    return {
        "enterprise": "E1",
        "dispute_no": "D1",
        "about": about,
        "claim": "the order was for 20",
        "status": status,
        "occurred_at": AS_OF - DAY / 2,
        "recorded_at": AS_OF - DAY / 4,
    } | changes


def file_of(order_rows: list[Told], *disputes: Told) -> SubjectFile:
    tables = {"orders": order_rows, "disputes": told(BY_NAME["disputes"], disputes)}
    return read_file(subject_of(tables, AS_OF, LATER), TERMS, 40)


def opened(order_rows: list[Told], figure: Figure = ORDERS_12M) -> tuple[OpenedRow, ...]:
    return open_figure(subject_of({"orders": order_rows}, AS_OF, LATER), figure)


def figure_of(file: SubjectFile, name: str) -> Reckoned:
    (found,) = (f for part in file.parts for f in part.figures if f.figure.id == name)
    return found


def test_a_disputed_row_marks_every_figure_that_it_adds_to() -> None:
    second = opened(orders())[1]
    file = file_of(orders(), dispute(second.record))
    found = figure_of(file, "orders_12m")
    assert found.values == (Value("CNY", 600),)
    assert (found.disputed, found.without) == (1, (Value("CNY", 400),))
    assert figure_of(file, "order_buyers_12m").without == (Value("", 1),)
    assert figure_of(file, "orders_12m_before").without is None
    rows = next(p.rows["orders_12m"] for p in file.parts if "orders_12m" in p.rows)
    assert [row.disputed for row in rows] == [False, True, False]
    assert [note.line() for note in file.notes] == [
        "note: E1: The enterprise contests 1 record or figure in this file. Each is marked; what "
        "the figures would be without it stands beside them."
    ]


def test_the_page_says_who_contests_what_and_what_that_changes() -> None:
    second = opened(orders())[1]
    page = file_page(file_of(orders(), dispute(second.record)), "lake")
    assert page.count('<strong class="mark">disputed</strong>') > 4
    assert "Without it this would be <strong>CNY\N{NO-BREAK SPACE}4.00</strong>" in page
    assert "the order was for 20" in page
    assert "the record still counts" in page
    assert f"<code>{second.record}</code>" in page


def test_a_dispute_that_is_decided_marks_nothing_and_stays_on_record() -> None:
    second = opened(orders())[1]
    for status in ("upheld", "rejected"):
        decided = dispute(second.record, status, recorded_at=AS_OF, answer="seen")
        file = file_of(orders(), dispute(second.record), decided)
        assert figure_of(file, "orders_12m").disputed == 0
        (shown,) = file.disputes
        assert (shown.status, shown.answer, shown.fate) == (status, "seen", "counts")
        assert file.notes == ()


def test_a_record_that_was_corrected_is_no_longer_counted_and_the_dispute_says_so() -> None:
    second = opened(orders())[1]
    correction = {
        "order_no": "2",
        "gross_minor": 20_00,
        "occurred_at": AS_OF - 2 * DAY,
        "recorded_at": AS_OF - DAY,
    }
    rows = orders(correction)
    file = file_of(rows, dispute(second.record))
    assert figure_of(file, "orders_12m").values == (Value("CNY", 24_00),)
    assert figure_of(file, "orders_12m").disputed == 0
    assert [item.fate for item in file.disputes] == ["superseded"]
    subject = subject_of({"orders": rows}, AS_OF, LATER)
    every = open_figure(subject, ORDERS_12M, superseded=True)
    assert [row.record for row in every if not row.counts] == [second.record]
    before = subject_of({"orders": rows}, AS_OF - 2 * DAY, AS_OF - 2 * DAY)
    assert reckon(before, (ORDERS_12M,))["orders_12m"].values == (Value("CNY", 5_00),)


def test_a_figure_or_a_record_of_another_file_can_be_contested_too() -> None:
    of_figure = dispute("orders_12m")
    elsewhere = dispute("orders/000000000000/9", dispute_no="D2")
    file = file_of(orders(), of_figure, elsewhere)
    assert {item.about: item.fate for item in file.disputes} == {
        "orders_12m": "figure",
        "orders/000000000000/9": "not in this file",
    }
    assert figure_of(file, "orders_12m").contested
    assert not figure_of(file, "orders_count_12m").contested
    assert [note.message for note in file.notes] == [
        "The enterprise contests 1 record or figure in this file.",
        "1 open dispute is about what is not in this file, or is no more.",
    ]


def test_what_is_contested_after_the_day_of_the_file_is_marked_once_it_is_known() -> None:
    second = opened(orders())[1]
    later = dispute(second.record, occurred_at=AS_OF + DAY, recorded_at=AS_OF + DAY)
    assert figure_of(file_of(orders(), later), "orders_12m").disputed == 1
    tables = {"orders": orders(), "disputes": told(BY_NAME["disputes"], [later])}
    early = read_file(subject_of(tables, AS_OF, AS_OF), TERMS)
    assert figure_of(early, "orders_12m").disputed == 0


def test_disputes_stand_in_the_file_as_tables() -> None:
    second = opened(orders())[1]
    table = file_table(file_of(orders(), dispute(second.record)))
    (shown,) = table["disputes"]
    assert (shown["about"], shown["status"], shown["fate"]) == (second.record, "open", "counts")
    (trade,) = (part for part in table["parts"] if part["id"] == "trade")
    found = {figure["id"]: figure for figure in trade["figures"]}["orders_12m"]
    assert found["without_disputed"] == [{"unit": "CNY", "adds": 400, "of": None}]
