"""No document is financed twice, however it is written, whoever asks."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.receivables.documents import Document, fingerprints, plain
from tradeline.lending.receivables.register import Claim, Register, Release, finding

KEY = b"the key of the register"
DAY = date(2026, 3, 1)
INVOICE = Document("invoice", "91330100MA2", "DE129273398", "INV-0042/a", DAY, 5_000_000, "CNY")
ORDER = Document("order", "91330100MA2", "DE129273398", "PO 7", date(2026, 1, 5), 9_000_000, "CNY")


def claim(document: Document, financing: str = "rcv_1", lender: str = "bank") -> Claim:
    return Claim(financing, lender, DAY, fingerprints(document, KEY))


def other(document: Document) -> Claim:
    return claim(document, "rcv_2", "fund")


WRITTEN = ["inv-0042/A", "INV 0042 / a", "ＩＮＶ－００４２／ａ", "inv0042a", "\tINV-0042/a "]


@pytest.mark.parametrize("number", WRITTEN)
def test_the_same_invoice_written_otherwise_is_refused(number: str) -> None:
    register = Register([claim(INVOICE)])
    with pytest.raises(InputProblem) as refusal:
        register.add(other(replace(INVOICE, number=number, seller=" 91330100ma2")))
    assert str(refusal.value) == (
        "error: register of financed documents: This document is financed already, by bank since "
        "2026-03-01. It cannot be financed again."
    )


ALIKE = [
    (
        replace(INVOICE, amount_minor=5_000_100),
        "A document of this number between the same parties is financed already, by",
    ),
    (
        replace(INVOICE, on=date(2026, 3, 2)),
        "A document of this number between the same parties is financed already, by",
    ),
    (
        replace(INVOICE, number="INV-0043"),
        "A document of this amount and day is financed already, by",
    ),
]


@pytest.mark.parametrize(("document", "message"), ALIKE, ids=range(len(ALIKE)))
def test_a_document_that_is_nearly_the_same_wants_a_look(document: Document, message: str) -> None:
    register = Register([claim(INVOICE)])
    (match,) = register.matches(fingerprints(document, KEY))
    assert finding(match).line().startswith(f"warning: register of financed documents: {message}")
    register.add(other(document))


def test_another_buyer_seller_or_currency_is_another_document() -> None:
    register = Register([claim(INVOICE)])
    for document in (
        replace(INVOICE, buyer="FR1"),
        replace(INVOICE, seller="91330100MA3"),
    ):
        assert register.matches(fingerprints(document, KEY)) == ()


def test_an_order_and_the_invoice_that_bills_it_are_financed_once() -> None:
    invoice = replace(INVOICE, order_number="po-7")
    for first, second in ((ORDER, invoice), (invoice, ORDER)):
        register = Register([claim(first)])
        with pytest.raises(InputProblem, match="The order or an invoice that bills it is financed"):
            register.add(other(second))
        register.add(claim(second))


def test_two_invoices_of_one_order_are_two_documents() -> None:
    first = replace(INVOICE, order_number="PO 7")
    second = replace(INVOICE, order_number="PO 7", number="INV-0050", amount_minor=1)
    assert Register([claim(first)]).matches(fingerprints(second, KEY)) == ()


def test_what_is_released_is_free_again_and_what_is_refused_was_not_entered() -> None:
    register = Register([claim(INVOICE)])
    with pytest.raises(InputProblem):
        register.add(other(INVOICE))
    register.add(Release("rcv_2", DAY))
    assert len(register.matches(fingerprints(INVOICE, KEY))) == 1
    register.add(Release("rcv_1", DAY))
    register.add(other(INVOICE))


def test_a_stranger_without_the_key_finds_nothing() -> None:
    assert Register([claim(INVOICE)]).matches(fingerprints(INVOICE, b"another key")) == ()


ascii_texts = st.text(st.characters(codec="ascii"), max_size=12)


@given(ascii_texts, ascii_texts)
def test_plain_texts_are_stable_and_blind_to_marks(text: str, number: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert plain(f"{text} - {number}") == plain(f"{text}{number}")


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=2, max_size=20))
def test_a_register_never_holds_a_document_twice(asked: list[tuple[int, int]]) -> None:
    register, held = Register(), set[int]()
    for place, (number, lender) in enumerate(asked):
        document = replace(INVOICE, number=str(number), amount_minor=number)
        entry = claim(document, f"rcv_{place}", f"lender {lender}")
        if number in held:
            with pytest.raises(InputProblem):
                register.add(entry)
        else:
            register.add(entry)
            held.add(number)
