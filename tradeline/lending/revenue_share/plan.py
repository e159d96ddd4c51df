"""The plan of an advance: what is expected each day, for how long, and at which rate it earns."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.rates.apr import level_payments
from tradeline.lending.rates.solving import Flow, as_decimal, nearest_step

# Balances and rates are carried in whole parts of 10**-20 of a minor unit, or of 1.
FINE = 10**20
# Days after which a plan has gone wrong rather than long: fifty years.
LONGEST = 18_250


@dataclass(frozen=True, slots=True)
class Plan:
    """Equal daily payments and a last one that is the rest.

    All but the payment is in parts of 10**-20: of a minor unit, or of 1 for the rate per day. At
    that rate the payments are worth the advance, or what is left of it. `balances_fine` are what is
    left of the advance before the first payment and after each.
    """

    advance_fine: int
    fee_fine: int
    payment_minor: int
    number: int
    last_payment_fine: int
    rate_fine: int
    balances_fine: tuple[int, ...]

    def rate_per_day(self, digits: int = 12) -> Decimal:
        """The effective rate per day, rounded to so many decimals."""
        return as_decimal(halves_to_even(self.rate_fine * 10**digits, FINE), digits)

    def payment_fine(self, number: int) -> int:
        """The payment of a day, the first being day 1."""
        return self.payment_minor * FINE if number < self.number else self.last_payment_fine

    def earned_after(self, number: int) -> int:
        """The fee earned once so many payments are made."""
        if number == self.number:
            return self.fee_fine
        paid = number * self.payment_minor * FINE
        return self.balances_fine[number] + paid - self.advance_fine

    def earned_fine(self, received_minor: int) -> int:
        """The fee earned once so much has been received in all.

        The plan is paid off payment by payment; a payment received in part earns its part, and what
        is beyond the plan earns nothing more.
        """
        received = received_minor * FINE
        number = min(received // (self.payment_minor * FINE), self.number - 1)
        into = received - number * self.payment_minor * FINE
        payment, earned = self.payment_fine(number + 1), self.earned_after(number)
        step = self.earned_after(number + 1) - earned
        return earned + halves_to_even(step * min(into, payment), payment)


def expected_payment(annual_sales_minor: int, share: Fraction, days_of_year: int) -> int:
    """The share of one day's expected sales in minor units, halves to even, at least one."""
    if annual_sales_minor <= 0 or not 0 < share <= 1 or days_of_year <= 0:
        raise _refused(
            "Sales, share and days of a year must be above zero, and the share at most 100 %.",
            "State sales of a year, a share such as 18 %, and 360 or 365 days.",
        )
    return max(round(annual_sales_minor * share / days_of_year), 1)


def planned(advance_minor: int, fee_minor: int, payment_minor: int) -> Plan:
    """The plan that pays back advance and fee in equal payments, one a day.

    InputProblem if an amount makes no sense or the plan would run for over fifty years.
    """
    return planned_finely(advance_minor * FINE, fee_minor * FINE, payment_minor)


def planned_finely(advance_fine: int, fee_fine: int, payment_minor: int) -> Plan:
    """The same for amounts in parts of 10**-20 of a minor unit."""
    if advance_fine <= 0 or fee_fine < 0 or payment_minor <= 0:
        raise _refused(
            "Advance and payment must be above zero, and a fee must not be below.",
            "Check advance, fee and expected payment.",
        )
    payment_fine = payment_minor * FINE
    number = _number(advance_fine, fee_fine, payment_minor)
    if number > LONGEST:
        raise _refused(
            f"At the expected payment the advance would run for {number:,} days.",
            f"Raise the share or lower the advance, so that it ends within {LONGEST:,} days.",
        )
    last = advance_fine + fee_fine - (number - 1) * payment_fine
    flows = (*level_payments(advance_fine, payment_fine, number - 1), Flow(number, last))
    rate_fine = nearest_step(flows, Fraction(1, FINE))
    return planned_at(advance_fine, fee_fine, payment_minor, rate_fine)


def planned_at(advance_fine: int, fee_fine: int, payment_minor: int, rate_fine: int) -> Plan:
    """The plan once its rate is known, which takes longest to find."""
    payment_fine = payment_minor * FINE
    number = _number(advance_fine, fee_fine, payment_minor)
    last = advance_fine + fee_fine - (number - 1) * payment_fine
    balances = _balances(advance_fine, payment_fine, number, last, rate_fine)
    return Plan(advance_fine, fee_fine, payment_minor, number, last, rate_fine, balances)


def _number(advance_fine: int, fee_fine: int, payment_minor: int) -> int:
    return -(-(advance_fine + fee_fine) // (payment_minor * FINE))


def _balances(
    advance: int, payment: int, number: int, last: int, rate_fine: int
) -> tuple[int, ...]:
    """Each balance is what the payments after it are worth, from the last one back.

    That way roundings shrink; from the first payment on they would grow with the balance.
    """
    balances, due = [0], last
    for _ in range(number - 1):
        balances.append(halves_to_even((balances[-1] + due) * FINE, FINE + rate_fine))
        due = payment
    return (advance, *reversed(balances))


def check_receipt(on: date, amount_minor: int, disbursed_on: date) -> None:
    """InputProblem for a receipt of nothing or less, or from before the advance was paid out."""
    if amount_minor < 0 or on < disbursed_on:
        raise problem(
            "bad-receipt",
            f"receipt of {on}",
            f"{amount_minor} cannot come for an advance paid out on {disbursed_on}.",
            "Leave out what was taken back, and date receipts from that day on.",
        )


def minor(fine: int) -> int:
    """Fine parts as minor units, halves to even."""
    return halves_to_even(fine, FINE)


def halves_to_even(amount: int, divisor: int) -> int:
    """The nearest whole quotient; a half goes to the even one."""
    whole, rest = divmod(amount, divisor)
    return whole + (2 * rest > divisor or (2 * rest == divisor and whole % 2 == 1))


def _refused(message: str, remedy: str) -> InputProblem:
    return problem("bad-plan", "revenue share", message, remedy)
