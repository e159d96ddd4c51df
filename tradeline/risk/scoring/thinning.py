"""How many rows say enough: where quantiles lie, how columns correlate, where a search starts."""

ENOUGH_ROWS = 50_000


def thin(rows: int) -> slice:
    """Every k-th of so many rows, so that at least ENOUGH_ROWS remain; all if there are fewer."""
    return slice(None, None, max(1, rows // ENOUGH_ROWS))
