"""What is asked of a firm's partners, in three stages, so that any engine computes it.

First who the partners are, with their totals, as known at the moment of each application; then
ordinary features of these partners, each an application at the same moment; last one value for
each of the firm's applications. The first and the last stage are SQL, whatever computes the second.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tradeline.creditfile.features.declaration import (
    Expression,
    Feature,
    OfPartners,
    partners_of,
)
from tradeline.creditfile.features.events import Events
from tradeline.creditfile.features.fragments import exact, restored, window_sql
from tradeline.creditfile.features.measures import Count
from tradeline.creditfile.features.partners import (
    MILLIONTHS,
    Dependence,
    Partners,
    enterprises_sql,
)
from tradeline.creditfile.features.persons import reads_persons
from tradeline.creditfile.features.statement import asked_table, at, checked, known, present
from tradeline.kernel.findings import problem

NAMED = """
named AS (
  SELECT application, {by} AS party, SUM({value}) AS amount
  FROM known_{contract} WHERE {kept} GROUP BY application, {by}
)"""
PARTNERS = """
WITH {known}, {named}, linked AS ({linked})
SELECT {asked}.application, enterprise, as_of, partner, amount
FROM linked JOIN {asked} ON {asked}.application = linked.application
WHERE partner <> enterprise AND amount > 0{others}
"""
# What members of one enterprise trade among themselves is no trade with a partner.
OTHERS = """
  AND (linked.application, partner) NOT IN (SELECT (application, enterprise) FROM {members})"""
# Names of which nobody ever told anything are left out; their values would be missing anyway.
PAIRS = """
SELECT ROW_NUMBER() OVER (ORDER BY partner, as_of) - 1 AS application,
  partner AS enterprise, as_of
FROM (SELECT DISTINCT partner, as_of FROM ({traded}) AS traded) AS pairs WHERE {told}
"""
OF_PARTNERS = """
WITH {present}, valued AS (
  SELECT {partners}.application, amount, {known} AS known{values}
  FROM {partners} LEFT JOIN {asked}
    ON {asked}.enterprise = {partners}.partner AND {asked}.as_of = {partners}.as_of{mirrors}
)
SELECT present_{contract}.application, {columns}
FROM present_{contract} LEFT JOIN valued
  ON valued.application = present_{contract}.application
GROUP BY present_{contract}.application
"""
MIRROR = """
  LEFT JOIN (SELECT enterprise, as_of, SUM(amount) AS whole FROM {table} GROUP BY enterprise, as_of)
    AS {whole} ON {whole}.enterprise = {partners}.partner AND {whole}.as_of = {partners}.as_of
  LEFT JOIN {returned}
    AS {back} ON {back}.enterprise = {partners}.partner AND {back}.as_of = {partners}.as_of
    AND {back}.{key} = {partners}.{whom}"""
RETURNED = "(SELECT enterprise, as_of, partner, amount AS returned FROM {table})"
# A partner may trade with any member of the enterprise.
RETURNED_TO_ANY = """(
    SELECT {table}.enterprise, {table}.as_of, {members}.application, SUM(amount) AS returned
    FROM {table} JOIN {members}
      ON {members}.enterprise = {table}.partner AND {members}.as_of = {table}.as_of
    GROUP BY {table}.enterprise, {table}.as_of, {members}.application)"""


@dataclass(frozen=True, slots=True)
class Stages:
    """What features ask of partners: `leaves` by the trade that makes them partners.

    `trades` are the firm's own, `mirrors` those in which its partners may depend on it. `asked` is
    what is computed of every partner: whether it is known, and its values.
    """

    leaves: tuple[OfPartners, ...]

    @property
    def trades(self) -> tuple[Partners, ...]:
        """The trades by which firms have partners, each once."""
        return tuple(dict.fromkeys(leaf.partners for leaf in self.leaves))

    @property
    def mirrors(self) -> tuple[Partners, ...]:
        """The trades of partners among which trade with the firm is sought, each once."""
        sought = (leaf.of.partners for leaf in self.leaves if isinstance(leaf.of, Dependence))
        return tuple(dict.fromkeys(sought))

    @property
    def values(self) -> tuple[Expression, ...]:
        """What is asked of each partner, each once."""
        asked = (leaf.of for leaf in self.leaves if not isinstance(leaf.of, str | Dependence))
        return tuple(dict.fromkeys(asked))

    @property
    def known_in(self) -> tuple[str, ...]:
        """The datasets that may show that a partner is known."""
        return tuple(sorted({name for trade in self.trades for name in trade.known_in}))

    @property
    def asked(self) -> tuple[Feature, ...]:
        """Ordinary features of the partners: rows in the datasets that show it, then the values."""
        rows = [_feature(f"known_in_{name}", Count(Events(name))) for name in self.known_in]
        return (*rows, *(_feature(f"value_{n}", v) for n, v in enumerate(self.values)))

    def of_trade(self, trade: Partners) -> tuple[OfPartners, ...]:
        """What is asked of the partners of one trade."""
        return tuple(leaf for leaf in self.leaves if leaf.partners == trade)


def _feature(name: str, expression: Expression) -> Feature:
    return Feature(name, "partners", "1", name, expression, 0, "It is asked of a partner.")


def stages_of(features: Iterable[Feature], tables: frozenset[str]) -> Stages | None:
    """What features ask of partners, of trades in the tables that are there; None if nothing.

    InputProblem if a partner's personal values are asked for.
    """
    leaves = dict.fromkeys(leaf for f in features for leaf in partners_of(f.expression))
    stages = Stages(tuple(leaf for leaf in leaves if tables.issuperset(_trades_read(leaf))))
    for feature, value in zip(stages.asked[len(stages.known_in) :], stages.values, strict=True):
        if reads_persons(feature):
            raise problem(
                "feature-partners-personal",
                type(value).__name__,
                "It asks for personal values of a partner, who is not the subject of the file.",
                "Ask for what reads none.",
            )
    return stages if stages.leaves else None


def _trades_read(leaf: OfPartners) -> set[str]:
    mirror = {leaf.of.partners.events.contract} if isinstance(leaf.of, Dependence) else set()
    return {leaf.partners.events.contract} | mirror


def partners_sql(trade: Partners, level: int, versioned: bool, linked: bool = False) -> str:
    """Each application's partners: application, enterprise, as_of, partner and amount above 0."""
    events = trade.events
    columns = {trade.by, trade.column, f"age_{events.window.unit}s"}
    horizon = events.window.horizon_days
    rows = known(events.contract, columns, versioned, horizon, events.where, linked, level)
    kept = " AND ".join([f"{trade.by} IS NOT NULL", *window_sql(events.window)])
    named = NAMED.format(by=trade.by, value=exact(trade.total), contract=events.contract, kept=kept)
    text = PARTNERS.format(
        known=rows,
        named=named,
        linked=enterprises_sql("named"),
        asked=at("applications", level),
        others=OTHERS.format(members=asked_table(linked, level)) if linked else "",
    )
    checked(text)
    return text


def pairs_sql(stages: Stages, tables: frozenset[str], level: int) -> str:
    """The applications of partners: every partner at every moment, of whom anything was ever told.

    It reads what stands under the names `partners_` and a number at the level.
    """
    traded = " UNION ALL ".join(
        f"SELECT partner, as_of FROM {at(f'partners_{n}', level)}"
        for n in range(len(stages.trades))
    )
    listed = [f"SELECT enterprise FROM {n}" for n in stages.known_in if n in tables]
    told = f"partner IN ({' UNION '.join(listed)})" if listed else "FALSE"
    return PAIRS.format(traded=traded, told=told)


def of_partners_sql(
    stages: Stages, number: int, level: int, versioned: bool, linked: bool = False
) -> str:
    """What is asked of one trade's partners: application, and a double for each leaf.

    It reads the partners and, a level further, their values and mirrors. An application of whom
    nothing is known in the trade's dataset has no row.
    """
    trade = stages.trades[number]
    contract, partners = trade.events.contract, at(f"partners_{number}", level)
    asked = at("values", level + 1)
    told = ", ".join(f"known_in_{name}" for name in trade.known_in)
    is_known = f"COALESCE({told}) IS NOT NULL"
    leaves = stages.of_trade(trade)
    named = {value: f"v{n}" for n, value in enumerate(dict.fromkeys(leaf.of for leaf in leaves))}
    values = [
        f",\n  CASE WHEN {is_known} THEN {_millionths(value, stages)} END AS {name}"
        for value, name in named.items()
        if not isinstance(value, str)
    ]
    mirrors = [_mirror(n, partners, level, linked) for n in range(len(stages.mirrors))]
    columns = [
        f"CAST({told_sql(leaf, named[leaf.of])} AS DOUBLE) AS o{n}" for n, leaf in enumerate(leaves)
    ]
    return OF_PARTNERS.format(
        present=present(contract, versioned, linked, level),
        partners=partners,
        known=is_known,
        values="".join(values),
        asked=asked,
        mirrors="".join(mirrors),
        contract=contract,
        columns=", ".join(columns),
    )


def _mirror(number: int, partners: str, level: int, linked: bool) -> str:
    """What each partner trades on the other side: in all, and with the firm itself."""
    table = at(f"mirrors_{number}", level + 1)
    returned = RETURNED_TO_ANY if linked else RETURNED
    return MIRROR.format(
        table=table,
        whole=f"whole_{number}",
        back=f"back_{number}",
        partners=partners,
        returned=returned.format(table=table, members=asked_table(linked, level)),
        key="application" if linked else "partner",
        whom="application" if linked else "enterprise",
    )


def _millionths(value: Expression | Dependence, stages: Stages) -> str:
    """A value of a partner as a whole number."""
    if isinstance(value, Dependence):
        n = stages.mirrors.index(value.partners)
        back = f"CAST(COALESCE(back_{n}.returned, 0) AS DOUBLE)"
        told = f"{back} / CAST(whole_{n}.whole AS DOUBLE)"
    else:
        told = f"value_{stages.values.index(value)}"
    return f"CAST(ROUND({told} * {MILLIONTHS}) AS INT128)"


def told_sql(leaf: OfPartners, value: str) -> str:
    """One leaf from the rows of an application's partners, whose values stand in a column.

    There `amount` is empty if there is no partner, and `known` says whether one is known.
    """
    present_there = {"anybody": "amount IS NOT NULL", "known": "known"}
    has = present_there[leaf.of] if isinstance(leaf.of, str) else f"{value} IS NOT NULL"
    met = f"{value} {leaf.bound.operator} {leaf.bound.millionths}" if leaf.bound else has
    match leaf.how:
        case "amount":
            total = f"COALESCE(SUM(amount) FILTER (WHERE {met}), 0)"
            told = restored(total, leaf.partners.total)
        case "number":
            told = f"COUNT(*) FILTER (WHERE {met})"
        case "mean":
            weighted = f"SUM(CAST(amount AS INT128) * {value})"
            weight = f"SUM(amount) FILTER (WHERE {has})"
            return f"CAST({weighted} AS DOUBLE) / CAST({weight} AS DOUBLE) / {MILLIONTHS}"
        case "largest" | "smallest":
            extreme = "MAX" if leaf.how == "largest" else "MIN"
            return f"CAST({extreme}({value}) AS DOUBLE) / {MILLIONTHS}"
    if not leaf.bound:
        return told
    return f"CASE WHEN COUNT({value}) > 0 OR COUNT(amount) = 0 THEN {told} END"
