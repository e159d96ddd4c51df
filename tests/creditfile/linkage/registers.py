"""Small registers: lakes of a few enterprises, what is said of them, and what they sold."""

from collections.abc import Sequence
from pathlib import Path

from tests.lake.lakes import day, new_lake
from tests.lake.persons import tell as tell_persons
from tradeline.creditfile.linkage.links import FOUND, Link, Relation, Saying, pair_of, tell_links
from tradeline.lake.own_records import tell
from tradeline.lake.records import Assurance

FIRMS = ("E1", "E2", "E3", "E4")
REASON = "same owner, same account"


def link(one: str, other: str, relation: Relation = "same", probability: float = 0.95) -> Link:
    """What a program says of two enterprises."""
    return Link(*pair_of(one, other), relation, probability, '{"name":"equal"}', "engine 1")


def say(root: Path, links: Sequence[Link], on: int, source: str = FOUND) -> None:
    """Land links, recorded on a day."""
    tell_links(root, links, day(on), source)


def saying(
    one: str,
    other: str,
    relation: Relation = "same",
    strength: int = 1,
    probability: float = 0.95,
    on: int = 0,
    entry: int = 1,
) -> Saying:
    """One version of a link; a judgement has strength 3."""
    return Saying(*pair_of(one, other), relation, probability, strength, day(on), entry)


def firms_lake(folder: Path, firms: Sequence[str] = FIRMS) -> Path:
    """A lake that knows enterprises by id and name, E1 as "firm E1"."""
    root = new_lake(folder)
    rows = [{"enterprise": firm, "name": f"firm {firm}"} for firm in firms]
    tell_persons(root, "firms", learned_at=0, enterprises=rows)
    return root


def tell_orders(root: Path, orders: Sequence[tuple[str, str, int, int]]) -> None:
    """Land orders of firm, number, gross (currency units) and day."""
    rows = [
        {
            "enterprise": firm,
            "order_no": number,
            "counterparty": "B1",
            "gross_minor": gross * 100,
            "currency": "CNY",
            "status": "placed",
            "occurred_at": day(on),
            "recorded_at": day(on),
        }
        for firm, number, gross, on in orders
    ]
    tell(root, "orders", rows, "shop", Assurance.PLATFORM_OBSERVED)
