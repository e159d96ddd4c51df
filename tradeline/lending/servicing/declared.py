"""All kinds of agreement that are saved and booked."""

from typing import Any

from tradeline.kernel.findings import problem
from tradeline.lending.servicing.kinds import Kind
from tradeline.lending.servicing.of_advances import ADVANCES
from tradeline.lending.servicing.of_lines import LINES
from tradeline.lending.servicing.of_loans import LOANS
from tradeline.lending.servicing.of_orders import ORDERS
from tradeline.lending.servicing.of_receivables import RECEIVABLES

KINDS: tuple[Kind[Any, Any], ...] = (LOANS, LINES, ADVANCES, RECEIVABLES, ORDERS)


def kind_named(name: str) -> Kind[Any, Any]:
    """The kind of a name; `InputProblem` if there is none."""
    found = next((kind for kind in KINDS if kind.name == name), None)
    if found is None:
        raise problem(
            "unknown-kind", "agreement", f"'{name}' is no kind of agreement.",
            f"It is one of {', '.join(kind.name for kind in KINDS)}.",
        )  # fmt: skip
    return found


def kind_of(contract: object) -> Kind[Any, Any]:
    """The kind that a contract is of."""
    return next(kind for kind in KINDS if isinstance(contract, kind.contract))
