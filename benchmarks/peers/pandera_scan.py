"""The same checks of order lines by Pandera with Polars; run by the interpreter that has them.

Prints a line of JSON: rows, how many fail each check, and the 95th percentile of the lag in days.
"""

import json
import sys
from datetime import datetime

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

FIRST, LAST = datetime(1970, 1, 1), datetime(2199, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001
TEXTS = ("enterprise", "order_no", "line_no", "product")
KEY = ["enterprise", "order_no", "line_no"]
# How Pandera calls what fails, and how we do.
NAMES = {
    "not_nullable": "missing",
    "str_length": "blank",
    "in_range(-": "bounds",
    "in_range(1": "years",
    "clocks": "clocks",
    "isin": "currency",
    "multiple_fields_uniqueness": "keys",
}


def schema(currencies: list[str]) -> pa.DataFrameSchema:
    """The contract of order lines in Pandera's words."""
    moment = pa.Column(pl.Datetime("us"), pa.Check.in_range(FIRST, LAST))
    columns = {name: pa.Column(pl.String, pa.Check.str_length(min_value=1)) for name in TEXTS}
    columns |= {
        "quantity": pa.Column(pl.Float64, pa.Check.in_range(-1e12, 1e12)),
        "gross_minor": pa.Column(pl.Int64, pa.Check.in_range(-(10**15), 10**15)),
        "currency": pa.Column(pl.String, pa.Check.isin(currencies), nullable=True),
        "occurred_at": moment,
        "recorded_at": moment,
    }
    turned = pa.Check(
        lambda data: data.lazyframe.select(pl.col("recorded_at") >= pl.col("occurred_at")),
        name="clocks",
    )
    return pa.DataFrameSchema(columns, checks=turned, unique=KEY)


def failing(table: pl.DataFrame, currencies: list[str]) -> dict[str, int]:
    """How many rows fail each check."""
    found = dict.fromkeys(NAMES.values(), 0)
    try:
        schema(currencies).validate(table, lazy=True)
    except SchemaErrors as errors:
        for check, cases in errors.failure_cases.group_by("check").len().iter_rows():
            found[next(ours for peers, ours in NAMES.items() if check.startswith(peers))] += cases
    return found


def main() -> None:
    """Check the file that is named first, with the currencies named after it."""
    path, currencies = sys.argv[1], sys.argv[2].split(",")
    table = pl.read_parquet(path)
    result = failing(table, currencies)
    lag = table.select(
        (pl.col("recorded_at") - pl.col("occurred_at")).dt.total_days().quantile(0.95, "higher")
    ).item()
    print(json.dumps({"rows": table.height, "failing": result, "lag_days_p95": int(lag)}))


if __name__ == "__main__":
    main()
