"""A statement opens where the one before it closed, and shows what happened between."""

from tests.lending.lines.made_lines import BY_DRAW, asked, day, paid, settled
from tradeline.lending.lines.statement import statement

EVENTS = (asked("A", 5, 600_000), settled("A", 6), paid(45, 150_000), asked("B", 55, 100_000))


def test_statements_follow_each_other() -> None:
    first = statement(BY_DRAW, EVENTS, day(0), day(40))
    second = statement(BY_DRAW, EVENTS, day(41), day(60))
    assert first.opening is None
    assert second.opening is not None
    assert second.opening.drawn_minor == first.closing.drawn_minor == 600_000
    came = sum(made.parts.principal for made in second.transactions if made.kind == "repayment")
    assert second.closing.drawn_minor == 600_000 - came
    assert second.closing.held_minor == 100_000


def test_a_statement_shows_what_falls_due_of_each_draw_and_of_the_line() -> None:
    found = statement(BY_DRAW, EVENTS, day(0), day(40))
    assert [(name, row.due) for name, row in found.due] == [("", day(31)), ("A", day(37))]
