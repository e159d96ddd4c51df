"""A small made-up report, changed by each test where it matters."""

from dataclasses import replace
from datetime import date

from tradeline.kernel.findings import Finding, Severity
from tradeline.risk.report.data import (
    CalibrationBin,
    CardSection,
    Change,
    Counterparty,
    DefaultDefinition,
    Figure,
    Firm,
    GroupRate,
    Interval,
    KeyFigure,
    ManifestEntry,
    Month,
    Move,
    Portfolio,
    RatingEstimate,
    Reason,
    Report,
    RocPoint,
    Scenario,
    SourceFile,
    SuspiciousFeature,
    Validation,
)

APPROVED = Firm(
    enterprise="E124",
    name="Halden Textiles",
    outcome="approve",
    industry="textiles",
    pd=Interval(0.021, 0.012, 0.043),
    grade="A",
    score=655.4,
    amount_minor=30_000_000,
    rate_annual=0.0845,
    term_days=365,
    expected_profit_minor=612_300,
    binding_constraint="budget",
    reasons=(
        Reason("budget", "More would pay, but the budget earns more elsewhere.", 0),
        Reason("Dependence on one buyer", "The largest buyer takes 71 % of sales.", -18),
    ),
    next_step="The firm may apply again.",
    changes=(Change("Bring that buyer below 40 %.", "6 months", "tax invoices"),),
    key_figures=(
        KeyFigure("Sales, 12 months", 120_000_000, "minor"),
        KeyFigure("Margin proxy", 0.23, "share"),
        KeyFigure("Longest gap", 12, suffix="days"),
        KeyFigure("Tax burden", None, "share"),
    ),
    months=tuple(
        Month(date(2019, month, 1), 10_000_000 * month, 6_000_000) for month in range(1, 13)
    ),
    buyers=(Counterparty("B00113", 85_000_000, 0.71),),
    suppliers=(Counterparty("S00007", 40_000_000, 0.55),),
    rating=RatingEstimate((("A", 0.2), ("B", 0.5), ("C", 0.3)), 0.71),
)
NO_DATA = Firm("E125", "Quiet Trading", "decline", binding_constraint="no data")
REFERRED = replace(
    APPROVED, enterprise="E126", name="Nordic Freight", outcome="refer", amount_minor=0
)
REPORT = Report(
    title="Applicants of spring",
    as_of=date(2020, 2, 28),
    currency="CNY",
    definition=DefaultDefinition("Default as the bank recorded it.", 365, 0.05, 0.22),
    portfolio=Portfolio(
        10_000_000_000,
        "expected drawings",
        21_300_000,
        612_300,
        0.0431,
        0.0001,
        (("one rate for a grade", 600_000), ("the amount by the score", 480_000)),
    ),
    firms=(APPROVED, NO_DATA, REFERRED),
    scored_by="model",
    interval_level=0.9,
    points_to_double=50.0,
    default_rates=(GroupRate("A", 2, Interval(0.021, 0.0042, 0.061)),),
    validation=Validation(
        60,
        13,
        "plain ridge",
        (
            Figure(
                "AUC",
                "0.5 is chance",
                Interval(0.81, 0.68, 0.92),
                Interval(0.84, 0.7, 0.95),
                Interval(0.78, 0.6, 0.9),
            ),
        ),
        tuple(RocPoint(x, x**0.5, x, 1.0) for x in (0.0, 0.25, 1.0)),
        (CalibrationBin(0.1, Interval(0.125, 0.02, 0.4), 24, 3),),
    ),
    suspicious=(SuspiciousFeature("days_since_sale", "recency", "Stops after default."),),
    sources=(SourceFile("sales.csv", "sales_invoices", 1000, 990, 10),),
    findings=(
        Finding("dup", Severity.WARNING, "sales.csv", "10 rows stand twice.", "See refused.", 10),
    ),
    scenario=Scenario(
        "epidemic",
        "Six months of lost trade.",
        (("textiles", "sales fall by 40 %"),),
        Portfolio(10_000_000_000, "expected drawings", 0, 0),
        (Move("E124", "decline", 0, None, 0.14, "Its PD no longer pays.", "D", "grade D"),),
    ),
    model_card=(CardSection("Known limits", ("Only past borrowers have an outcome.",)),),
    manifest=(ManifestEntry("input", "sales.csv", "sha256:" + "ab" * 32),),
)
