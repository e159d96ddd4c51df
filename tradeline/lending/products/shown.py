"""A schedule and its cost as people and programs read them: units, or values in minor units."""

from collections.abc import Sequence

from tradeline.kernel.findings import counted
from tradeline.kernel.money import grouped_amount, minor_digits
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.state import Instalment, LoanState
from tradeline.lending.products.yearly_cost import YearlyCost, YearlyRate

COLUMNS = ("", "due", "days", "principal", "interest", "to pay", "left")


def schedule_text(contract: Contract, state: LoanState) -> str:
    """The schedule as an aligned table, with what it adds up to."""
    digits = minor_digits(contract.currency)
    rows = [COLUMNS, *(_row(row, digits) for row in state.instalments)]
    owed = state.totals.owed
    sums = (grouped_amount(each, digits) for each in (owed.principal, owed.interest, owed.total))
    rows.append(("", "in all", "", *sums, ""))
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = [aligned(row, widths) for row in rows]
    principal = grouped_amount(contract.principal_minor, digits)
    head = (f"{contract.currency} {principal} from {contract.start}, "
            f"{counted(len(state.instalments), 'instalment')}")  # fmt: skip
    return "\n".join([head, "", *lines, ""])


def _row(row: Instalment, digits: int) -> tuple[str, ...]:
    owed = row.owed
    amounts = (owed.principal, owed.interest, owed.total, row.balance_after)
    return (str(row.number), row.due.isoformat(), str(row.days),
            *(grouped_amount(amount, digits) for amount in amounts))  # fmt: skip


def aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    """A line of a table, each text at the right of its column."""
    return "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def schedule_table(contract: Contract, state: LoanState) -> dict[str, object]:
    """The schedule as values for JSON, amounts in minor units."""
    return {
        "currency": contract.currency,
        "principal_minor": contract.principal_minor,
        "start": contract.start.isoformat(),
        "instalments": [_table(row) for row in state.instalments],
        "totals": {
            "principal_minor": state.totals.owed.principal,
            "interest_minor": state.totals.owed.interest,
            "to_pay_minor": state.totals.owed.total,
        },
    }


def _table(row: Instalment) -> dict[str, object]:
    return {
        "number": row.number,
        "due": row.due.isoformat(),
        "days": row.days,
        "principal_minor": row.owed.principal,
        "interest_minor": row.owed.interest,
        "to_pay_minor": row.owed.total,
        "left_minor": row.balance_after,
    }


def cost_text(cost: YearlyCost) -> str:
    """What a schedule costs a year, a line for each rate."""
    rates = {"Effective annual rate": cost.effective, "APR": cost.apr}
    return "".join(f"{name}: {_rate_text(rate)}\n" for name, rate in rates.items())


def _rate_text(rate: YearlyRate) -> str:
    return f"none. {rate.reason}" if rate.percent is None else f"{rate.percent:,} %"


def cost_table(cost: YearlyCost) -> dict[str, object]:
    """The same as values for JSON: decimals as text, so that no binary number comes between."""
    return {
        "effective_annual_rate": _rate_table(cost.effective),
        "apr": _rate_table(cost.apr),
    }


def _rate_table(rate: YearlyRate) -> dict[str, str | None]:
    percent = None if rate.percent is None else str(rate.percent)
    return {"percent": percent, "reason": rate.reason}
