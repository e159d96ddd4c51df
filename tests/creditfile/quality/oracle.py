"""The slow oracle: the quality of one firm by walking over rows, written without the SQL."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise, zip_longest
from typing import cast

from tests.creditfile.features.tables import Row, Tables
from tradeline.creditfile.quality.accuracy import Accuracy, FieldAccuracy
from tradeline.creditfile.quality.completeness import Filled, Rhythm
from tradeline.creditfile.quality.consistency import Conflict, Consistency
from tradeline.creditfile.quality.reconciliation import Reconciliation, Tally
from tradeline.creditfile.quality.record import CONFLICTS_SHOWN, Quality
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.creditfile.quality.timeliness import Timeliness
from tradeline.lake.contracts import BY_NAME, CONTRACTS
from tradeline.lake.reading import Moment
from tradeline.lake.records import Assurance, key_columns

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
STRENGTH = {level: place for place, level in enumerate(Assurance, start=1)}
INVOICES = ("sales_invoices", "purchase_invoices")
Key = tuple[object, ...]
Rows = list[tuple[Row, int]]


def at(row: Row, clock: str = "occurred_at") -> datetime:
    return cast(datetime, row[clock])


def number(row: Row, column: str) -> int:
    return cast(int, row[column])


def strength(row: Row) -> int:
    return STRENGTH[Assurance(cast(str, row["assurance"]))]


def weight(row: Row) -> tuple[int, datetime, int]:
    return strength(row), at(row, "recorded_at"), number(row, "entry")


def share(rows: Sequence[int], percent: int) -> int:
    """The least value that at least so many percent of the values do not exceed."""
    ordered = sorted(rows)
    return ordered[-(-len(ordered) * percent // 100) - 1]


@dataclass
class Fact:
    """Rows of both sides that tell of one thing."""

    left: Rows
    right: Rows

    @property
    def times(self) -> list[datetime]:
        return [at(row) for row, _ in (*self.left, *self.right)]


class Oracle:
    """One firm's quality."""

    def __init__(self, tables: Tables, firm: str, moment: Moment, terms: QualityTerms) -> None:
        self.moment, self.terms, self.firm = moment, terms, firm
        order = [contract.name for contract in CONTRACTS]
        self.told = {
            name: [row for row in tables[name] if self._known(row)]
            for name in sorted(tables, key=order.index)
        }

    def _known(self, row: Row) -> bool:
        landed = self.moment.entry is None or number(row, "entry") <= self.moment.entry
        return at(row, "recorded_at") <= self.moment.known_at and landed

    def occurred(self, row: Row) -> bool:
        return "name" in row or at(row) <= self.moment.as_of

    def origin(self, row: Row) -> str:
        source = cast(str, row["source"])
        if self.terms.fed_by.get(source) == "erp" or row["assurance"] == "self-declared":
            return "borrower"
        return source

    def key(self, name: str, row: Row) -> Key:
        return tuple(row[column] for column in key_columns(BY_NAME[name]))

    def text(self, name: str, row: Row) -> str:
        return "|".join(str(part) for part in self.key(name, row)[1:])

    def chosen(self, name: str, by_source: bool, first: bool = False) -> list[Row]:
        """Of each key (and source) the row that stands, or was told first; if it had occurred."""
        best: dict[Key, Row] = {}
        for row in self.told[name]:
            key = (*self.key(name, row), row["source"] if by_source else "")

            def rank(candidate: Row) -> tuple[int | datetime, ...]:
                return weight(candidate)[1:] if by_source else weight(candidate)

            other = best.get(key)
            if other is None or (rank(row) < rank(other) if first else rank(row) > rank(other)):
                best[key] = row
        return [row for row in best.values() if self.occurred(row)]

    def of(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if row["enterprise"] == self.firm]

    def quality(self) -> Quality:
        names = [name for name, rows in self.told.items() if any(map(self.occurred, rows))]
        dated = [name for name in names if name != "enterprises"]
        found = [self.conflicts(name) for name in names]
        return Quality(
            enterprise=self.firm,
            as_of=self.moment.as_of,
            known_at=self.moment.known_at,
            timeliness=tuple(item for name in dated for item in self.timeliness(name)),
            rhythms=tuple(
                item for name in dated if name != "refunds" for item in self.rhythms(name)
            ),
            filled=tuple(item for name in names for item in self.filled(name)),
            reconciliations=tuple(self.reconciliations()),
            consistency=tuple(item for name in names for item in self.consistency(name)),
            conflicts=tuple(item for conflicts in found for item in conflicts[:CONFLICTS_SHOWN]),
            accuracy=tuple(item for name in names for item in self.accuracy(name)),
        )

    def sources(self, name: str) -> list[str]:
        rows = self.of(filter(self.occurred, self.told[name]))
        return sorted({cast(str, row["source"]) for row in rows})

    def timeliness(self, name: str) -> Iterable[Timeliness]:
        first = self.chosen(name, by_source=True, first=True)
        for source in self.sources(name):
            all_told = [r for r in self.told[name] if r["source"] == source and self.occurred(r)]
            mine, fresh = self.of(all_told), [r for r in self.of(first) if r["source"] == source]
            lags = [(at(row, "recorded_at") - at(row)) // SECOND for row in fresh]
            promise = self.terms.promises.get(source, self.terms.promise_days * DAY) // SECOND
            clocks = any(at(row) != at(row, "recorded_at") for row in all_told)
            yield Timeliness(
                contract=name,
                source=source,
                rows=len(fresh),
                corrections=len(mine) - len(fresh),
                first=min(map(at, mine)),
                last=max(map(at, mine)),
                lag_median_s=share(lags, 50) if clocks and lags else None,
                lag_p95_s=share(lags, 95) if clocks and lags else None,
                late_rows=sum(lag > promise for lag in lags) if clocks else None,
                age_s=(self.moment.as_of - max(map(at, mine))) // SECOND,
                source_age_s=(self.moment.as_of - max(map(at, all_told))) // SECOND,
                promise_s=promise,
                promised=source in self.terms.promises,
            )

    def rhythms(self, name: str) -> Iterable[Rhythm]:
        after = self.moment.as_of.date() + DAY
        end = after.year * 12 + after.month - 1
        months: dict[int, int] = defaultdict(int)
        for row in self.of(self.chosen(name, by_source=False)):
            month = at(row).year * 12 + at(row).month - 1
            if month < end:
                months[month] += 1
        if not months:
            return
        steps = [later - earlier for earlier, later in pairwise(sorted(months))]
        rhythm = share(steps, 50) if len(steps) >= self.terms.rhythm_steps_min else None
        missing = None
        if rhythm is not None:
            missing, silent = 0, 0
            for month in range(min(months), end):
                silent = 0 if month in months else silent + 1
                missing += silent >= rhythm
        yield Rhythm(
            name,
            date(min(months) // 12, min(months) % 12 + 1, 1),
            tuple(months.get(month, 0) for month in range(min(months), end)),
            rhythm,
            missing,
        )

    def filled(self, name: str) -> Iterable[Filled]:
        last = self.of(self.chosen(name, by_source=True))
        for source in self.sources(name):
            rows = [row for row in last if row["source"] == source]
            for field in BY_NAME[name].fields:
                if not field.required and rows:
                    filled = sum(row.get(field.column) is not None for row in rows)
                    yield Filled(name, source, field.column, len(rows), filled)

    def fact(self, name: str, row: Row) -> Key:
        if name in INVOICES:
            return (row["enterprise"], row["invoice_no"], row["counterparty"])
        return self.key(name, row)

    def said(self, name: str) -> list[str]:
        keys = list(key_columns(BY_NAME[name]))
        if name in INVOICES:
            keys = ["enterprise", "invoice_no", "counterparty"]
        return [c for c in BY_NAME[name].columns if c not in (*keys, "recorded_at")]

    def shared(self, name: str) -> list[list[Row]]:
        """The tellings of each fact that several sources tell once, the weightiest first."""
        facts: dict[Key, list[Row]] = defaultdict(list)
        for row in self.of(self.chosen(name, by_source=True)):
            facts[self.fact(name, row)].append(row)
        found = []
        for rows in facts.values():
            once = [r for r in rows if [o["source"] for o in rows].count(r["source"]) == 1]
            if len(once) > 1:
                found.append(sorted(once, key=weight, reverse=True))
        return found

    def differing(self, name: str, one: Row, other: Row) -> list[str]:
        return [
            column
            for column in self.said(name)
            if None not in (one.get(column), other.get(column)) and one[column] != other[column]
        ]

    def consistency(self, name: str) -> Iterable[Consistency]:
        shared = self.shared(name)
        if not shared:
            return
        apart = [len({self.origin(row) for row in rows}) > 1 for rows in shared]
        counts = [
            sum(len(self.differing(name, rows[0], row)) for row in rows[1:]) for rows in shared
        ]
        agreeing = [not count for count in counts]
        both = [a and b for a, b in zip(apart, agreeing, strict=True)]
        yield Consistency(name, len(shared), sum(agreeing), sum(apart), sum(both), sum(counts))

    def conflicts(self, name: str) -> list[Conflict]:
        stands = [id(row) for row in self.chosen(name, by_source=False)]
        found = []
        for winner, *others in self.shared(name):
            for other in others:
                if id(winner) in stands and id(other) in stands:
                    why = "both stand"
                elif strength(winner) > strength(other):
                    why = "stronger assurance"
                elif at(winner, "recorded_at") > at(other, "recorded_at"):
                    why = "recorded later"
                else:
                    why = "landed later"
                found += [
                    Conflict(
                        contract=name,
                        key=self.text(name, other) or self.firm,
                        field=column,
                        value=str(winner[column]),
                        other_value=str(other[column]),
                        source=str(winner["source"]),
                        other_source=str(other["source"]),
                        independent=self.origin(winner) != self.origin(other),
                        why=why,
                    )
                    for column in self.differing(name, winner, other)
                ]
        return sorted(found, key=lambda c: (c.key, c.field, c.other_source))

    def accuracy(self, name: str) -> Iterable[Accuracy]:
        pairs: dict[str, list[tuple[Row, Row]]] = defaultdict(list)
        for rows in self.shared(name):
            for row in rows:
                truths = [
                    other
                    for other in rows
                    if strength(other) >= 3
                    and strength(other) > strength(row)
                    and self.origin(other) != self.origin(row)
                ]
                if truths:
                    pairs[str(row["source"])].append((row, truths[0]))
        last = self.of(self.chosen(name, by_source=True))
        for source in self.sources(name):
            mine = [row for row in last if row["source"] == source]
            held = pairs[source]
            if mine:
                yield Accuracy(
                    name,
                    source,
                    len(mine),
                    len(held),
                    sum(all(self.right(c, *p) for c in self.said(name)) for p in held),
                    tuple(self.field(c, held) for c in self.said(name)) if held else (),
                )

    def right(self, column: str, row: Row, truth: Row) -> bool:
        if None in (row.get(column), truth.get(column)):
            return True
        if column.endswith("_minor"):
            difference = number(row, column) - number(truth, column)
            return abs(difference) <= self.terms.tolerance_minor
        return row[column] == truth[column]

    def field(self, column: str, held: Sequence[tuple[Row, Row]]) -> FieldAccuracy:
        both = [pair for pair in held if None not in (pair[0].get(column), pair[1].get(column))]
        equal = sum(self.right(column, *pair) for pair in both)
        if not column.endswith("_minor"):
            return FieldAccuracy(column, len(both), equal, None, None)
        error = sum(abs(number(row, column) - number(truth, column)) for row, truth in both)
        truth_minor = sum(abs(number(truth, column)) for _, truth in both)
        return FieldAccuracy(column, len(both), equal, error, truth_minor)

    def rows(self, name: str, column: str, sign: int = 1) -> Rows:
        stands = self.of(self.chosen(name, by_source=False)) if name in self.told else []
        return [(row, sign * number(row, column) if column else 0) for row in stands]

    def reconciliations(self) -> Iterable[Reconciliation]:
        orders = [p for p in self.rows("orders", "gross_minor") if p[0]["status"] != "cancelled"]
        payments = self.rows("payments", "amount_minor")
        refunds = self.rows("refunds", "amount_minor")
        sales = [p for p in self.rows("sales_invoices", "gross_minor") if p[0]["status"] == "valid"]
        bought = [
            p for p in self.rows("purchase_invoices", "gross_minor") if p[0]["status"] == "valid"
        ]
        received = [p for p in self.rows("bank_transactions", "amount_minor") if p[1] > 0]
        spent = [p for p in self.rows("bank_transactions", "amount_minor", -1) if p[1] > 0]
        paid = payments + self.rows("refunds", "amount_minor", -1)
        sold, purchased = [p for p in sales if p[1] > 0], [p for p in bought if p[1] > 0]
        sent = self.rows("deliveries", "")
        for rule, left, right, facts in (
            ("orders-payments", orders, payments, by_order),
            ("refunds-payments", refunds, payments, by_order),
            ("orders-deliveries", orders, sent, by_order),
            ("orders-invoices", orders, sales, by_quarter),
            ("payments-bank", paid, received, by_quarter),
            ("sales-bank", sold, received, self.by_amount),
            ("purchases-bank", purchased, spent, self.by_amount),
        ):
            if left and right:
                yield self.held(rule, facts(left, right), left, right)

    def by_amount(self, left: Rows, right: Rows) -> list[Fact]:
        window = self.terms.window_days["sales-bank"] * DAY
        facts: list[Fact] = []
        for amount in {value for _, value in left + right}:
            events = [(at(row), "left", row) for row, value in left if value == amount]
            events += [(at(row), "right", row) for row, value in right if value == amount]
            run: dict[str, list[Row]] = {"left": [], "right": []}
            last = datetime.min  # noqa: DTZ901
            for moment, side, row in sorted(events, key=self.in_order):
                if moment - last > window:
                    facts += paired(run, amount, window)
                    run = {"left": [], "right": []}
                run[side].append(row)
                last = moment
            facts += paired(run, amount, window)
        return facts

    def in_order(self, event: tuple[datetime, str, Row]) -> tuple[datetime, str, str]:
        moment, side, row = event
        named = str(row.get("invoice_no") or row["transaction_no"])
        return moment, side, named

    def held(self, rule: str, facts: list[Fact], left: Rows, right: Rows) -> Reconciliation:
        start = max(min(at(row) for row, _ in left), min(at(row) for row, _ in right))
        tallies: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for fact in facts:
            if rule not in ("orders-payments", "orders-deliveries") and not fact.left:
                continue
            sums = sum(value for _, value in fact.left), sum(value for _, value in fact.right)
            for verdict in self.verdicts(rule, fact, start, *sums):
                for place, value in enumerate((1, *sums)):
                    tallies[verdict][place] += value
        return Reconciliation(
            rule,
            *(
                Tally(*tallies[name])
                for name in ("matched", "confirmed", "differing", "left_only", "right_only", "open")
            ),
        )

    def verdicts(
        self, rule: str, fact: Fact, start: datetime, left: int, right: int
    ) -> tuple[str, ...]:
        window, as_of = self.terms.window_days[rule] * DAY, self.moment.as_of
        first, last = min(fact.times), max(fact.times)
        if rule in ("orders-invoices", "payments-bank"):
            begin = datetime(first.year, (first.month - 1) // 3 * 3 + 1, 1)  # noqa: DTZ001
            over = begin + timedelta(days=93)
            end = datetime(over.year, over.month, 1)  # noqa: DTZ001
            if begin < start or end - timedelta(microseconds=1) + window > as_of:
                return ("open",)
            holds = 100 * (left - right) <= self.terms.total_tolerance_percent * right
        else:
            one_sided = not (fact.left and fact.right)
            if one_sided and (first < start + window or last > as_of - window):
                return ("open",)
            holds = left - right <= self.terms.tolerance_minor
            if rule == "orders-payments":
                holds = abs(left - right) <= self.terms.tolerance_minor
            if rule == "orders-deliveries":
                holds = True
        if not fact.right:
            return ("left_only",)
        if not fact.left:
            return ("right_only",)
        if not holds:
            return ("differing",)
        sides = [{self.origin(row) for row, _ in side} for side in (fact.left, fact.right)]
        return ("matched",) if sides[0] & sides[1] else ("matched", "confirmed")


def by_order(left: Rows, right: Rows) -> list[Fact]:
    return grouped(left, right, lambda row: row["order_no"])


def by_quarter(left: Rows, right: Rows) -> list[Fact]:
    return grouped(left, right, lambda row: (at(row).year, (at(row).month - 1) // 3))


def grouped(left: Rows, right: Rows, name: Callable[[Row], object]) -> list[Fact]:
    facts: dict[object, Fact] = defaultdict(lambda: Fact([], []))
    for row, value in left:
        facts[name(row)].left.append((row, value))
    for row, value in right:
        facts[name(row)].right.append((row, value))
    return list(facts.values())


def paired(run: dict[str, list[Row]], amount: int, window: timedelta) -> list[Fact]:
    """The first of the left with the first of the right, and so on, where they lie near."""
    facts = []
    for one, other in zip_longest(run["left"], run["right"]):
        if one and other and abs(at(one) - at(other)) <= window:
            facts.append(Fact([(one, amount)], [(other, amount)]))
            continue
        if one:
            facts.append(Fact([(one, amount)], []))
        if other:
            facts.append(Fact([], [(other, amount)]))
    return facts
