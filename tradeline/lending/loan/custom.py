"""Custom schedules: instalments whose dates and amounts are agreed one by one.

The agreed amounts are those of the principal that was approved, paid out on the first day. Where
less is left of it, or more, the amounts follow in proportion: that of an instalment is what was
agreed of it, times the principal that is left over the principal that was to be left. The last
instalment takes what remains.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tradeline.kernel.findings import problem
from tradeline.lending.dates.due_dates import due_date, later
from tradeline.lending.loan.contract import Amortisation, Contract, Grace
from tradeline.lending.loan.rows import Row


class AgreedAmounts:
    """What rows of a plan are to pay by a contract that agrees on each.

    `walked` gives the rows of a plan in which all goes as agreed; without it the amounts are taken
    as they are stated, to walk them.
    """

    def __init__(
        self, contract: Contract, walked: Callable[[], Sequence[Row]] | None = None
    ) -> None:
        self.contract, self._walked = contract, walked
        self._put_off: list[int] = []  # rows without principal that were put before others
        self._course: _Course | None = None

    def amount(self, index: int, scale: Fraction) -> int:
        """What a row is to pay, or its principal, where so much of it is due."""
        amount = self._of_course().amounts[self._agreed_at(index)]
        return amount if scale == 1 else self.contract.interest_rounding.minor(amount * scale)

    def scale(self, index: int, balance: int) -> Fraction:
        """The principal that is left before a row over what was to be left."""
        left = self._of_course().left[self._agreed_at(index)]
        return Fraction(balance, left) if left else Fraction(1)

    def put_off(self, index: int) -> None:
        """Have what is agreed from a row on follow it."""
        insort(self._put_off, index)

    def _agreed_at(self, index: int) -> int:
        """Which of the agreed instalments a row is; the last one for what follows them."""
        place = index - bisect_left(self._put_off, index)
        return min(place, len(self.contract.custom) - 1)

    def _of_course(self) -> "_Course":
        if self._course is None:
            rows = None if self._walked is None else self._walked()
            self._course = _as_stated(self.contract) if rows is None else _of(self.contract, rows)
        return self._course


@dataclass(frozen=True, slots=True)
class _Course:
    """What instalments pay, and the principal left before each, where all goes as agreed."""

    amounts: tuple[int, ...]
    left: tuple[int, ...]


def _as_stated(contract: Contract) -> _Course:
    """The amounts alone: what the last one takes is found by walking them."""
    amounts = tuple(each.amount_minor or 0 for each in contract.custom)
    return _Course(amounts, (lent(contract),) * len(amounts))


def _of(contract: Contract, rows: Sequence[Row]) -> _Course:
    """The course of rows in which all went as agreed.

    InputProblem where an instalment cannot be what was agreed: its interest is more, or nothing is
    left to be paid back.
    """
    amounts, left, balance = [], [], lent(contract)
    totals = contract.amortisation is Amortisation.INSTALMENTS
    for agreed, row in zip(contract.custom, rows, strict=True):
        amount = row.principal + (row.interest if totals else 0)
        if agreed.amount_minor is not None and amount != agreed.amount_minor:
            raise problem(
                "custom-amount", "loan",
                f"The instalment of {agreed.due} is agreed as {agreed.amount_minor}, and comes to "
                f"{amount}.",
                "Agree on no less than its interest, and no more than what is left.",
            )  # fmt: skip
        amounts.append(amount)
        left.append(balance)
        balance -= row.principal
    return _Course(tuple(amounts), tuple(left))


def lent(contract: Contract) -> int:
    """The principal that instalments pay back: what is approved, less what falls due at once."""
    principal = contract.principal_minor
    return principal - contract.interest_rounding.minor(principal * contract.down_payment)


def custom_due(contract: Contract, number: int, begin: date) -> tuple[date, int | None]:
    """When an instalment (from 1) that begins on a day falls due, and its units if it is usual.

    After those that are agreed others follow by the frequency.
    """
    if number > len(contract.custom):
        return later(begin, contract.frequency, contract.every), contract.every
    agreed = [contract.start, *(each.due for each in contract.custom)]
    usual = [
        due_date(contract.start, contract.frequency, contract.every, each)
        for each in (number - 1, number)
    ]
    is_usual = agreed[number - 1 : number + 1] == usual
    return agreed[number], contract.every if is_usual else None


def wrong_custom(contract: Contract) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a custom schedule: a code, what is the matter, what to do."""
    if not contract.custom:
        return
    days = [contract.start, *(each.due for each in contract.custom)]
    if days != sorted(set(days)):
        yield ("custom-dates", f"The due dates do not rise from the start, {contract.start}.",
               "State each once, in order.")  # fmt: skip
    if contract.instalments != len(contract.custom):
        yield ("custom-number", f"{contract.instalments} instalments are stated, and "
               f"{len(contract.custom)} agreed one by one.", "State as many.")  # fmt: skip
    if _says_otherwise(contract):
        yield ("custom-alone", "Instalments that are agreed one by one have no other first due "
               "date, grace, balloon or equal amount.", "State it in their amounts.")  # fmt: skip
    yield from _wrong_amounts(contract)


def _says_otherwise(contract: Contract) -> bool:
    grace = Grace(arrears_days=contract.grace.arrears_days)
    return (
        contract.first_due is not None
        or contract.fixed_instalment_minor is not None
        or contract.instalment_on_approved
        or contract.balloon_minor != 0
        or contract.grace != grace
    )


def _wrong_amounts(contract: Contract) -> Iterator[tuple[str, str, str]]:
    *before, last = (each.amount_minor for each in contract.custom)
    stated = [amount for amount in (*before, last) if amount is not None]
    if None in before or min(stated, default=0) < 0:
        yield ("custom-amount", "An instalment before the last states no amount from 0 on.",
               "State each; the last may be left open.")  # fmt: skip
    elif contract.amortisation is Amortisation.INSTALMENTS:
        if last is not None:
            yield ("custom-last", "The last instalment is agreed, though it takes what remains.",
                   "Leave its amount open.")  # fmt: skip
    elif sum(stated) > lent(contract) or (last is not None and sum(stated) < lent(contract)):
        yield ("custom-sum", f"The instalments pay {sum(stated)} of principal back, of "
               f"{lent(contract)}.", "Have them add up, or leave the last open.")  # fmt: skip
