"""The review queue: what would cost most comes first, what a person judged is not in it."""

from pathlib import Path

import pytest

from tests.creditfile.linkage.registers import REASON, firms_lake, link, say
from tests.lake.lakes import day
from tradeline.creditfile.linkage.judgements import join
from tradeline.creditfile.linkage.review import Review, review
from tradeline.creditfile.linkage.uses import Asked, Output, record_uses
from tradeline.lake.own_records import tell
from tradeline.lake.records import Assurance
from tradeline.lake.store import open_lake


def moments(on: int) -> dict[str, object]:
    return {"occurred_at": day(on), "recorded_at": day(on), "currency": "CNY"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """E1 sold much, E2 owes, E3 sold little, E4 nothing at all; all are linked in a row."""
    root = firms_lake(tmp_path_factory.mktemp("review"))
    invoices = [
        {"enterprise": firm, "invoice_no": "1", "counterparty": "B", "net_minor": gross,
         "tax_minor": 0, "gross_minor": gross, "status": status} | moments(on)
        for firm, gross, status, on in (
            ("E1", 1_000_000_00, "valid", 380), ("E1", 7_00, "void", 390),
            ("E1", 5_000_000_00, "valid", 2), ("E3", 300_00, "valid", 390))
    ]  # fmt: skip
    debts = [
        {"enterprise": "E2", "obligation_no": "9", "creditor": "bank", "obligation_kind": "loan",
         "amount_minor": 500_00, "outstanding_minor": owed, "status": "current"} | moments(on)
        for owed, on in ((500_00, 300), (200_00, 390))
    ]  # fmt: skip
    tell(root, "sales_invoices", invoices, "tax", Assurance.AUTHORITY_VERIFIED)
    tell(root, "obligations", debts, "bank", Assurance.AUTHORITY_VERIFIED)
    found = [link("E1", "E2", probability=0.99), link("E1", "E3", "affiliated", 0.4),
             link("E2", "E3", probability=0.6), link("E1", "E4", probability=0.5)]  # fmt: skip
    say(root, found, 395)
    return root


def pairs(queue: tuple[Review, ...]) -> list[tuple[str, str]]:
    return [(item.link.left, item.link.right) for item in queue]


def test_the_costliest_comes_first_and_says_why(root: Path) -> None:
    queue = review(open_lake(root), day(400))
    assert pairs(queue) == [("E1", "E3"), ("E1", "E2"), ("E2", "E3"), ("E1", "E4")]
    assert [item.reason for item in queue] == [
        "40.0% likely to be wrong as affiliated; 1,000,300 CNY depend on it, 0 uses",
        "1.0% likely to be wrong as same; 1,000,200 CNY depend on it, 0 uses",
        "40.0% likely to be wrong as same; 500 CNY depend on it, 0 uses",
        "50.0% likely to be wrong as same; no file would change",
    ]
    first = queue[0]
    assert first.cost_minor == round(0.4 * 1_000_300_00)
    assert (first.left.sold_minor, first.right.sold_minor) == (1_000_000_00, 300_00)
    assert (queue[1].right.owed_minor, queue[1].right.rows) == (200_00, 2)


def test_what_was_made_of_a_pair_weighs_and_what_was_judged_leaves(root: Path) -> None:
    lake = open_lake(root)
    asked = [Asked("E2", day(on), day(on)) for on in (396, 397)]
    record_uses(lake, Output("x", "file"), asked, day(398))
    queue = {(i.link.left, i.link.right): i for i in review(open_lake(root), day(400))}
    small = queue["E2", "E3"]
    assert (small.uses, small.cost_minor) == (2, round(0.4 * 500_00 * 3))
    join(root, "E1", "E3", "A. Reviewer", REASON, day(401))
    assert ("E1", "E3") not in pairs(review(open_lake(root), day(402)))
    assert ("E1", "E3") in pairs(review(open_lake(root), day(400)))


def test_without_links_there_is_nothing_to_review(tmp_path: Path) -> None:
    assert review(open_lake(firms_lake(tmp_path)), day(9)) == ()
