"""The review queue: pairs that a program judged, ordered by what it would cost if it was wrong.

The expected cost of a pair is the chance that it is wrong times what depends on it: what both sides
owe and sold in the last twelve months, once, and once more for each recorded use of either. Where
one side has no records of what it does, no file would change, and the cost is nothing. Pairs that a
person judged are not in the queue.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb

from tradeline.creditfile.linkage.links import Link, read_links, read_sayings, standing
from tradeline.creditfile.linkage.uses import read_uses
from tradeline.kernel.findings import counted
from tradeline.kernel.moments import naive_utc
from tradeline.kernel.money import minor_per_unit
from tradeline.lake.store import BUCKETED, Lake

YEAR = timedelta(days=365)
FEW_FIRMS = 1_000
"""So many enterprises are read by themselves, more with the whole lake."""

SALES = """
SELECT enterprise, currency, SUM(gross_minor) FROM sales_invoices
WHERE status = 'valid' AND occurred_at > $since GROUP BY ALL
UNION ALL
SELECT enterprise, currency, SUM(gross_minor) FROM orders
WHERE status <> 'cancelled' AND occurred_at > $since
  AND enterprise NOT IN (SELECT enterprise FROM sales_invoices) GROUP BY ALL
"""
DEBTS = """
SELECT enterprise, currency, SUM(owed) FROM (
  SELECT enterprise, ARG_MAX(currency, occurred_at) AS currency,
    ARG_MAX(outstanding_minor, occurred_at) AS owed FROM loans GROUP BY enterprise, loan_no
  UNION ALL
  SELECT enterprise, ARG_MAX(currency, occurred_at), ARG_MAX(outstanding_minor, occurred_at)
  FROM obligations GROUP BY enterprise, obligation_no
) GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pair: what it owes and sold in a year, in minor units of the pair's currency.

    `rows` counts what is known of what it does, `uses` what was made of it.
    """

    enterprise: str
    owed_minor: int
    sold_minor: int
    rows: int
    uses: int


@dataclass(frozen=True, slots=True)
class Review:
    """A pair to be judged: what is said of it, both sides, and the currency of their amounts."""

    link: Link
    left: Side
    right: Side
    currency: str

    @property
    def wrong(self) -> float:
        """How likely it is wrong as it stands: joined and two, or held apart and one."""
        likely = self.link.probability
        return 1 - likely if self.link.relation == "same" else likely

    @property
    def exposure_minor(self) -> int:
        """What depends on it, once; nothing where one side has no rows to join."""
        if not (self.left.rows and self.right.rows):
            return 0
        return sum(side.owed_minor + side.sold_minor for side in (self.left, self.right))

    @property
    def uses(self) -> int:
        """How much was made of both sides."""
        return self.left.uses + self.right.uses

    @property
    def cost_minor(self) -> int:
        """The expected cost of its being wrong, in minor units."""
        return round(self.wrong * self.exposure_minor * (1 + self.uses))

    @property
    def reason(self) -> str:
        """Why it stands where it stands in the queue, in words."""
        chance = f"{self.wrong:.1%} likely to be wrong as {self.link.relation}"
        if not self.exposure_minor:
            return f"{chance}; no file would change"
        return (
            f"{chance}; {in_units(self.exposure_minor, self.currency)} depend on it, "
            f"{counted(self.uses, 'use')}"
        )


def in_units(amount_minor: int, currency: str) -> str:
    """An amount in whole units of its currency, in words."""
    return f"{round(amount_minor / minor_per_unit(currency)):,} {currency}".strip()


@dataclass(slots=True)
class _Stakes:
    """What is known of an enterprise: amounts by currency, rows, uses."""

    owed: Counter[str] = field(default_factory=Counter)
    sold: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    uses: int = 0


def review(lake: Lake, known_at: datetime) -> tuple[Review, ...]:
    """The pairs that no person has judged, as known at a moment, the costliest first."""
    moment = naive_utc(known_at)
    judged = {s.pair for s in standing(read_sayings(lake), moment).values() if s.judged}
    links = [one for one in read_links(lake, moment) if (one.left, one.right) not in judged]
    stakes = _stakes(lake, {side for one in links for side in (one.left, one.right)}, moment)
    queue = (_review(one, stakes[one.left], stakes[one.right]) for one in links)
    return tuple(sorted(queue, key=_costliest_first))


def _costliest_first(item: Review) -> tuple[int, float, str, str]:
    return -item.cost_minor, -item.wrong, item.link.left, item.link.right


def _review(link: Link, left: _Stakes, right: _Stakes) -> Review:
    total = left.owed + left.sold + right.owed + right.sold
    currency = max(sorted(total), key=lambda name: total[name], default="")
    return Review(
        link, _side(link.left, left, currency), _side(link.right, right, currency), currency
    )


def _side(enterprise: str, known: _Stakes, currency: str) -> Side:
    return Side(enterprise, known.owed[currency], known.sold[currency], known.rows, known.uses)


def _stakes(lake: Lake, enterprises: set[str], known_at: datetime) -> Mapping[str, _Stakes]:
    found: dict[str, _Stakes] = defaultdict(_Stakes)
    if not enterprises:
        return found
    few = enterprises if len(enterprises) <= FEW_FIRMS else None
    with lake.connect(known_at, known_at, firms=few) as connection:
        since = {"since": known_at - YEAR}
        for firm, currency, amount in connection.execute(SALES, since).fetchall():
            found[firm].sold[currency or ""] += amount
        for firm, currency, amount in connection.execute(DEBTS).fetchall():
            found[firm].owed[currency or ""] += amount
        for firm, rows in _counted_rows(connection, _told(lake)):
            found[firm].rows += rows
    for use in read_uses(lake, enterprises):
        found[use.asked.enterprise].uses += use.made_at <= known_at
    return found


def _told(lake: Lake) -> list[str]:
    """The contracts that tell of what enterprises do, and hold rows."""
    return [name for name in sorted(BUCKETED - {"enterprises"}) if lake.files_of(name)]


def _counted_rows(
    connection: duckdb.DuckDBPyConnection, contracts: Sequence[str]
) -> Iterable[tuple[str, int]]:
    for name in contracts:
        yield from connection.execute(
            f"SELECT enterprise, COUNT(*) FROM {name} GROUP BY enterprise"
        ).fetchall()
