"""The lenders' parts of what an agreement books, to the minor unit over its whole life.

What an agreement books is taken apart into moves, each from one account to another, and every move
is split once, so that a lender's part of it balances by itself. Moves are split by running totals
(as in `participation`): what is lent or earned by the shares, what comes back by the same until all
has come back, so that no lender is left with a cent. Money is cleared by the tenant, through whose
bank it moves, and is owed to or by each lender on an account of settlements. A servicer has its
share of the interest that was received, a guarantor bears the first losses, and a sale moves what
the seller holds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tradeline.lending.bookings.chart import TYPES, Account, AccountType
from tradeline.lending.bookings.entries import Booking, Posting
from tradeline.lending.participation.agreement import Agreement, Sale, checked
from tradeline.lending.participation.apportionment import after_opening, whole_weights
from tradeline.lending.participation.sharing import (
    guaranteed,
    guarantors_recovery,
    refuse_sale,
    servicer_fee,
)

# Accounts that come back to nothing: what a lender holds of them can be sold.
HELD = (Account.LOANS_RECEIVABLE, Account.INCOME_RECEIVABLE, Account.DEFERRED_FEES,
        Account.OVERPAYMENTS, Account.RESERVES, Account.LOSS_ALLOWANCE)  # fmt: skip
Parts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LenderPosting:
    """What is posted on a lender's account on a day."""

    on: date
    lender: str
    posting: Posting


def by_lender(
    agreement: Agreement, bookings: Iterable[Booking], sales: Iterable[Sale] = ()
) -> tuple[LenderPosting, ...]:
    """The postings of tenant (""), lenders, servicer, guarantor; those of one on a day sum to zero.

    Over all of them each account has what the bookings have, and what they owe each other adds up
    to nothing. A sale counts at the end of its day. InputProblem if the agreement is none, or a
    lender sells what it does not hold.
    """
    shared = _Shared(checked(agreement))
    steps = [(each.on, 0, each) for each in bookings] + [(each.on, 1, each) for each in sales]
    for on, _, step in sorted(steps, key=lambda found: found[:2]):
        if isinstance(step, Sale):
            shared.sell(step)
        else:
            shared.book(on, step)
    return tuple(shared.postings)


def parties(agreement: Agreement, sales: Iterable[Sale] = ()) -> tuple[str, ...]:
    """All that have accounts: lenders, servicer, guarantor, those that bought."""
    names = [name for name, _ in agreement.shares]
    if agreement.servicing is not None:
        names.append(agreement.servicing.servicer)
    if agreement.first_loss is not None:
        names.append(agreement.first_loss.guarantor)
    return tuple(dict.fromkeys([*names, *(sale.buyer for sale in sales)]))


class _Held:
    """What lenders hold of an account since the last sale.

    `opening` is what each came to hold by other rules than the shares: by a sale, or by what was
    moved there from another account. What falls uses it up first; where it is below zero, such as
    interest that came before it was earned, what rises does.
    """

    def __init__(self, opening: Mapping[str, int]) -> None:
        self.opening = Counter(opening)
        self.risen = self.fallen = 0
        self.rises, self.falls = Counter[str](), Counter[str]()

    def rise(self, amount: int, weights: Mapping[str, int]) -> Parts:
        """The parts of what is lent or earned."""
        self.risen += amount
        return self._parts(self.rises, self.risen, weights, -1)

    def fall(self, amount: int, weights: Mapping[str, int]) -> Parts:
        """The parts of what comes back."""
        self.fallen += amount
        return self._parts(self.falls, self.fallen, weights, 1)

    def holdings(self) -> Counter[str]:
        """What each holds now."""
        found = Counter(self.opening)
        found.update(self.rises)
        found.subtract(self.falls)
        return found

    def _parts(self, had: Counter[str], total: int, weights: Mapping[str, int], sign: int) -> Parts:
        """What each has of the total, less what it had of it before."""
        opening = [sign * self.opening[name] for name in weights]
        used_by = 1 if self.opening.total() >= 0 else -1
        if sign != used_by:
            opening = [0] * len(opening)
        whole = after_opening(total, opening, list(weights.values()))
        parts = {name: part - had[name] for name, part in zip(weights, whole, strict=True)}
        had.update(parts)
        return parts


class _Shared:
    """An agreement that lenders share, in the making."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.shares = dict(agreement.shares)
        self.held = {account: _Held({}) for account in HELD}
        self.flows: dict[str, _Held] = defaultdict(lambda: _Held({}))
        self.interest = self.lost = self.recovered = 0
        self.fee = self.given = self.guarantors = 0
        self.postings: list[LenderPosting] = []

    @property
    def weights(self) -> dict[str, int]:
        """The shares as whole numbers."""
        return dict(zip(self.shares, whole_weights(list(self.shares.values())), strict=True))

    def book(self, on: date, booked: Booking) -> None:
        """Split what is booked on a day; what is cleared is the tenant's, owed to the lenders."""
        cleared = sum(p.amount_minor for p in booked.postings if p.account is Account.CLEARING)
        self._line(on, "", Account.CLEARING, cleared)
        self._line(on, "", Account.SETTLEMENTS, -cleared)
        for debit, credit, amount in moves(booked.postings):
            if credit is Account.RECOVERIES:
                self.recovered += amount
                parts = self.flows["recovered"].rise(amount, self.weights)
            else:
                parts = self._split(debit, credit, amount)
            self._post(on, debit, credit, parts)
            self.lost += amount * ((debit is Account.CREDIT_LOSS) - (credit is Account.CREDIT_LOSS))
        self.interest += booked.interest_minor
        self._service(on)
        self._guarantee(on)
        self._give_back(on)

    def _split(self, debit: Account, credit: Account, amount: int) -> Parts:
        """By what comes back where something does, else by what is lent or earned."""
        falling = [account for account, falls in ((credit, _is_asset), (debit, _is_debt))
                   if falls(account)]  # fmt: skip
        rising = [account for account, rises in ((debit, _is_asset), (credit, _is_debt))
                  if rises(account)]  # fmt: skip
        if falling:
            parts = self.held[falling[0]].fall(amount, self.weights)
            _moved_on(self.held, falling[1:], parts, -1)
            _moved_on(self.held, rising, parts, 1)
            return parts
        if rising:
            parts = self.held[rising[0]].rise(amount, self.weights)
            _moved_on(self.held, rising[1:], parts, 1)
            return parts
        return self.flows[f"{debit} {credit}"].rise(amount, self.weights)

    def _service(self, on: date) -> None:
        """The lenders leave the servicer its share of what they received as interest."""
        fee = servicer_fee(self.agreement, self.interest) - self.fee
        if fee and self.agreement.servicing is not None:
            self.fee += fee
            parts = self.flows["fee"].rise(fee, self.weights)
            self._post(on, Account.SERVICING_FEES, Account.SETTLEMENTS, parts)
            servicer = self.agreement.servicing.servicer
            self._post(on, Account.SETTLEMENTS, Account.SERVICING_FEES, {servicer: fee})

    def _guarantee(self, on: date) -> None:
        """The guarantor gives the lenders what was lost, up to its limit."""
        given = guaranteed(self.agreement, self.lost) - self.given
        if given and self.agreement.first_loss is not None:
            self.given += given
            parts = self.flows["guaranteed"].rise(given, self.weights)
            self._post(on, Account.SETTLEMENTS, Account.GUARANTEES, parts)
            guarantor = self.agreement.first_loss.guarantor
            self._post(on, Account.GUARANTEES, Account.SETTLEMENTS, {guarantor: given})

    def _give_back(self, on: date) -> None:
        """The guarantor has back what it gave, in its turn, of what was recovered."""
        back = guarantors_recovery(self.agreement, self.lost, self.recovered) - self.guarantors
        if back and self.agreement.first_loss is not None:
            self.guarantors += back
            parts = self.flows["recovered"].rise(-back, self.weights)
            guarantor = {self.agreement.first_loss.guarantor: back}
            for of in (parts, guarantor):
                self._post(on, Account.SETTLEMENTS, Account.RECOVERIES, of)

    def sell(self, sale: Sale) -> None:
        """A portion of all that the seller holds becomes the buyer's; totals begin anew."""
        refuse_sale(sale, tuple(self.shares))
        moved = Counter[Account]()
        for account in HELD:
            holdings = self.held[account].holdings()
            amount = round(holdings[sale.seller] * sale.portion)
            holdings.update({sale.seller: -amount, sale.buyer: amount})
            moved[account] = amount if _is_asset(account) else -amount
            self.held[account] = _Held(holdings)
        share = self.shares[sale.seller] * sale.portion
        self.shares[sale.seller] -= share
        self.shares[sale.buyer] = self.shares.get(sale.buyer, Fraction(0)) + share
        self.shares = {name: share for name, share in self.shares.items() if share}
        self.flows.clear()
        bought = [*moved.items(), (Account.SETTLEMENTS, -sale.price_minor)]
        bought.append((Account.SALES_OF_SHARES, -sum(amount for _, amount in bought)))
        for account, amount in bought:
            self._line(sale.on, sale.buyer, account, amount)
            self._line(sale.on, sale.seller, account, -amount)

    def _post(self, on: date, debit: Account, credit: Account, parts: Parts) -> None:
        for lender, amount in parts.items():
            self._line(on, lender, _settled(debit), amount)
            self._line(on, lender, _settled(credit), -amount)

    def _line(self, on: date, lender: str, account: Account, amount: int) -> None:
        if amount:
            self.postings.append(LenderPosting(on, lender, Posting(account, amount)))


def moves(postings: Sequence[Posting]) -> Iterator[tuple[Account, Account, int]]:
    """Postings as moves: the account that is debited, the one that is credited, the amount."""
    debits = [posting for posting in postings if posting.amount_minor > 0]
    credited = [posting for posting in postings if posting.amount_minor < 0]
    while debits:
        debit, credit = debits.pop(0), credited.pop(0)
        amount = min(debit.amount_minor, -credit.amount_minor)
        yield debit.account, credit.account, amount
        for side, posting, rest in (
            (debits, debit, debit.amount_minor - amount),
            (credited, credit, credit.amount_minor + amount),
        ):
            if rest:
                side.insert(0, Posting(posting.account, rest))


def _settled(account: Account) -> Account:
    """What a lender has for money that the tenant clears."""
    return Account.SETTLEMENTS if account is Account.CLEARING else account


def _is_asset(account: Account) -> bool:
    return account in HELD and TYPES[account] is AccountType.ASSET


def _is_debt(account: Account) -> bool:
    return account in HELD and TYPES[account] is AccountType.LIABILITY


def _moved_on(
    held: Mapping[Account, _Held], accounts: Iterable[Account], parts: Parts, sign: int
) -> None:
    """Others have the parts that one account gave."""
    for account in accounts:
        for lender, part in parts.items():
            held[account].opening[lender] += sign * part
