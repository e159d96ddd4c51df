"""Reading what a lender limits over a portfolio from a YAML file.

    currency: CNY
    budget: 5000000
    expected_loss: 60000
    single_name: 500000
    sectors: {construction: 0.2}
    grades: {C: 0.1}

Amounts are in units of the currency, shares of the budget. Everything wrong is reported together.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from tradeline.kernel.money import minor_per_unit
from tradeline.lake.yaml_fields import Fields
from tradeline.lake.yaml_files import read_yaml
from tradeline.lake.yaml_values import Values
from tradeline.risk.pricing.portfolio_limits import PortfolioLimits

NOUN = "file of a portfolio's limits"
GUIDE = "See docs/guides/portfolio.md."
WHERE = "the limits"
KEYS = ("currency", "budget", "expected_loss", "single_name", "sectors", "grades")


def read_portfolio_limits(path: Path, currency: str, grades: Collection[str]) -> PortfolioLimits:
    """The limits of a file, in the currency and grades of a lender's terms.

    InputProblem lists all that is wrong: another currency, a grade that the lender has not.
    """
    fields = Fields()
    values = Values(fields, fields.keys(read_yaml(path, NOUN, GUIDE), WHERE, KEYS) or {}, WHERE)
    values.require("currency", values.content.get("currency") == currency, f"{currency}, as the "
                   "lender's terms are")  # fmt: skip
    unit = minor_per_unit(currency)
    budget, loss, name = (
        values.money_minor(key, unit) for key in ("budget", "expected_loss", "single_name")
    )
    by_grade = _shares(values, "grades")
    values.require("grades", set(by_grade) <= set(grades), f"of the lender: {', '.join(grades)}")
    by_sector = _shares(values, "sectors")
    fields.refuse("bad-limits", path.name, GUIDE)
    return PortfolioLimits(budget, loss, name, by_sector, by_grade)


def _shares(values: Values, key: str) -> dict[str, float]:
    """A table of names and shares of the budget; none where nothing stands."""
    stated = values.content.get(key, {})
    table = stated if isinstance(stated, Mapping) else {}
    holds = isinstance(stated, Mapping) and all(
        isinstance(name, str) and type(share) in (int, float) and 0 <= share <= 1
        for name, share in table.items()
    )
    values.require(key, holds, "a table of names and shares of the budget, 0 to 1")
    return {str(name): float(share) for name, share in table.items()} if holds else {}
