"""The loans of `examples/loans`: made up, with a truth that is known and the leaks of real tables.

`python -m tests.risk.modelling.example_loans` writes them again.
"""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[3] / "examples" / "loans"
FIRST = date(2021, 1, 1)
TRADES = ("bakery", "carpenter", "courier", "garage", "hairdresser", "restaurant")
RISKS = (-0.5, -0.3, 0.6, 0.0, 0.1, 0.9)
HEADER = ("loan", "company_id", "approved_on", "trade", "region", "amount", "term", "years_trading",
          "late_payments_12m", "utilisation", "charged_off_on", "recovered", "outcome")  # fmt: skip


def rows(seed: int, count: int, first_day: int, days: int, drift: float) -> list[list[object]]:
    """Loans approved within so many days, each with its outcome and what was written down later."""
    generator = np.random.default_rng(seed)
    found: list[list[object]] = []
    for number in range(count):
        trade = int(generator.integers(len(TRADES)))
        years = float(generator.gamma(2.0, 4.0))
        late = int(generator.poisson(0.8))
        used = float(np.clip(generator.normal(0.5, 0.25) + drift * 0.3, 0, 1.2))
        log_odds = -2.6 + drift + RISKS[trade] - 0.12 * years + 0.7 * late + 1.6 * used
        bad = generator.random() < 1 / (1 + np.exp(-log_odds))
        approved = FIRST + timedelta(days=first_day + number * days // count)
        term = int(generator.choice([24, 36, 48, 60]))
        lived = max(2, int(term * generator.uniform(0.1, 0.9))) if bad else term
        amount = round(float(np.exp(generator.normal(9.8, 0.6))), -2)
        found.append([
            f"L{first_day:04d}{number:04d}",
            f"F{generator.integers(count * 4 // 5):04d}",
            approved.isoformat(),
            TRADES[trade],
            str(generator.choice(["north", "south", "west"])),
            f"${amount:,.2f}",
            f"{lived} months",
            f"{years:.1f}" if generator.random() > 0.08 else "NA",
            late,
            f"{100 * used:.0f}%",
            (approved + timedelta(days=30 * lived)).isoformat() if bad else "",
            f"{amount * generator.uniform(0.1, 0.6):.2f}" if bad else "0.00",
            "charged off" if bad else "paid in full",
        ])  # fmt: skip
    return found


def applicants(loans: list[list[object]]) -> list[list[object]]:
    """Loans as applications: of many late payments few were approved, the others left no trace."""
    generator = np.random.default_rng(4)
    late, later = (
        HEADER.index("late_payments_12m"),
        ("term", "charged_off_on", "recovered", "outcome"),
    )
    found = []
    for loan in loans:
        chance = 1.0 if int(str(loan[late])) <= 1 else 0.25
        approved = bool(generator.random() < chance)
        kept = [value if approved or name not in later else ""
                for name, value in zip(HEADER, loan, strict=True)]  # fmt: skip
        found.append([*kept, "approved" if approved else "declined", chance])
    return found


def write(path: Path, loans: list[list[object]], *more: str) -> None:
    """Write loans as CSV; `more` are names of columns beyond those of a loan."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow((*HEADER, *more))
        writer.writerows(loans)


def main(folder: Path = FOLDER) -> None:
    """Write three years to learn from, the year after, and all who applied in another year."""
    folder.mkdir(exist_ok=True)
    write(folder / "loans.csv", rows(1, 1200, 0, 1095, 0.0))
    write(folder / "later.csv", rows(2, 500, 1095, 365, 0.4))
    asked = applicants(rows(3, 600, 1095, 365, 0.0))
    write(folder / "applicants.csv", asked, "decision", "propensity")


if __name__ == "__main__":
    main()
