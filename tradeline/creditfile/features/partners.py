"""Partners: with whom a firm trades, and which enterprise a name on its papers stands for."""

from dataclasses import dataclass
from typing import Literal

from tradeline.creditfile.features.events import Events, require_column
from tradeline.creditfile.features.measures import Sum
from tradeline.kernel.findings import problem
from tradeline.lake.contracts import BY_NAME

KNOWN_IN = ("registrations", "sales_invoices", "purchase_invoices", "orders")
"""Where a firm shows that the platform knows it: on the register, or by trade of its own."""

MILLIONTHS = 1_000_000
"""What is asked of a partner counts in whole millionths, so that sums of it are exact."""


@dataclass(frozen=True, slots=True)
class Partners:
    """With whom a firm trades: the values of `by` in its events, each with its total of `column`.

    A partner counts if that total is above zero; the firm itself is no partner of its own. It is
    known if any of the datasets `known_in` told anything of it by then.
    """

    events: Events
    column: str
    by: str = "counterparty"
    known_in: tuple[str, ...] = KNOWN_IN

    def __post_init__(self) -> None:
        contract = self.events.contract
        require_column(contract, self.column)
        require_column(contract, self.by)
        for name in self.known_in:
            require_column(name, "enterprise")
        if self.by in BY_NAME[contract].personal_columns:
            raise problem(
                "feature-partners-personal",
                f"{contract}.{self.by}",
                "These partners may be natural persons, and are kept sealed.",
                "Take partners from invoices or orders.",
            )
        if self.events.absent_is_zero:
            raise problem(
                "feature-partners-absent",
                contract,
                "A firm without any row has partners that nobody knows, not none.",
                "Leave absent_is_zero out.",
            )

    @property
    def total(self) -> Sum:
        """What a partner's total is the sum of."""
        return Sum(self.events, self.column)


@dataclass(frozen=True, slots=True)
class Dependence:
    """The share of a partner's own trade, such as its purchases, that is trade with the firm.

    Of all its partners with a total above zero; missing if it has none.
    """

    partners: Partners


@dataclass(frozen=True, slots=True)
class Bound:
    """What a partner's value is held against; both count in whole millionths."""

    operator: Literal["=", "<>", "<", "<=", ">", ">="]
    value: float

    @property
    def millionths(self) -> int:
        """The bound in whole millionths."""
        return round(self.value * MILLIONTHS)


def enterprises_sql(named: str) -> str:
    """Which enterprise each name stands for: the one place that says so.

    `named` is a relation of application, party and amount; the result has partner in the place of
    party, each once. A name is that of the enterprise whose identifier it is.
    """
    return (
        f"SELECT application, party AS partner, SUM(amount) AS amount FROM {named}"
        " GROUP BY application, party"
    )
