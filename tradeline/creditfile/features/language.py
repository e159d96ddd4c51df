"""The feature language as a page: each construct, what it means, an example and its SQL."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass

from tradeline.creditfile.features.declaration import (
    Difference,
    Expression,
    Feature,
    Growth,
    OfPartners,
    Ratio,
)
from tradeline.creditfile.features.events import (
    After,
    Compare,
    Condition,
    Events,
    MultipleOf,
    Present,
    Window,
)
from tradeline.creditfile.features.fragments import condition_sql, fragment, window_sql
from tradeline.creditfile.features.measures import (
    ActiveDays,
    ActiveMonths,
    Circular,
    Count,
    DaysSince,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Followed,
    Gained,
    Herfindahl,
    Largest,
    LargestShare,
    Latest,
    LongestGap,
    Lost,
    MeanAge,
    Measure,
    ObservedMonths,
    SameDayPairs,
    Standing,
    Sum,
    Trend,
    Volatility,
)
from tradeline.creditfile.features.partners import Bound, Dependence, Partners, enterprises_sql
from tradeline.creditfile.features.plan import expression_sql, plan
from tradeline.creditfile.features.stages import told_sql

COMMAND = "tradeline features --language"
HEAD = f"""# The feature language

<!-- Made by `{COMMAND}`; change the code, not this page. -->

A feature is arithmetic on *measures*; a measure is one number of a firm from the rows of one
dataset, its *events*, under conditions and in a window. It is declared once and computed for
*applications*, pairs of an enterprise and a moment `as_of`, on DuckDB and on a cluster alike.

Rules that hold for all:

- A row is visible if `occurred_at <= as_of` and `recorded_at <= as_of`. Of a row told in several
  versions the one counts that stood then. Nothing can look ahead.
- **Missing or zero.** A firm of which nothing is known in the dataset is missing (NULL). A firm
  that is known but has no event counts 0 in counts and sums, and is missing in the rest. With
  `absent_is_zero` a firm without any row counts 0 too, once the dataset has begun at all.
- An empty value meets no condition and belongs to no group.
- **Exactness.** Amounts are whole minor units, other numbers count in thousandths, logs in whole
  billionths; sums are of whole numbers and divided once, so their order never matters. Sums that
  do not fit in 128 bits are refused.
- **Grains are tiles.** A measure that asks for months, days or partners is first brought to that
  grain (`grain`), then to the firm (`firm`). Measures of one grain share one pass.

The SQL is the common text, DuckDB's; `~` stands for the measure's own prefix.
"""

YEAR = Window(12)
SALES = Events("sales_invoices", (Compare("status", "=", "valid"),), YEAR)
ORDERS = Events("orders", (), Window(days=90))
PAID = Events("payments")

WINDOWS: dict[str, Window] = {
    "months": YEAR,
    "months, an offset back": Window(12, 12),
    "days": Window(days=90),
    "days, an offset back": Window(days=90, offset=90),
    "all history": Window(),
    "all history but the newest": Window(offset=6),
}
CONDITIONS: tuple[Condition, ...] = (
    Compare("status", "=", "valid"),
    After("recorded_at", "occurred_at"),
    Present("counterparty"),
    MultipleOf("gross_minor", 1_000_00),
)
MEASURES: dict[str, tuple[Measure, ...]] = {
    "Amounts": (
        Count(SALES),
        Sum(SALES, "gross_minor"),
        Largest(SALES, "gross_minor"),
        Latest(Events("bank_transactions"), "balance_minor"),
        Distinct(SALES, "counterparty"),
    ),
    "Time": (
        ObservedMonths(SALES),
        ActiveMonths(SALES),
        ActiveDays(ORDERS),
        DaysSinceLast(SALES),
        DaysSinceFirst(SALES),
        DaysSince(Events("registrations"), "incorporated_on"),
        MeanAge(SALES, "gross_minor"),
    ),
    "Change": (Volatility(SALES, "gross_minor"), Trend(SALES, "gross_minor")),
    "Sequences": (
        LongestGap(SALES),
        SameDayPairs(SALES, "gross_minor"),
        Followed(Events("orders"), "order_no", PAID, 30),
    ),
    "Concentration and counterparties": (
        Herfindahl(SALES, "gross_minor", "counterparty"),
        LargestShare(SALES, "gross_minor", "counterparty"),
        Standing(Events("obligations", (), YEAR), "outstanding_minor", "obligation_no"),
        Gained(SALES, "counterparty"),
        Lost(SALES, "counterparty"),
        Circular(SALES, "gross_minor", Events("purchase_invoices", (), YEAR)),
    ),
}
"""Every measure, each with an example."""

SOLD = Sum(SALES, "gross_minor")
BEFORE = Sum(Events("sales_invoices", SALES.where, YEAR.before()), "gross_minor")
EXPRESSIONS: tuple[Expression, ...] = (
    Ratio(SOLD, Count(SALES)),
    Difference(SOLD, BEFORE),
    Growth(SOLD, BEFORE),
)


BUYERS = Partners(SALES, "gross_minor")
SUPPLIERS = Partners(Events("purchase_invoices", (), YEAR), "gross_minor")
AGE = DaysSince(Events("registrations"), "incorporated_on")
OF_PARTNERS: dict[str, OfPartners] = {
    "sales to buyers that the platform knows": OfPartners(BUYERS, "known", "amount"),
    "buyers founded less than a year ago": OfPartners(BUYERS, AGE, "number", Bound("<", 365)),
    "their mean age, by sales": OfPartners(BUYERS, AGE, "mean"),
    "the largest part of its purchases that a buyer makes here": OfPartners(
        BUYERS, Dependence(SUPPLIERS), "largest"
    ),
}
"""What can be asked of partners, by example."""


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    meaning: str
    example: str
    sql: str

    @property
    def text(self) -> str:
        return (
            f"### {self.name}\n\n{self.meaning}\n\n```text\n{self.example}\n```\n\n"
            f"```sql\n{self.sql}\n```\n"
        )


def language_markdown() -> str:
    """The reference of the language as a page of Markdown, its SQL as the compiler writes it."""
    measures = {
        group: [_section(m, measure_sql(m)) for m in listed] for group, listed in MEASURES.items()
    }
    windows = [
        f"| {name} | `{declared(window)}` | {window.label} | `{_conditions(window)}` |"
        for name, window in WINDOWS.items()
    ]
    parts = [
        HEAD,
        f"## Windows\n\n{_meaning(Window())}\n\n"
        + "\n".join(["| what | declared | in words | SQL |", "| --- | --- | --- | --- |", *windows])
        + "\n",
        "## Events and conditions\n",
        f"{_meaning(SALES)}\n",
        *_texts([_section(c, condition_sql(c)) for c in CONDITIONS]),
        *(text for group, made in measures.items() for text in (f"## {group}\n", *_texts(made))),
        "## Arithmetic\n",
        *_texts([_section(e, _over_measures(e)) for e in EXPRESSIONS]),
        "## Partners\n",
        _partners(),
        "## A whole plan\n",
        _whole_plan(),
    ]
    return "\n".join(parts)


def measure_sql(measure: Measure) -> str:
    """What a measure is in SQL, step by step."""
    made = fragment(measure)
    steps = [("grain", made.inner), ("beside", made.joins), ("across", made.across)]
    lines = [f"-- grain: application, {', '.join(made.grain)}"] if made.grain else []
    lines += [f"-- {name}\n{part}" for name, parts in steps for part in parts]
    return "\n".join([*lines, f"-- firm\n{made.outer}"])


def declared(value: object) -> str:
    """A construct as it is declared: defaults left out."""
    if isinstance(value, tuple):
        return f"({', '.join(map(declared, value))}{',' if len(value) == 1 else ''})"
    if not is_dataclass(value):
        return repr(value)
    given, plain = [], True
    for field in fields(value):
        part = getattr(value, field.name)
        if part == field.default:
            plain = False
            continue
        given.append(declared(part) if plain else f"{field.name}={declared(part)}")
    return f"{type(value).__name__}({', '.join(given)})"


def _section(construct: Condition | Expression, sql: str) -> _Section:
    return _Section(type(construct).__name__, _meaning(construct), declared(construct), sql)


def _meaning(construct: object) -> str:
    return inspect.cleandoc(type(construct).__doc__ or "")


def _texts(sections: Sequence[_Section]) -> list[str]:
    return [section.text for section in sections]


def _conditions(window: Window) -> str:
    return " AND ".join(window_sql(window)) or "TRUE"


def _over_measures(expression: Expression) -> str:
    return expression_sql(expression, {SOLD: "sales", Count(SALES): "invoices", BEFORE: "before"})


def _partners() -> str:
    """What is asked of partners: the constructs, examples, and who a partner is."""
    constructs = [
        f"### {type(part).__name__}\n\n{_meaning(part)}\n\n```text\n{declared(part)}\n```\n"
        for part in (BUYERS, Dependence(SUPPLIERS), Bound("<", 365))
    ]
    examples = [
        f"| {what} | `{declared(leaf).replace(declared(BUYERS), '…')}` | `{told_sql(leaf, 'v0')}` |"
        for what, leaf in OF_PARTNERS.items()
    ]
    asked = next(iter(OF_PARTNERS.values()))
    return "\n".join(
        [
            f"### {type(asked).__name__}\n\n{_meaning(asked)}\n",
            "| what | declared, `…` for the partners | SQL over a row for each partner |",
            "| --- | --- | --- |",
            *examples,
            "",
            *constructs,
            "A name becomes an enterprise in one place:\n",
            f"```sql\n{enterprises_sql('named')}\n```\n",
        ]
    )


def _whole_plan() -> str:
    feature = Feature("sales_90d", "orders", "minor units", "", Sum(ORDERS, "gross_minor"), 0, "")
    made = plan((feature,), frozenset({"orders"}))
    steps = [f"-- {step.name}\n{step.sql};" for step in (*made.begun, *made.steps)]
    return (
        "What one feature, `sales_90d`, becomes. Each step keeps its rows under its name.\n\n"
        "```sql\n" + "\n\n".join([*steps, f"-- the features\n{made.result};"]) + "\n```\n"
    )
