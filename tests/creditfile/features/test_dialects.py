"""What the common text becomes where sqlglot alone would change its meaning."""

import pytest
import sqlglot

from tradeline.creditfile.features.dialects import written

CASES = {
    "SELECT SUM(x) FROM t": "SELECT SUM(CAST(x AS DECIMAL(38, 0))) FROM t",
    "SELECT CAST(x AS INT128) FROM t": "SELECT CAST(x AS DECIMAL(38, 0)) FROM t",
    "SELECT SUM(x * x) FILTER (WHERE x > 0) FROM t": (
        "SELECT CASE WHEN ABS(SUM(-CAST(x * x AS DOUBLE)) FILTER(WHERE x > 0))"
        " >= CAST('1.7e38' AS DOUBLE)"
        " THEN RAISE_ERROR('The amounts are too large to be added up.')"
        " ELSE SUM(CAST(x * x AS DECIMAL(38, 0))) FILTER(WHERE x > 0) END FROM t"
    ),
}


@pytest.mark.parametrize("text", CASES)
def test_spark_adds_in_decimals_and_refuses_what_does_not_fit(text: str) -> None:
    sql = written(sqlglot.parse_one(text, read="duckdb"), "spark")
    assert " ".join(sql.split()).replace("( ", "(").replace(" )", ")") == CASES[text]


def test_the_common_text_stays_as_it_is_for_duckdb() -> None:
    text = "SELECT SUM(CAST(x AS INT128) * y) FROM t"
    tree = sqlglot.parse_one(text, read="duckdb")
    written(tree, "spark")
    assert " ".join(written(tree, "duckdb").split()) == text
