"""A market as files: Parquet and CSV under the lake's contracts, the truth in a folder apart."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import duckdb

from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import canonical_json
from tradeline.lake.contracts import BY_NAME, Field, Kind
from tradeline.world.columns import Columns
from tradeline.world.market import Firms, draw_firms, draw_tables
from tradeline.world.outcomes import RATINGS, response_curves
from tradeline.world.sectors import COUNTRIES, CURRENCY, SECTOR_NAMES
from tradeline.world.settings import WorldSettings
from tradeline.world.trade import METHODS

Progress = Callable[[str], None]

# How a number becomes a text: a letter for the kind of thing, and digits enough for any market.
CODES = {
    "enterprise": ("E", 6),
    "counterparty": ("C", 8),
    "invoice_no": ("", 9),
    "order_no": ("A", 9),
    "line_no": ("", 1),
    "product": ("P", 8),
    "payment_no": ("Z", 9),
    "refund_no": ("R", 9),
    "delivery_no": ("D", 9),
    "review_no": ("V", 9),
    "transaction_no": ("T", 9),
}


def write_world(settings: WorldSettings, out: Path, progress: Progress) -> None:
    """Make the market and write it into `out`, a new or empty folder.

    Raises `InputProblem` for settings that make no market and for a folder that is in use; then
    nothing is written.
    """
    firms = draw_firms(settings)
    _claim(out)
    progress(f"enterprises: {len(firms.population)} firms")
    _write_firms(settings, firms, out)
    with duckdb.connect(config={"threads": 1}) as connection:
        for name, columns in draw_tables(settings, firms):
            write_parquet(connection, name, columns, out / f"{name}.parquet")
            progress(f"{name}: {len(columns['enterprise'])} rows")
    progress("The truth stands apart, in the folder truth.")


def _claim(out: Path) -> None:
    """Make the folder, unless something is there that must not be overwritten."""
    remedy = "Name a new or an empty folder; nothing was written."
    if out.exists() and not out.is_dir():
        raise problem("out-not-a-folder", str(out), "There is a file of that name.", remedy)
    if out.is_dir() and any(out.iterdir()):
        raise problem("out-not-empty", str(out), "The folder is not empty.", remedy)
    try:
        (out / "truth").mkdir(parents=True)
    except OSError as refusal:
        reason = f"The folder cannot be made ({refusal.strerror})."
        raise problem("out-not-writable", str(out), reason, remedy) from refusal


def write_parquet(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Columns, path: Path
) -> None:
    """One contract's table in the order of its rows; one thread gives the same bytes anywhere."""
    fields = [f for f in BY_NAME[name].fields if f.name in columns or f.name == "currency"]
    chosen = ", ".join(f"{_expression(field)} AS {field.name}" for field in fields)
    target = str(path).replace("'", "''")
    connection.register("made", columns)
    connection.execute(f"COPY (SELECT {chosen} FROM made) TO '{target}' (FORMAT parquet)")
    connection.unregister("made")


def _expression(field: Field) -> str:
    """The SQL that turns a column of whole numbers into the contract's own values."""
    if field.name == "currency":
        return f"'{CURRENCY}'"
    if field.kind is Kind.MONEY:
        return f"({field.name}::DECIMAL(18, 0) * 0.01::DECIMAL(3, 2))::DECIMAL(18, 2)"
    if field.kind is Kind.MOMENT:
        return f"make_timestamp({field.name} * 1000000)"
    if field.kind is Kind.CHOICE:
        return _choice(field.name, field.choices)
    if field.name == "method":
        return _choice(field.name, METHODS)
    if field.kind is Kind.TEXT:
        letter, digits = CODES[field.name]
        return f"'{letter}' || lpad({field.name}::VARCHAR, {digits}, '0')"
    return field.name


def _choice(name: str, choices: Sequence[str]) -> str:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return f"([{listed}])[{name} + 1]"


def enterprise_code(firm: int) -> str:
    """The identifier of a firm in every file."""
    letter, digits = CODES["enterprise"]
    return f"{letter}{firm:0{digits}d}"


def _write_firms(settings: WorldSettings, firms: Firms, out: Path) -> None:
    """The files with a row for each firm, and those of the market as a whole."""
    codes = [enterprise_code(firm) for firm in range(len(firms.population))]
    _write_csv(out / "enterprises.csv", ("enterprise", "name", "industry", "country"), (
        (code, name, SECTOR_NAMES[sector], COUNTRIES[country])
        for code, name, sector, country in zip(
            codes, firms.names, firms.population.sector, firms.population.country, strict=True
        )
    ))  # fmt: skip
    _write_outcomes(settings, firms, codes, out / "outcomes.csv")
    _write_csv(
        out / "response_curves.csv", ("rating", "rate_annual", "lost_share"), response_curves()
    )
    _write_truth(firms, codes, out / "truth" / "enterprises.csv")
    _write_settings(settings, firms, out / "truth" / "settings.json")


def _write_outcomes(
    settings: WorldSettings, firms: Firms, codes: Sequence[str], path: Path
) -> None:
    header = ("enterprise", "defaulted", "rating", "occurred_at", "recorded_at")
    # Known by the last day of the records, which is the day before that of the market.
    moment = f"{settings.as_of - timedelta(days=1)} 00:00:00"
    rows = zip(codes, firms.population.labelled, firms.fates.default, firms.rating, strict=True)
    _write_csv(path, header, (
        (code, _flag(default), RATINGS[rating], moment, moment)
        for code, labelled, default, rating in rows
        if labelled
    ))  # fmt: skip


def _write_truth(firms: Firms, codes: Sequence[str], path: Path) -> None:
    header = ("enterprise", "sector", "true_pd", "default_12m", "default_month", "health",
              "health_level", "shocked", "fabricates", "dataless", "labelled")  # fmt: skip
    people, fates = firms.population, firms.fates
    rows = zip(
        codes, people.sector, fates.pd, fates.default_month, firms.health.total[:, -1],
        firms.health.level, people.shocked, firms.fabricates, people.dataless, people.labelled,
        strict=True,
    )  # fmt: skip
    _write_csv(path, header, (
        (code, SECTOR_NAMES[sector], f"{pd:.6f}", _flag(month > 0), month or "", f"{health:.4f}",
         f"{level:.4f}", *map(_flag, flags))
        for code, sector, pd, month, health, level, *flags in rows
    ))  # fmt: skip


def _write_settings(settings: WorldSettings, firms: Firms, path: Path) -> None:
    """The settings that make this market again, with the sector that the shock hit, if any."""
    hit = firms.population.sector[firms.population.shocked]
    shocked = SECTOR_NAMES[hit[0]] if len(hit) else settings.shocked_sector
    stated = asdict(settings) | {"as_of": settings.as_of.isoformat(), "shocked_sector": shocked}
    path.write_text(canonical_json(stated) + "\n", encoding="utf-8")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _flag(value: object) -> str:
    return "true" if value else "false"
