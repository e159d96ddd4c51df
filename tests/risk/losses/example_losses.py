"""The tables of `examples/losses`: made up, from defaults whose true losses are known.

`python -m tests.risk.losses.example_losses` writes them again.
"""

import csv
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from tests.risk.losses.defaults import simulate

FOLDER = Path(__file__).parents[3] / "examples" / "losses"
LOANS = 160
KNOWN_AT = date(2024, 6, 30)
NAMES = ("defaults", "recoveries", "draws")


def rows(table: pa.Table) -> list[dict[str, object]]:
    """Rows with days for moments, those left out that come after the tables were written."""
    found = []
    for row in table.to_pylist():
        plain = {
            name: value.date() if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        if plain.get("closed_at") and plain["closed_at"] > KNOWN_AT:
            plain["closed_at"] = ""
        moments = [plain[name] for name in ("received_at", "observed_at") if name in plain]
        if all(moment <= KNOWN_AT for moment in moments):
            found.append(plain)
    return found


def is_year_end(row: dict[str, object]) -> bool:
    """Whether a look at a line was within the last days before the end of a June."""
    day = row.get("observed_at")
    return not isinstance(day, date) or day.month == 6


def main(folder: Path = FOLDER) -> None:
    """Write the three tables."""
    folder.mkdir(exist_ok=True)
    made = simulate(LOANS, 1)
    for name in NAMES:
        kept = [row for row in rows(getattr(made, name)) if is_year_end(row)]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(kept[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)


if __name__ == "__main__":
    main()
