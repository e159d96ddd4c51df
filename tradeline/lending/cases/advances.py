"""Cases of advances repaid by a share of sales, in the words of the case."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tradeline.kernel.money import amount_text
from tradeline.lending.cases.case import Variant
from tradeline.lending.cases.comparing import Comparison
from tradeline.lending.cases.journal_entries import Entry, entry, in_words, stated_entries
from tradeline.lending.cases.values import Reader
from tradeline.lending.cases.vocabulary import REVENUE_INPUTS
from tradeline.lending.revenue_share.plan import Plan, expected_payment, planned
from tradeline.lending.revenue_share.projection import Day, projected
from tradeline.lending.revenue_share.transactions import (
    Line,
    Receipt,
    Transaction,
    lines,
    transactions,
)

NEEDED = ("net_disbursement", "discount_fee", "disbursement_date")
EVENTS = ("disbursement", "end_of_day", "repayment")
KINDS = {
    "disbursement": "Disbursement",
    "discount_fee": "Discount Fee",
    "repayment": "Repayment",
    "discount_fee_amortization": "Discount Fee Amortization",
}
EARNED = "Discount Fee Amortization"


def replay_advance(reader: Reader, variant: Variant) -> list[Comparison]:
    """All checkpoints of an advance compared; what cannot be read is refused by the reader."""
    terms = _Terms(reader, variant)
    reader.stop_if_refused()
    points = [
        _Point(reader, variant, terms, number, checkpoint)
        for number, checkpoint in enumerate(variant.checkpoints, 1)
    ]
    reader.stop_if_refused()
    return [point.compared() for point in points]


class _Terms:
    """Advance, fee and expected payment of a variant, and what came."""

    def __init__(self, reader: Reader, variant: Variant) -> None:
        self.reader, self.inputs = reader, variant.inputs
        for key in self.inputs:
            if key not in REVENUE_INPUTS:
                reader.refuse("inputs", f"The word '{key}' belongs to another kind of case.")
        for key in NEEDED:
            if key not in self.inputs:
                reader.refuse("inputs", f"The word '{key}' is missing.")
        if self.inputs.get("payment_frequency", "daily") != "daily":
            shown = self.inputs["payment_frequency"]
            reader.refuse("inputs: payment_frequency", f"The value '{shown}' is not in the "
                          "vocabulary.")  # fmt: skip
        if "currency_decimals" in self.inputs:
            reader.digits = reader.number("inputs: currency_decimals",
                                          self.inputs["currency_decimals"])  # fmt: skip
        self.disbursed_on = reader.date("inputs", self.inputs.get("disbursement_date"))
        self.advance = reader.money("inputs", self.inputs.get("net_disbursement", 0))
        self.fee = reader.money("inputs", self.inputs.get("discount_fee", 0))
        self.payment = self._payment()
        self.receipts = [self._receipt(at, event) for at, event in enumerate(variant.events, 1)]

    def plan(self) -> Plan:
        """The plan of the advance; InputProblem if it makes no sense."""
        return planned(self.advance, self.fee, self.payment)

    @property
    def rounds_each_day(self) -> bool:
        """Whether fees are rounded day by day: where the payment is stated and not reckoned."""
        return "daily_expected_payment" in self.inputs

    def _payment(self) -> int:
        reader, inputs = self.reader, self.inputs
        stated = inputs.get("daily_expected_payment")
        reckoned = self._reckoned() if "annual_sales" in inputs else None
        if stated is None and reckoned is None:
            reader.refuse("inputs", "The word 'annual_sales' is missing.")
            return 1
        found = reckoned if stated is None else reader.money("inputs: payment", stated)
        if stated is not None and reckoned not in (None, found):
            reader.refuse("inputs: daily_expected_payment", "It is no share of the sales stated.")
        return found or 1

    def _reckoned(self) -> int:
        reader, inputs = self.reader, self.inputs
        sales = reader.money("inputs: annual_sales", inputs["annual_sales"])
        share = reader.rate("inputs: repayment_share_of_sales_percent",
                            inputs.get("repayment_share_of_sales_percent"))  # fmt: skip
        days = reader.number("inputs: day_count_per_year", inputs.get("day_count_per_year"))
        reader.stop_if_refused()
        return expected_payment(sales, share, days)

    def _receipt(self, number: int, event: Mapping[str, Any]) -> Receipt | None:
        where = f"event {number}"
        if event["type"] not in EVENTS:
            self.reader.refuse(where, f"The event '{event['type']}' is none of an advance.")
            return None
        if event["type"] == "end_of_day":
            return None
        on = self.reader.date(f"{where}: date", event["date"])
        amount = self.reader.money(f"{where}: amount", event["amount"])
        if event["type"] == "repayment":
            return Receipt(on, amount)
        if (on, amount) != (self.disbursed_on, self.advance):
            self.reader.refuse(where, "It disburses something else than the inputs state.")
        return None


class _Point:
    """One checkpoint of an advance."""

    def __init__(
        self,
        reader: Reader,
        variant: Variant,
        terms: _Terms,
        number: int,
        checkpoint: Mapping[str, Any],
    ) -> None:
        self.terms, self.checkpoint, self.digits = terms, checkpoint, reader.digits
        where = f"{variant.name}: checkpoint {number}: after_event"
        self.after = reader.number(where, checkpoint.get("after_event", 0))
        if self.after > len(variant.events):
            reader.refuse(where, f"There is no event {self.after}.")
        self.receipts = [each for each in terms.receipts[: self.after] if each is not None]
        self.comparison = Comparison(variant.name, f"{number}, after event {self.after}")

    def compared(self) -> Comparison:
        """Every figure of the checkpoint held against the advance."""
        self.plan = self.terms.plan()
        self.days = self._days()
        for key, expected in self.checkpoint.items():
            if key in ("after_event", "as_of", "assumption") or expected is None:
                continue
            compare = getattr(self, f"compare_{key}", None)
            if compare is None:
                self.comparison.fail(key, expected, "no figure of an advance")
            else:
                compare(expected)
        self._hold_stated()
        return self.comparison

    def _days(self) -> Sequence[Day]:
        came: Counter[date] = Counter()
        for receipt in self.receipts:
            came[receipt.on] += receipt.amount_minor
        style = "each day" if self.terms.rounds_each_day else "running total"
        on = self.terms.disbursed_on
        return projected(self.plan, on, receipts=came, style=style)  # type: ignore[arg-type]

    def _hold_stated(self) -> None:
        """What the inputs say again must be so too."""
        stated = self.terms.inputs.get("number_of_payments")
        if stated is not None:
            self.comparison.hold("number_of_payments of the inputs", stated, self.plan.number)

    def _written(self, amount_minor: int) -> str:
        return amount_text(amount_minor, self.digits)

    def compare_effective_rate_per_day(self, expected: object) -> None:
        """With as many decimals as the case has."""
        digits = max(-int(Decimal(str(expected)).as_tuple().exponent), 1)
        got = self.plan.rate_per_day(digits)
        self.comparison.hold("effective_rate_per_day", expected, got)

    def compare_daily_expected_payment(self, expected: object) -> None:
        got = self._written(self.plan.payment_minor)
        self.comparison.hold("daily_expected_payment", expected, got)

    def compare_number_of_payments(self, expected: object) -> None:
        self.comparison.hold("number_of_payments", expected, len(self.days))

    def compare_last_payment(self, expected: object) -> None:
        got = self._written(self.days[-1].expected_minor)
        self.comparison.hold("last_payment", expected, got)

    def compare_schedule(self, expected: Sequence[Mapping[str, Any]]) -> None:
        rows = [self._row(day) for day in self.days]
        paid_out = {
            "row": "disbursement",
            "date": self.terms.disbursed_on.isoformat(),
            "amount": self._written(self.terms.advance),
        }
        if any(row["row"] == "disbursement" for row in expected):
            rows.insert(0, paid_out)
        self.comparison.hold_rows("schedule row", expected, rows)

    def compare_rows(self, expected: Sequence[Mapping[str, Any]]) -> None:
        found = {day.number: self._row(day) for day in self.days}
        for row in expected:
            got = found.get(row.get("n", 0), {})
            self.comparison.hold_all(f"row {row.get('n')}", row, got)

    def _row(self, day: Day) -> dict[str, Any]:
        """What came counts on a day that is over, and what is expected on one to come."""
        owed, earned, unearned = day.balance_minor, day.fee_minor, day.deferred_fee_minor
        if day.came is not None:
            came = day.came
            owed, earned, unearned = came.owed_minor, came.earned_minor, came.unearned_minor
        return {
            "row": "payment",
            "n": day.number,
            "date": day.on.isoformat(),
            "expected_payment": self._written(day.expected_minor),
            "balance_after": self._written(owed),
            "fee_recognised": self._written(earned),
            "deferred_fee_after": self._written(unearned),
            "discount_factor": str(day.discount_factor),
        }

    def compare_totals(self, expected: Mapping[str, Any]) -> None:
        got = {
            "paid": self._written(sum(day.expected_minor for day in self.days)),
            "fee_recognised": self._written(sum(day.fee_minor for day in self.days)),
        }
        self.comparison.hold_all("totals", expected, got)

    # What was booked.

    def _made(self) -> tuple[Transaction, ...]:
        if not self.after:
            return ()
        return transactions(self.plan, self.terms.disbursed_on, self.receipts)

    def compare_transactions(self, expected: Sequence[Mapping[str, Any]]) -> None:
        """Fees earned are compared where the case lists any: they wait for the end of day."""
        rows = [self._transaction(each) for each in self._made()]
        if not any(row.get("type") == EARNED for row in expected):
            rows = [row for row in rows if row["type"] != EARNED]
        self.comparison.hold_rows("transaction", expected, rows)

    def _transaction(self, made: Transaction) -> dict[str, Any]:
        nothing = self._written(0)
        return {
            "date": made.on.isoformat(),
            "type": KINDS[made.kind],
            "amount": self._written(made.amount_minor),
            "principal": self._written(made.principal_minor),
            "interest": nothing,
            "fees": nothing,
            "penalties": nothing,
            "overpayment": self._written(made.overpayment_minor),
            "balance": self._written(made.balance_minor),
            "reversed": False,
        }

    def compare_journals(self, expected: Sequence[Mapping[str, Any]]) -> None:
        booked = [(each.kind, each.on.isoformat(), lines(each)) for each in self._made()]
        for number, journal in enumerate(expected, 1):
            key = (journal.get("transaction"), journal.get("date"))
            figure = f"journal {number} ({key[0]} {key[1]})"
            place = next((at for at, each in enumerate(booked) if each[:2] == key), None)
            if place is None:
                self.comparison.fail(figure, "a journal", "nothing was booked")
                continue
            got = in_words(self._entry(line) for line in booked.pop(place)[2])
            self.comparison.hold(figure, stated_entries(journal), got)

    def _entry(self, line: Line) -> Entry:
        amount = line.amount_minor
        return entry(line.account_type, amount, self._written(abs(amount)))
