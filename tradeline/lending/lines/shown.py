"""A draw and how it is repaid, as people and programs read it."""

from tradeline.kernel.findings import counted
from tradeline.kernel.money import grouped_amount, minor_digits
from tradeline.lending.lines.state import LineState
from tradeline.lending.lines.terms_file import LineTerms
from tradeline.lending.loan.state import Instalment
from tradeline.lending.products.shown import aligned, schedule_table, schedule_text

COLUMNS = ("", "due", "principal", "interest", "fees", "to pay", "left")


def line_text(terms: LineTerms, state: LineState) -> str:
    """What is left to draw, and the instalments of the draw or the bills on the balance."""
    line, draw = terms.agreement, state.draws[0]
    digits = minor_digits(line.currency)
    left = grouped_amount(line.limit_minor - terms.draw_minor, digits)
    head = (f"{line.currency} {grouped_amount(line.limit_minor, digits)} until {line.expiry}, "
            f"{left} of it not drawn\n")  # fmt: skip
    if draw.contract is not None and draw.loan is not None:
        return f"{head}\n{schedule_text(draw.contract, draw.loan)}"
    owed = sum((row.owed.total for row in state.bills), 0)
    rows = [COLUMNS, *_rows(terms, state.bills, digits)]
    rows.append(("", "in all", *_amounts(state, digits), grouped_amount(owed, digits), ""))
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = [aligned(row, widths) for row in rows]
    drawn = grouped_amount(terms.draw_minor, digits)
    bills = counted(len(state.bills), "bill")
    return "\n".join([head, f"{line.currency} {drawn} from {line.start}, {bills}", "", *lines, ""])


def _amounts(state: LineState, digits: int) -> tuple[str, ...]:
    bills = state.bills
    return (
        grouped_amount(sum(row.owed.principal for row in bills), digits),
        grouped_amount(sum(row.owed.interest for row in bills), digits),
        grouped_amount(sum(row.owed.fees for row in bills), digits),
    )


def _rows(terms: LineTerms, bills: tuple[Instalment, ...], digits: int) -> list[tuple[str, ...]]:
    left, found = terms.draw_minor, []
    for row in bills:
        left -= row.owed.principal
        amounts = (row.owed.principal, row.owed.interest, row.owed.fees, row.owed.total, left)
        texts = (grouped_amount(amount, digits) for amount in amounts)
        found.append((str(row.number), row.due.isoformat(), *texts))
    return found


def line_table(terms: LineTerms, state: LineState) -> dict[str, object]:
    """The same as values for JSON, amounts in minor units."""
    line, draw = terms.agreement, state.draws[0]
    found: dict[str, object] = {
        "currency": line.currency,
        "limit_minor": line.limit_minor,
        "expiry": line.expiry.isoformat(),
        "not_drawn_minor": line.limit_minor - terms.draw_minor,
    }
    if draw.contract is not None and draw.loan is not None:
        return found | {"draw": schedule_table(draw.contract, draw.loan)}
    return found | {"bills": [_table(row) for row in state.bills]}


def _table(row: Instalment) -> dict[str, object]:
    return {
        "number": row.number,
        "due": row.due.isoformat(),
        "principal_minor": row.owed.principal,
        "interest_minor": row.owed.interest,
        "fees_minor": row.owed.fees,
        "to_pay_minor": row.owed.total,
    }
