"""The features of the merchants' job, declared in our language and written by hand in SQL.

Both clocks count: an order line only if it had occurred and was recorded by the application's
moment, a refund likewise. 17 features: orders, sales, refunds and active days over 30, 90 and 365
days, growth of sales, concentration by buyer, buyers.
"""

from tradeline.creditfile.features.declaration import Expression, Feature, Growth
from tradeline.creditfile.features.events import Compare, Events, Window
from tradeline.creditfile.features.measures import ActiveDays, Count, Distinct, Herfindahl, Sum

SPANS = (30, 90, 365)
DAYS = 730
"""How long the history of the merchants is."""

STANDING = Compare("status", "<>", "cancelled")


def _orders(days: int, offset: int = 0) -> Events:
    return Events("orders", (STANDING,), Window(days=days, offset=offset))


def _refunds(days: int) -> Events:
    return Events("refunds", (), Window(days=days), absent_is_zero=True)


def _sales(days: int, offset: int = 0) -> Sum:
    return Sum(_orders(days, offset), "gross_minor")


def _declared() -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for days in SPANS:
        found[f"orders_{days}d"] = Count(_orders(days))
        found[f"sales_{days}d"] = _sales(days)
        found[f"refunds_{days}d"] = Sum(_refunds(days), "amount_minor")
        found[f"active_days_{days}d"] = ActiveDays(_orders(days))
    found["sales_growth_90d"] = Growth(_sales(90), _sales(90, 90))
    for days in SPANS[1:]:
        found[f"buyer_hhi_{days}d"] = Herfindahl(_orders(days), "gross_minor", "counterparty")
        found[f"buyers_{days}d"] = Distinct(_orders(days), "counterparty")
    return found


FEATURES = tuple(
    Feature(name, "orders", "1", "for measuring", expression, 0, "for measuring")
    for name, expression in _declared().items()
)

# Written by hand for DuckDB, as well as we could: rows pruned to the longest window, one pass to
# the grain of buyers, one to the grain of days, integers throughout.
BY_HAND = """
WITH known AS {materialized} (
  SELECT application, counterparty, gross_minor, CAST(occurred_at AS DATE) AS day,
    CAST(as_of AS DATE) - CAST(occurred_at AS DATE) AS age
  FROM applications JOIN orders USING (enterprise)
  WHERE occurred_at <= as_of AND recorded_at <= as_of AND status <> 'cancelled'
    AND occurred_at >= CAST(as_of AS DATE) - INTERVAL 364 DAY
), buyers AS (
  SELECT application, counterparty,
    count(*) FILTER (age < 30) AS n30, count(*) FILTER (age < 90) AS n90, count(*) AS n365,
    sum(gross_minor) FILTER (age < 30) AS s30, sum(gross_minor) FILTER (age < 90) AS s90,
    sum(gross_minor) FILTER (age >= 90 AND age < 180) AS s180, sum(gross_minor) AS s365
  FROM known GROUP BY ALL
), by_buyer AS (
  SELECT application, sum(n30) AS n30, sum(n90) AS n90, sum(n365) AS n365, sum(s30) AS s30,
    sum(s90) AS s90, sum(s180) AS s180, sum(s365) AS s365,
    count(*) FILTER (n90 > 0) AS b90, count(*) AS b365,
    sum(s90 * s90) FILTER (s90 > 0) AS q90, sum(s365 * s365) FILTER (s365 > 0) AS q365,
    sum(s90) FILTER (s90 > 0) AS p90, sum(s365) FILTER (s365 > 0) AS p365
  FROM buyers GROUP BY application
), days AS (
  SELECT application, age FROM known GROUP BY ALL
), by_day AS (
  SELECT application, count(*) FILTER (age < 30) AS d30, count(*) FILTER (age < 90) AS d90,
    count(*) AS d365
  FROM days GROUP BY application
), returned AS (
  SELECT application,
    sum(amount_minor) FILTER (CAST(occurred_at AS DATE) > CAST(as_of AS DATE) - 30) AS r30,
    sum(amount_minor) FILTER (CAST(occurred_at AS DATE) > CAST(as_of AS DATE) - 90) AS r90,
    sum(amount_minor) AS r365
  FROM applications JOIN refunds USING (enterprise)
  WHERE occurred_at <= as_of AND recorded_at <= as_of
    AND occurred_at >= CAST(as_of AS DATE) - INTERVAL 364 DAY
  GROUP BY application
), since AS (
  SELECT enterprise, min(greatest(occurred_at, recorded_at)) AS opened_at
  FROM orders GROUP BY enterprise
)
SELECT application, enterprise, as_of,
  {columns}
FROM applications LEFT JOIN since USING (enterprise) LEFT JOIN by_buyer USING (application)
  LEFT JOIN by_day USING (application) LEFT JOIN returned USING (application)
ORDER BY application
"""


def _counted(column: str) -> str:
    return f"CASE WHEN opened_at <= as_of THEN coalesce({column}, 0)::DOUBLE END"


def _by_hand_columns() -> str:
    columns = {}
    for days in SPANS:
        columns[f"orders_{days}d"] = _counted(f"n{days}")
        columns[f"sales_{days}d"] = _counted(f"s{days}")
        columns[f"refunds_{days}d"] = f"coalesce(r{days}, 0)::DOUBLE"
        columns[f"active_days_{days}d"] = _counted(f"d{days}")
    columns["sales_growth_90d"] = (
        "CASE WHEN s180 > 0 THEN coalesce(s90, 0)::DOUBLE / s180::DOUBLE - 1 END"
    )
    for days in SPANS[1:]:
        columns[f"buyer_hhi_{days}d"] = f"q{days}::DOUBLE / (p{days} * p{days})::DOUBLE"
        columns[f"buyers_{days}d"] = _counted(f"b{days}")
    return ",\n  ".join(f"{columns[f.name]} AS {f.name}" for f in FEATURES)


def by_hand(materialized: bool) -> str:
    """The hand-written statement; whether its base table is kept is DuckDB's to be told."""
    word = "MATERIALIZED" if materialized else "NOT MATERIALIZED"
    return BY_HAND.format(materialized=word, columns=_by_hand_columns())
