"""What a lender agrees with a seller on the invoices that it finances."""

from dataclasses import dataclass
from fractions import Fraction

from tradeline.kernel.findings import Finding, InputProblem, Severity


@dataclass(frozen=True, slots=True)
class ReceivableTerms:
    """How much is advanced, what it costs, and who bears a buyer that does not pay.

    The advance is a share of the invoice; the rest is the reserve. `fee` is a share of the invoice,
    `rate` a yearly rate on what is advanced, over a year of `days_of_year`. With recourse the
    seller takes an invoice back that is unpaid `recourse_days` after it was due. Where the buyer is
    notified it pays the lender, else the seller passes on what it receives.
    """

    advance_rate: Fraction
    fee: Fraction
    rate: Fraction
    days_of_year: int
    notified: bool
    recourse_days: int | None = None

    @property
    def has_recourse(self) -> bool:
        """Whether the seller bears a buyer that does not pay."""
        return self.recourse_days is not None


def checked(terms: ReceivableTerms) -> ReceivableTerms:
    """The terms, or InputProblem with all that makes them none."""
    rules = [
        (0 < terms.advance_rate <= 1, "The advance rate must be above 0 and at most 100 %."),
        (0 <= terms.fee < 1, "The fee must be from 0 to below 100 % of the invoice."),
        (terms.rate >= 0, "The rate must not be below zero."),
        (terms.days_of_year > 0, "A year must have days, such as 360 or 365."),
        (
            terms.recourse_days is None or terms.recourse_days >= 0,
            "The days until recourse must not be below zero.",
        ),
    ]
    wrong = [message for holds, message in rules if not holds]
    if wrong:
        raise InputProblem(
            Finding("bad-terms", Severity.ERROR, "receivable finance", message, "Mend the terms.")
            for message in wrong
        )
    return terms
