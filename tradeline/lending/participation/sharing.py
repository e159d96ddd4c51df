"""Each movement of a shared loan in parts, by running totals, so that no part ever drifts.

For each kind of money, what a lender has had is a function of the total alone: a reversal takes
back just what was given, and a payment in two parts gives what it gives in one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.participation.agreement import Agreement, Kind, Movement, Sale, checked
from tradeline.lending.participation.apportionment import after_opening, apportioned, whole_weights

PartKind = Kind | Literal["servicer_fee", "guarantee", "sale"]


@dataclass(frozen=True, slots=True)
class Part:
    """What one party has of a movement, numbered as the movements are.

    A lender pays out its part of a disbursement and loses its part of a write-off; it receives all
    others. What the guarantor gives is below zero. In a sale it is the principal that changes
    hands, for the seller below zero.
    """

    number: int
    on: date
    party: str
    kind: PartKind
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Position:
    """What a lender holds: its share, and the principal that is owed to it."""

    lender: str
    share: Fraction
    principal_minor: int


@dataclass(frozen=True, slots=True)
class Shared:
    """All parts in the order of movements, and who holds what at the end."""

    parts: tuple[Part, ...]
    positions: tuple[Position, ...]


def shared(agreement: Agreement, entries: Iterable[Movement | Sale]) -> Shared:
    """The parts of each movement, numbered from 1, and who holds what in the end.

    InputProblem if the agreement is none, if more comes back than was paid out, or if a lender
    sells what it does not hold.
    """
    loan, parts = _of(checked(agreement)), list[Part]()
    had = _had(loan)
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, Sale):
            sold = _sold(loan, entry)
            changes = _changes(_held(loan), _held(sold))
            loan, had = sold, _had(sold)
        else:
            loan = _moved(loan, entry)
            before, had = had, _had(loan)
            changes = _changes(before, had)
            if entry.kind == "write_off":
                changes = [_as_write_off(*change) for change in changes]
        parts += [Part(number, entry.on, *change) for change in changes]
    held = _held(loan)
    return Shared(
        tuple(parts),
        tuple(
            Position(name, share, held[name, "sale"])
            for name, share in zip(loan.holders, loan.shares, strict=True)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Totals:
    """What has moved of each kind over the life of the loan, in minor units."""

    disbursement: int = 0
    principal: int = 0
    interest: int = 0
    fees: int = 0
    penalties: int = 0
    write_off: int = 0
    recovery: int = 0


@dataclass(frozen=True, slots=True)
class _Loan:
    """A shared loan: who has held it since the last sale, what each then held, what has moved."""

    agreement: Agreement
    holders: tuple[str, ...]
    shares: tuple[Fraction, ...]
    opening: tuple[int, ...]
    since: _Totals
    totals: _Totals


def _of(agreement: Agreement) -> _Loan:
    holders, shares = zip(*agreement.shares, strict=True)
    return _Loan(agreement, holders, shares, (0,) * len(holders), _Totals(), _Totals())


def _moved(loan: _Loan, movement: Movement) -> _Loan:
    total = getattr(loan.totals, movement.kind) + movement.amount_minor
    totals = replace(loan.totals, **{movement.kind: total})
    if total < 0 or _reduced(totals) > totals.disbursement:
        raise _refused(
            movement.on,
            f"The {movement.kind} of {movement.amount_minor} takes back more than there is.",
            "Check the amounts and the order of the movements.",
        )
    return replace(loan, totals=totals)


def _sold(loan: _Loan, sale: Sale) -> _Loan:
    """The loan with its new holders; from here on their shares count, and what each then holds."""
    refuse_sale(sale, loan.holders)
    shares = dict(zip(loan.holders, loan.shares, strict=True))
    held = {name: amount for (name, _), amount in _held(loan).items()}
    share, amount = shares[sale.seller] * sale.portion, round(held[sale.seller] * sale.portion)
    shares[sale.seller], held[sale.seller] = shares[sale.seller] - share, held[sale.seller] - amount
    shares[sale.buyer] = shares.get(sale.buyer, Fraction(0)) + share
    held[sale.buyer] = held.get(sale.buyer, 0) + amount
    holders = tuple(name for name in shares if shares[name])
    return replace(
        loan,
        holders=holders,
        shares=tuple(shares[name] for name in holders),
        opening=tuple(held[name] for name in holders),
        since=loan.totals,
    )


def refuse_sale(sale: Sale, holders: Sequence[str]) -> None:
    """InputProblem if the seller does not hold what it sells, or sells it to itself."""
    if sale.seller not in holders or sale.seller == sale.buyer or not 0 < sale.portion <= 1:
        raise _refused(
            sale.on,
            f"{sale.seller} cannot sell {sale.portion} of its share to {sale.buyer}.",
            "A lender that holds a share sells a portion above 0 and up to 1 to another.",
        )


def _had(loan: _Loan) -> dict[tuple[str, PartKind], int]:
    """What each party has had: lenders since the last sale, servicer and guarantor in all.

    Principal that came back and principal written off are one total, called principal, since both
    end at what was paid out.
    """
    agreement, now, then = loan.agreement, loan.totals, loan.since
    by_shares: dict[PartKind, int] = {"disbursement": now.disbursement - then.disbursement}
    now_pooled, then_pooled = _pooled(agreement, now), _pooled(agreement, then)
    by_shares |= {kind: now_pooled[kind] - then_pooled[kind] for kind in now_pooled}
    weights = whole_weights(loan.shares)
    parts = {kind: apportioned(total, weights) for kind, total in by_shares.items()}
    back = _reduced(now) - _reduced(then)
    parts["principal"] = after_opening(back, loan.opening, weights)
    had: dict[tuple[str, PartKind], int] = {
        (name, kind): part
        for kind, of_kind in parts.items()
        for name, part in zip(loan.holders, of_kind, strict=True)
    }
    # A servicer or guarantor may be a lender as well, so what it has is added.
    for key, amount in _beside(agreement, now).items():
        had[key] = had.get(key, 0) + amount
    return had


def _beside(agreement: Agreement, totals: _Totals) -> dict[tuple[str, PartKind], int]:
    """What servicer and guarantor have had; what the guarantor gave is below zero."""
    beside: dict[tuple[str, PartKind], int] = {}
    if agreement.servicing is not None:
        fee = servicer_fee(agreement, totals.interest)
        beside[agreement.servicing.servicer, "servicer_fee"] = fee
    if agreement.first_loss is not None:
        guarantor = agreement.first_loss.guarantor
        beside[guarantor, "guarantee"] = -guaranteed(agreement, totals.write_off)
        beside[guarantor, "recovery"] = guarantors_recovery(
            agreement, totals.write_off, totals.recovery
        )
    return beside


def _held(loan: _Loan) -> dict[tuple[str, PartKind], int]:
    """The principal owed to each lender."""
    weights = whole_weights(loan.shares)
    paid_out = apportioned(loan.totals.disbursement - loan.since.disbursement, weights)
    back = _reduced(loan.totals) - _reduced(loan.since)
    came_back = after_opening(back, loan.opening, weights)
    columns = zip(loan.holders, loan.opening, paid_out, came_back, strict=True)
    return {(name, "sale"): first + out - back for name, first, out, back in columns}


def _changes(
    before: dict[tuple[str, PartKind], int], after: dict[tuple[str, PartKind], int]
) -> list[tuple[str, PartKind, int]]:
    changes = ((key, after.get(key, 0) - before.get(key, 0)) for key in {**before, **after})
    return [(*key, change) for key, change in changes if change]


def _as_write_off(party: str, kind: PartKind, amount: int) -> tuple[str, PartKind, int]:
    return party, "write_off" if kind == "principal" else kind, amount


def _reduced(totals: _Totals) -> int:
    return totals.principal + totals.write_off


def _pooled(agreement: Agreement, totals: _Totals) -> dict[PartKind, int]:
    """What the lenders have had together of each kind that goes by their shares."""
    return {
        "interest": totals.interest - servicer_fee(agreement, totals.interest),
        "fees": totals.fees,
        "penalties": totals.penalties,
        "guarantee": guaranteed(agreement, totals.write_off),
        "recovery": totals.recovery
        - guarantors_recovery(agreement, totals.write_off, totals.recovery),
    }


def servicer_fee(agreement: Agreement, interest: int) -> int:
    """What the servicer keeps of all interest received."""
    servicing = agreement.servicing
    return 0 if servicing is None else round(servicing.share_of_interest * interest)


def guaranteed(agreement: Agreement, lost: int) -> int:
    """What the guarantor gives for all that was lost."""
    first_loss = agreement.first_loss
    return 0 if first_loss is None else min(lost, first_loss.limit_minor)


def guarantors_recovery(agreement: Agreement, lost: int, recovered: int) -> int:
    """What the guarantor has of all that was recovered."""
    given = guaranteed(agreement, lost)
    before = 0
    if agreement.first_loss is not None and agreement.first_loss.recoveries == "lenders first":
        before = lost - given
    return min(max(recovered - before, 0), given)


def _refused(on: date, message: str, remedy: str) -> InputProblem:
    return problem("bad-movement", f"participation on {on}", message, remedy)
