"""What lenders agree on, and what happens to a loan that they share."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from tradeline.kernel.findings import InputProblem, problem

Component = Literal["principal", "interest", "fees", "penalties"]
Kind = Literal[
    "disbursement", "principal", "interest", "fees", "penalties", "write_off", "recovery"
]
RecoveryOrder = Literal["lenders first", "guarantor first"]


@dataclass(frozen=True, slots=True)
class FirstLoss:
    """Who bears the first losses, up to how much, and who has recoveries first."""

    guarantor: str
    limit_minor: int
    recoveries: RecoveryOrder = "lenders first"


@dataclass(frozen=True, slots=True)
class Servicing:
    """Who keeps a share of the interest received for servicing the loan."""

    servicer: str
    share_of_interest: Fraction


@dataclass(frozen=True, slots=True)
class Agreement:
    """The lenders and their shares, which add up to 1, in the order in which ties are settled."""

    shares: tuple[tuple[str, Fraction], ...]
    servicing: Servicing | None = None
    first_loss: FirstLoss | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """Money of a loan that is shared: paid out, received, written off or recovered.

    What is taken back, as by a reversal, has an amount below zero.
    """

    on: date
    kind: Kind
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A lender sells a portion of what it holds, up to all of it; a buy-back is a sale too."""

    on: date
    seller: str
    buyer: str
    portion: Fraction
    price_minor: int


def checked(agreement: Agreement) -> Agreement:
    """The agreement, or InputProblem that says why it is none."""
    names = [name for name, _ in agreement.shares]
    shares = [share for _, share in agreement.shares]
    if not names or len(set(names)) < len(names) or min(shares) <= 0 or sum(shares) != 1:
        raise _bad(
            f"The shares of {', '.join(names) or 'no lender'} add up to {sum(shares)}.",
            "Name each lender once, with a share above zero, so that all add up to 1.",
        )
    servicing, first_loss = agreement.servicing, agreement.first_loss
    if servicing is not None and not 0 <= servicing.share_of_interest <= 1:
        raise _bad(
            f"The servicer {servicing.servicer} would keep {servicing.share_of_interest} of the "
            "interest.",
            "State a share from 0 to 1.",
        )
    if first_loss is not None and first_loss.limit_minor < 0:
        raise _bad("The first-loss guarantee has a limit below zero.", "State its limit.")
    return agreement


def _bad(message: str, remedy: str) -> InputProblem:
    return problem("bad-agreement", "participation", message, remedy)
