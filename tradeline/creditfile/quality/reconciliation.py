"""Reconciliation: datasets of a firm held against each other, and the rows behind each number.

Rows get the name of the fact that they tell of, facts get a verdict, numbers are sums over facts;
the rows behind a number are the rows of those facts. All sums are of whole minor units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from tradeline.creditfile.quality.rules import RULES, VERDICTS, Rule, Side, Verdict
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.creditfile.quality.told import view
from tradeline.lake.contracts import Contract
from tradeline.lake.sql_text import literal


@dataclass(frozen=True, slots=True)
class Tally:
    """How many facts share a verdict, and what either side says they come to (minor units)."""

    facts: int
    left_minor: int
    right_minor: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One rule held against a firm that has rows on both sides.

    `confirmed` are those of `matched` whose two sides have different origins: where one source, or
    two that one borrower feeds, tell both sides, nothing is confirmed. `open` are facts of one side
    so near to where both begin, or to the date, that the other side may still stand outside.
    """

    rule: str
    matched: Tally
    confirmed: Tally
    differing: Tally
    left_only: Tally
    right_only: Tally
    open: Tally

    def tally(self, verdict: Verdict) -> Tally:
        """The tally of a verdict."""
        found: Tally = getattr(self, verdict)
        return found

    @property
    def judged(self) -> int:
        """How many facts were judged: all but the open ones."""
        sides = (self.matched, self.differing, self.left_only, self.right_only)
        return sum(tally.facts for tally in sides)

    @property
    def matched_share(self) -> float | None:
        """The share of judged facts that match; None where none could be judged."""
        return self.matched.facts / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class RowBehind:
    """One row behind a number: the fact it tells of, what it says, where it stands."""

    fact: str
    side: str
    contract: str
    key: str
    occurred_at: datetime
    recorded_at: datetime
    amount_minor: int
    source: str
    assurance: str
    source_file: str | None
    source_row: int | None


def usable(contracts: Sequence[Contract]) -> tuple[Rule, ...]:
    """The rules of which anything is known on both sides."""
    present = {contract.name for contract in contracts}
    return tuple(
        rule
        for rule in RULES
        if all(present & {s.contract for s in side} for side in (rule.left, rule.right))
    )


def read_reconciliations(
    connection: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
    as_of: datetime,
    terms: QualityTerms,
) -> dict[str, list[Reconciliation]]:
    """By firm, the rules that can be held against it, in the order of `RULES`."""
    columns = ", ".join(
        f"count(*) FILTER ({told}), coalesce(sum(left_minor) FILTER ({told}), 0), "
        f"coalesce(sum(right_minor) FILTER ({told}), 0)"
        for told in map(_has, VERDICTS)
    )
    found: dict[str, list[Reconciliation]] = {}
    for rule in usable(contracts):
        sql = (
            f"WITH {_facts_sql(rule, contracts, as_of, terms)} "
            f"SELECT enterprise, {columns} FROM facts GROUP BY enterprise ORDER BY enterprise"
        )
        for firm, *numbers in connection.execute(sql).fetchall():
            tallies = [Tally(*map(int, numbers[n : n + 3])) for n in range(0, len(numbers), 3)]
            found.setdefault(firm, []).append(Reconciliation(rule.name, *tallies))
    return found


def _has(verdict: Verdict) -> str:
    """Whether a fact has a verdict; what is confirmed is matched too."""
    if verdict == "matched":
        return "verdict IN ('matched', 'confirmed')"
    return f"verdict = {literal(verdict)}"


def read_rows(
    connection: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
    as_of: datetime,
    terms: QualityTerms,
    enterprise: str,
    rule: Rule,
    verdict: Verdict,
) -> tuple[RowBehind, ...]:
    """The rows behind one number of a firm; their amounts by side add up to its tally."""
    if rule not in usable(contracts):
        return ()
    rows = connection.execute(
        f"WITH {_facts_sql(rule, contracts, as_of, terms)} "
        "SELECT fact, side, contract, key, occurred_at, recorded_at, amount, source, assurance, "
        "source_file, source_row FROM rows JOIN facts USING (enterprise, fact) "
        f"WHERE enterprise = ? AND {_has(verdict)} ORDER BY ALL",
        [enterprise],
    ).fetchall()
    return tuple(RowBehind(*row) for row in rows)


def _facts_sql(
    rule: Rule, contracts: Sequence[Contract], as_of: datetime, terms: QualityTerms
) -> str:
    """The tables `rows` (each with its fact) and `facts` (each with its verdict)."""
    window = terms.window_days[rule.name]
    moment = f"TIMESTAMP {literal(as_of.isoformat(sep=' '))}"
    both = "SELECT enterprise FROM named GROUP BY ALL HAVING count(DISTINCT side) = 2"
    one_way = "WHERE left_rows > 0" if rule.relation == "at most" else ""
    return (
        f"{_named_sql(rule, contracts, window)}, "
        f"begun AS (SELECT enterprise, max(first) AS start FROM (SELECT enterprise, "
        "min(occurred_at) AS first FROM named GROUP BY enterprise, side) GROUP BY enterprise), "
        f"rows AS (SELECT * FROM named SEMI JOIN ({both}) USING (enterprise)), "
        "summed AS (SELECT enterprise, fact, "
        "count(*) FILTER (side = 'left') AS left_rows, "
        "count(*) FILTER (side = 'right') AS right_rows, "
        "coalesce(sum(amount) FILTER (side = 'left'), 0) AS left_minor, "
        "coalesce(sum(amount) FILTER (side = 'right'), 0) AS right_minor, "
        "bit_or(origin_bit) FILTER (side = 'left') AS left_origins, "
        "bit_or(origin_bit) FILTER (side = 'right') AS right_origins, "
        "min(occurred_at) AS first, max(occurred_at) AS last "
        "FROM rows GROUP BY enterprise, fact), "
        f"facts AS (SELECT enterprise, fact, left_minor, right_minor, CASE "
        f"WHEN {_open_sql(rule, moment, window)} THEN 'open' "
        "WHEN right_rows = 0 THEN 'left_only' WHEN left_rows = 0 THEN 'right_only' "
        f"WHEN NOT ({_holds_sql(rule, terms)}) THEN 'differing' "
        "WHEN bit_count(left_origins & right_origins) = 0 THEN 'confirmed' "
        f"ELSE 'matched' END AS verdict FROM summed JOIN begun USING (enterprise) {one_way})"
    )


def _open_sql(rule: Rule, moment: str, window: int) -> str:
    """Whether a fact lies too near to the beginning of both sides, or to the date, to be judged."""
    near = f"INTERVAL {window} DAYS"
    if rule.by == "quarter":
        quarter = "date_trunc('quarter', first)"
        return (
            f"{quarter} < start OR {quarter} + INTERVAL 3 MONTHS + {near} > {moment} "
            "+ INTERVAL 1 MICROSECOND"
        )
    one_sided = "left_rows = 0 OR right_rows = 0"
    return f"({one_sided}) AND (first < start + {near} OR last > {moment} - {near})"


def _holds_sql(rule: Rule, terms: QualityTerms) -> str:
    """Whether the sums of both sides stand to each other as the rule says."""
    match rule.relation, rule.by:
        case "present", _:
            return "true"
        case "equal", _:
            return f"abs(left_minor - right_minor) <= {terms.tolerance_minor}"
        case _, "quarter":
            percent = terms.total_tolerance_percent
            return f"(left_minor - right_minor) * 100 <= {percent} * right_minor"
        case _:
            return f"left_minor - right_minor <= {terms.tolerance_minor}"


def _named_sql(rule: Rule, contracts: Sequence[Contract], window: int) -> str:
    """The table `named`: the rows of both sides, each with the name of its fact."""
    present = {contract.name: contract for contract in contracts}
    parts = [
        _side_sql(side, name, present[side.contract], rule)
        for name, sides in (("left", rule.left), ("right", rule.right))
        for side in sides
        if side.contract in present
    ]
    told = f"told AS ({' UNION ALL '.join(parts)})"
    if rule.by == "amount":
        return f"{told}, {_by_amount_sql(window)}"
    fact = "order_no" if rule.by == "order" else "year(occurred_at) || '-Q' || quarter(occurred_at)"
    return f"{told}, named AS (SELECT *, {fact} AS fact FROM told)"


def _side_sql(side: Side, name: str, contract: Contract, rule: Rule) -> str:
    order = "order_no" if rule.by == "order" else "NULL"
    return (
        f"SELECT enterprise, {literal(name)} AS side, {literal(contract.name)} AS contract, key, "
        f"occurred_at, recorded_at, {side.amount} AS amount, source, assurance, origin_bit, "
        f"source_file, source_row, {order} AS order_no FROM {view(contract)} "
        f"WHERE stands AND {side.where}"
    )


def _by_amount_sql(window: int) -> str:
    """Rows of one amount that follow each other within the window make a run.

    In a run the first of the left and the first of the right are one fact, then the second ones;
    two that lie further apart than the window are two facts.
    """
    group = "PARTITION BY enterprise, amount"
    order = "ORDER BY occurred_at, side, key"
    near = f"INTERVAL {window} DAYS"
    return (
        f"spaced AS (SELECT *, coalesce(occurred_at - lag(occurred_at) OVER ({group} {order}) "
        f"> {near}, true)::INTEGER AS begins FROM told), "
        f"runs AS (SELECT *, sum(begins) OVER ({group} {order}) AS run FROM spaced), "
        "paired AS (SELECT *, row_number() OVER "
        "(PARTITION BY enterprise, amount, run, side ORDER BY occurred_at, key) AS place "
        "FROM runs), "
        "apart AS (SELECT *, max(occurred_at) OVER pair - min(occurred_at) OVER pair "
        f"> {near} AS far FROM paired "
        "WINDOW pair AS (PARTITION BY enterprise, amount, run, place)), "
        "named AS (SELECT * EXCLUDE (begins, run, place, far), amount || '/' || run || '/' || "
        "place || CASE WHEN far THEN '/' || side ELSE '' END AS fact FROM apart)"
    )
