"""The parts of a credit file in their order, and every figure and list by its name."""

from difflib import get_close_matches

from tradeline.creditfile.file.declaration import Figure, Listing, Part, Rows
from tradeline.creditfile.file.of_cash import CASH
from tradeline.creditfile.file.of_conduct import CONDUCT
from tradeline.creditfile.file.of_credit import CREDIT
from tradeline.creditfile.file.of_identity import IDENTITY
from tradeline.creditfile.file.of_production import PRODUCTION
from tradeline.creditfile.file.of_trade import TRADE
from tradeline.kernel.findings import problem

PARTS: tuple[Part, ...] = (IDENTITY, TRADE, PRODUCTION, CASH, CREDIT, CONDUCT)

FIGURES: dict[str, Figure] = {figure.id: figure for part in PARTS for figure in part.figures}
"""Every figure by its id."""

LISTINGS: dict[str, Listing] = {listing.id: listing for part in PARTS for listing in part.listings}
"""Every list by its id."""


def declared_rows() -> tuple[Rows, ...]:
    """The rows of every figure and list, in order."""
    figures = (rows for figure in FIGURES.values() for rows in figure.rows)
    return (*figures, *(listing.rows for listing in LISTINGS.values()))


def named(name: str) -> Figure | Listing:
    """The figure or list of that id; InputProblem with those that are called alike if none is."""
    every: dict[str, Figure | Listing] = {**FIGURES, **LISTINGS}
    if name in every:
        return every[name]
    raise problem(
        "unknown-figure",
        name,
        "A credit file has no figure or list of that name.",
        f"{meant(name)}`tradeline file figures` names them all.",
    )


def meant(name: str) -> str:
    """Which figures and lists may be meant by a name, as a question; empty if none is alike."""
    alike = get_close_matches(name, {**FIGURES, **LISTINGS}, cutoff=0.5)
    return f"Did you mean {' or '.join(alike)}? " if alike else ""
