"""What moves on the accounts of firms that share them: trade, wages, rent, tax, instalments."""

import numpy as np
from scipy.special import expit

from tradeline.world.columns import (
    HOUR_S,
    Columns,
    by_month,
    in_order,
    keep,
    known_by,
    lag_s,
    numbered,
    stack,
    whole,
)
from tradeline.world.invoices import VALID, Sales
from tradeline.world.network import LANDLORD, LENDER, PLATFORM, STAFF, TAX_OFFICE
from tradeline.world.population import Population
from tradeline.world.sectors import trait
from tradeline.world.settings import DAY_S, Calendar, Floats, Ints

PLATFORM_FEE = 0.03
WAGES_PART_OF_MARGIN = 0.35
RENT_PART_OF_MARGIN = 0.10
BORROWER_SHARE = 0.35
INSTALMENT_PART_OF_SALES = 0.02


def draw_bank(
    firms: Population,
    health: Floats,
    sales: Sales,
    purchases: Columns,
    payments: Columns,
    refunds: Columns,
    months: Calendar,
    rng: np.random.Generator,
) -> Columns:
    """The entries known by the as-of date, with the balance after each, by firm and time."""
    terms_s = trait("terms_days") * DAY_S
    usual = _usual_sales(firms, sales.traded, months)
    entries = stack(
        _settled(firms, health, _billed(sales.traded), terms_s, 1, months, rng),
        _settled(firms, health, purchases, terms_s, -1, months, rng),
        _payouts(firms, payments, refunds, months, rng),
        _taxes(firms, sales.invoices, purchases, months, rng),
        *_standing(firms, health, usual, months, rng),
    )
    entries = keep(entries, firms.banked[entries["enterprise"]] & (entries["amount"] != 0))
    entries = stack(entries, *_mistakes(entries, rng))
    return _with_balance(usual, known_by(entries, months.as_of_s), rng)


def _entries(firm: Ints, party: Ints, amount: Ints, at: Ints, rng: np.random.Generator) -> Columns:
    """Entries are learned the next morning at six or up to two hours later."""
    recorded = (at // DAY_S + 1) * DAY_S + 6 * HOUR_S + rng.integers(0, 2 * HOUR_S, len(at))
    return {
        "enterprise": firm,
        "counterparty": party,
        "amount": amount,
        "occurred_at": at,
        "recorded_at": recorded,
    }


def _usual_sales(firms: Population, traded: Columns, months: Calendar) -> Floats:
    """Mean monthly sales over a firm's life (firms), by which staff, rooms and debt are sized."""
    sold = by_month(traded, "net", len(firms), months).sum(axis=1)
    return np.asarray(sold / (months.months - firms.first_month))


def _billed(sales: Columns) -> Columns:
    """The sales that buyers settle by invoice; the platform pays out for its own."""
    return keep(sales, sales["counterparty"] != PLATFORM)


def _settled(
    firms: Population,
    health: Floats,
    invoices: Columns,
    terms_s: Floats,
    sign: int,
    months: Calendar,
    rng: np.random.Generator,
) -> Columns:
    """Invoices that stand are settled after the trade's terms; the weak pay and are paid later.

    3 in 100 are not settled at all.
    """
    stands = (invoices["status"] == VALID) & (invoices["gross"] > 0)
    stands &= firms.banked[invoices["enterprise"]]
    stands &= rng.random(len(stands)) > 0.03
    due = keep(invoices, stands)
    month = np.searchsorted(months.edges_s, due["occurred_at"], side="right") - 1
    state = health[due["enterprise"], np.clip(month, 0, months.months - 1)]
    late = np.exp(-0.3 * state + rng.normal(0, 0.4, len(state)))
    at = due["occurred_at"] + whole(terms_s[firms.sector[due["enterprise"]]] * late)
    return _entries(due["enterprise"], due["counterparty"], sign * due["gross"], at, rng)


def _each_month(
    party: int, amount: Ints, day: int, months: Calendar, rng: np.random.Generator
) -> Columns:
    """One entry for each firm and month with an amount (firms, months), on a day of the next."""
    firm, month = np.nonzero(amount)
    at = months.edges_s[month + 1] + day * DAY_S + 9 * HOUR_S
    return _entries(firm, np.full(len(firm), party), amount[firm, month], at, rng)


def _payouts(
    firms: Population, payments: Columns, refunds: Columns, months: Calendar,
    rng: np.random.Generator,
) -> Columns:  # fmt: skip
    """What the platform pays out on day 2 for the month before, less its fee."""
    taken = by_month(payments, "amount", len(firms), months)
    given = by_month(refunds, "amount", len(firms), months)
    return _each_month(PLATFORM, whole((1 - PLATFORM_FEE) * (taken - given)), 2, months, rng)


def _taxes(
    firms: Population, sales: Columns, purchases: Columns, months: Calendar,
    rng: np.random.Generator,
) -> Columns:  # fmt: skip
    """Value-added tax on day 14 for the month before: what was charged less what was paid."""
    charged = keep(sales, sales["status"] == VALID)
    paid = keep(purchases, purchases["status"] == VALID)
    owed = by_month(charged, "tax", len(firms), months) - by_month(paid, "tax", len(firms), months)
    return _each_month(TAX_OFFICE, -np.maximum(owed, 0), 14, months, rng)


def _standing(
    firms: Population, health: Floats, usual: Floats, months: Calendar, rng: np.random.Generator
) -> list[Columns]:
    """Wages, rent and the instalments of earlier loans; weak firms miss some of the latter.

    `usual` sales (firms) are those of a month.
    """
    shape = health.shape
    lives = np.arange(months.months) >= firms.first_month[:, None]
    wages = np.broadcast_to((WAGES_PART_OF_MARGIN * firms.margin * usual)[:, None], shape)
    rent = np.broadcast_to((RENT_PART_OF_MARGIN * firms.margin * usual)[:, None], shape)
    borrows = rng.random(len(firms)) < BORROWER_SHARE
    pays = borrows[:, None] & (rng.random(shape) > expit(-4 - 1.2 * health))
    loan = INSTALMENT_PART_OF_SALES * usual[:, None] * pays
    return [
        _each_month(party, -whole(amount * lives), day, months, rng)
        for party, amount, day in ((STAFF, wages, 5), (LANDLORD, rent, 1), (LENDER, loan, 20))
    ]


def _mistakes(entries: Columns, rng: np.random.Generator) -> tuple[Columns, Columns]:
    """Entries booked twice, 1 in 500, and the entry of opposite sign that mends it."""
    twice = keep(entries, rng.random(len(entries["enterprise"])) < 0.002)
    at = twice["occurred_at"] + lag_s(rng, len(twice["enterprise"]), DAY_S)
    mended = _entries(twice["enterprise"], twice["counterparty"], -twice["amount"], at, rng)
    return twice, mended


def _with_balance(usual: Floats, entries: Columns, rng: np.random.Generator) -> Columns:
    """The balance after each entry, from an opening balance of about two months of sales."""
    opening = whole(2 * usual * np.exp(rng.normal(0, 0.5, len(usual))))
    ordered = in_order(entries)
    running = np.cumsum(ordered["amount"])
    count = np.bincount(ordered["enterprise"], minlength=len(usual))
    before = np.concatenate([[0], running])[np.cumsum(count) - count]
    balance = running + (opening - before)[ordered["enterprise"]]
    return numbered(ordered | {"balance": balance}, "transaction_no")
