"""The part on obligations and credit history: loans, payments, debts elsewhere, guarantors."""

from tradeline.creditfile.features.events import Compare, Window
from tradeline.creditfile.file.declaration import (
    Count,
    Dataset,
    Figure,
    Highest,
    Listing,
    Part,
    Ratio,
    Rows,
    Sum,
    Unended,
)

YEAR = Window(12)
UNPAID = (Compare("status", "<>", "repaid"), Compare("status", "<>", "written_off"))
RUNNING = Compare("status", "<>", "ended")
ONE_LOAN = ("currency", "principal_minor", "drawn_at")
ONE_OBLIGATION = ("currency", "creditor", "obligation_kind", "amount_minor", "ends_at")
"""What does not change of a debt: with its number it says that two sources tell of one."""


def _loans(*standing: Compare) -> Rows:
    """Loans as they were last told of, where they then stood so."""
    return Rows("loans", last_of=("loan_no",), standing=standing, one_by=ONE_LOAN)


def _elsewhere(*standing: Compare) -> Rows:
    last_of = ("obligation_no",)
    return Rows("obligations", last_of=last_of, standing=standing, one_by=ONE_OBLIGATION)


DUE = Rows("loan_payments", (), YEAR)
GUARANTEED = Rows("guarantors", (Compare("status", "=", "standing"), Unended("ends_at")))

CREDIT = Part(
    "credit",
    "Obligations and credit history",
    "Loans and how they were paid, what is owed elsewhere, and who guarantees for the enterprise.",
    (
        Dataset("loans", "loans", "the lender's report of its loans"),
        Dataset("loan_payments", "instalments of loans", "the lender's report of instalments"),
        Dataset("obligations", "what is owed elsewhere", "the credit register's report"),
        Dataset("guarantors", "guarantors", "the guarantee contracts"),
        Dataset("outcomes", "outcomes of earlier loans", "the lender's record of how loans ended"),
    ),
    (
        Figure("loans_running", "Loans that run", "Neither repaid nor written off, as last told.",
               Count(_loans(*UNPAID))),
        Figure("loans_outstanding", "Owed on loans", "What is still owed of the principal of loans "
               "that run, as last told.", Sum(_loans(*UNPAID), "outstanding_minor")),
        Figure("loans_late", "Loans in arrears", "How many of all loans were late as last told.",
               Ratio(Count(_loans(Compare("status", "=", "late"))), Count(_loans()))),
        Figure("loans_written_off", "Loans written off", "How many of all loans.",
               Ratio(Count(_loans(Compare("status", "=", "written_off"))), Count(_loans()))),
        Figure("days_past_due", "Longest arrears of loans that run, in days",
               "For how long the oldest unpaid instalment had been due, as last told.",
               Highest(_loans(*UNPAID), "days_past_due")),
        Figure("instalments_due_12m", "Instalments due, 12 months", "What fell due.",
               Sum(DUE, "amount_due_minor")),
        Figure("instalments_paid_12m", "Paid of what fell due, 12 months",
               "How much of it was paid, as it was known.",
               Ratio(Sum(DUE, "amount_paid_minor"), Sum(DUE, "amount_due_minor"))),
        Figure("instalments_late_12m", "Instalments in arrears, 12 months",
               "How many of those that fell due were told with days past due.",
               Ratio(Count(Rows("loan_payments", (Compare("days_past_due", ">", 0),), YEAR)),
                     Count(DUE))),
        Figure("worst_instalment_12m", "Longest arrears of an instalment, 12 months, in days",
               "Of those that fell due in these months.", Highest(DUE, "days_past_due")),
        Figure("owed_elsewhere", "Owed or guaranteed elsewhere",
               "What other creditors reported last, of what has not ended.",
               Sum(_elsewhere(RUNNING), "outstanding_minor")),
        Figure("owed_elsewhere_late", "Obligations elsewhere that are late or in default",
               "How many of those that have not ended.",
               Ratio(Count(_elsewhere(RUNNING, Compare("status", "<>", "current"))),
                     Count(_elsewhere(RUNNING)))),
        Figure("guaranteed", "Guaranteed by others", "Up to how much, in guarantees that stand.",
               Sum(GUARANTEED, "amount_guaranteed_minor")),
    ),
    (
        Listing("loan_list", "Loans", "Each loan as it was last told of.", _loans(),
                ("loan_no", "principal_minor", "outstanding_minor", "rate_annual", "drawn_at",
                 "due_at", "days_past_due", "status")),
        Listing("obligation_list", "Owed elsewhere", "Each obligation as it was last told of.",
                _elsewhere(), ("obligation_no", "creditor", "obligation_kind", "amount_minor",
                               "outstanding_minor", "ends_at", "status")),
        Listing("guarantor_list", "Guarantors", "Who guarantees, and up to how much.",
                Rows("guarantors"), ("guarantor", "guarantor_kind", "amount_guaranteed_minor",
                                     "ends_at", "status")),
        Listing("outcome_list", "Outcomes of earlier loans", "How earlier loans went, and what the "
                "bank thought of the enterprise.", Rows("outcomes"), ("defaulted", "rating")),
    ),
)  # fmt: skip
