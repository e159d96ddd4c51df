"""One debt that several sources tell of counts once where that can be told, and else it is said."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.creditfile.file import oracle
from tests.creditfile.file.tellings import AS_OF, LATER, TERMS, subject_of, told
from tests.creditfile.file.test_figures import borrower, loan, owed
from tradeline.creditfile.file.opening import open_figure
from tradeline.creditfile.file.parts import FIGURES, LISTINGS
from tradeline.creditfile.file.record import read_file
from tradeline.creditfile.file.subject import Subject
from tradeline.creditfile.file.told_twice import told_twice
from tradeline.lake.contracts import BY_NAME

Row = dict[str, Any]
DAY = timedelta(days=1)


def obligation(source: str, number: str, days: int, outstanding: int, **other: Any) -> Row:
    at = AS_OF - days * DAY
    return {"enterprise": "E1", "source": source, "obligation_no": number, "creditor": "Big Bank",
            "obligation_kind": "loan", "amount_minor": 900, "outstanding_minor": outstanding,
            "ends_at": AS_OF + 90 * DAY, "currency": "CNY", "status": "current",
            "occurred_at": at, "recorded_at": at} | other  # fmt: skip


def debtor(*rows: Row) -> Subject:
    return subject_of({"obligations": told(BY_NAME["obligations"], rows)}, AS_OF, LATER)


def elsewhere(*rows: Row) -> list[int]:
    opened = open_figure(debtor(*rows), FIGURES["owed_elsewhere"])
    return sorted(int(row.adds or 0) for row in opened)


def said(subject: Subject) -> list[str]:
    return [f"{note.code}: {note.message}" for note in told_twice(subject)]


def test_a_loan_that_two_sources_tell_on_different_days_counts_once_by_the_latest() -> None:
    twice = (loan("E1", "buyers", 9, 500), loan("E1", "copy", 5, 400))
    assert owed(*twice) == [("copy", 400)]
    assert said(borrower(*twice)) == [
        "told-twice: Several sources tell of one debt, and it counts once: loan 1 (buyers of E1, "
        "copy of E1). Its number and terms agree."
    ]


def test_a_weaker_word_does_not_pay_a_debt_off_though_it_comes_later() -> None:
    paid = loan("E1", "shop", 5, 0) | {"status": "repaid"}
    assert owed(loan("E1", "tax", 9, 500), paid) == [("tax", 500)]
    assert owed(loan("E1", "shop", 9, 500), paid | {"source": "tax"}) == []


def test_a_loan_of_one_number_and_another_principal_counts_apart_and_that_is_said() -> None:
    twice = (loan("E1", "shop", 9, 500), loan("E1", "tax", 5, 70, 100))
    (note,) = told_twice(borrower(*twice))
    assert (note.code, note.rows) == ("maybe-told-twice-same-number", 2)
    assert note.message == (
        "Several sources tell of what has one number, but what else is known does not show that it "
        "is one thing, so each counts: loan 1 (shop of E1, tax of E1)."
    )
    assert note.remedy == "If it is one, contest the record that repeats the other."


def test_an_obligation_is_known_again_by_creditor_number_amount_and_end() -> None:
    first = obligation("shop", "7", 40, 500)
    assert elsewhere(first, obligation("tax", "7", 9, 400)) == [400]
    for other in ({"creditor": "Other Bank"}, {"amount_minor": 901}, {"currency": "EUR"},
                  {"ends_at": AS_OF + 91 * DAY}, {"obligation_kind": "lease"}):  # fmt: skip
        assert elsewhere(first, obligation("tax", "7", 9, 400, **other)) == [400, 500]


def test_an_obligation_without_an_end_is_not_known_again() -> None:
    twice = (
        obligation("shop", "7", 9, 500, ends_at=None), obligation("tax", "7", 5, 400, ends_at=None)
    )  # fmt: skip
    assert elsewhere(*twice) == [400, 500]
    assert "what else is known does not show that it is one thing" in "".join(said(debtor(*twice)))


def test_alike_terms_under_different_numbers_count_apart_and_that_is_said() -> None:
    twice = (obligation("shop", "7", 9, 500), obligation("tax", "A-12", 5, 400))
    assert elsewhere(*twice) == [400, 500]
    assert said(debtor(*twice)) == [
        "maybe-told-twice-same-terms: Several sources tell of what has the same terms under "
        "different numbers, which does not show that it is one thing, so each counts: obligation "
        "7, A-12 (shop, tax)."
    ]
    of_one_source = (obligation("shop", "7", 9, 500), obligation("shop", "8", 9, 500))
    assert elsewhere(*of_one_source) == [500, 500]
    assert said(debtor(*of_one_source)) == []


def test_the_file_says_so_first_and_its_list_has_the_debt_once() -> None:
    twice = debtor(obligation("shop", "7", 40, 500), obligation("tax", "7", 9, 400))
    file = read_file(twice, TERMS)
    assert [note.code for note in file.notes] == ["told-twice"]
    assert [row.source for row in open_figure(twice, LISTINGS["obligation_list"])] == ["tax"]


rows = st.builds(
    lambda firm, source, number, days, principal, status: (
        loan(firm, source, days, days + 1, principal) | {"loan_no": number, "status": status}
    ),
    st.sampled_from(["E1", "E2"]),
    st.sampled_from(["shop", "tax"]),
    st.sampled_from(["1", "2"]),
    st.integers(0, 3),
    st.sampled_from([100, 900]),
    st.sampled_from(["current", "repaid"]),
)


@given(st.lists(rows, min_size=1, max_size=6))
def test_whoever_tells_what_is_owed_is_what_plain_python_makes_of_it(loans: Sequence[Row]) -> None:
    rows, figure = told(BY_NAME["loans"], loans), FIGURES["loans_outstanding"]
    subject = subject_of({"loans": rows}, AS_OF, LATER, ("E1", "E2"))
    adding = oracle.Adding({"loans": oracle.standing(rows, "loans", AS_OF, LATER)}, AS_OF)
    opened = open_figure(subject, figure)
    assert sorted(piece.adds for piece in adding.pieces(figure)) == sorted(
        row.adds or 0 for row in opened
    )
