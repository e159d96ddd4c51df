"""What the lake of `docs/guides/connect.md` says of some sellers, as known on two days."""

from datetime import datetime
from pathlib import Path

from tradeline.creditfile.features.compute import compute_features
from tradeline.lake.store import open_lake

NAMES = ("orders_12m", "orders_cancelled_share_12m", "bank_inflow_12m_minor")


def show(day: str) -> None:
    """Print features of sellers with orders, computed from what was known at the end of a day."""
    moment = datetime.fromisoformat(f"{day}T23:59")
    lake = open_lake(Path("lake"))
    table = compute_features(lake.connect(moment, known_at=moment), moment)
    columns = [table.column(name) for name in NAMES]
    print(day, *NAMES)
    for firm, *values in list(zip(table.enterprises, *columns, strict=True))[3:6]:
        print(firm, *(f"{value:,.2f}" for value in values))


if __name__ == "__main__":
    show("2024-12-15")
    show("2024-12-31")
