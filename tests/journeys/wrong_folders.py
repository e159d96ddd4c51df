"""A small sound folder, ways to spoil it, and what commands answer."""

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook

from tradeline.cli.main import main

FIRMS = [f"E{number:02}" for number in range(16)]
LABELLED, APPLICANTS = FIRMS[:9], FIRMS[9:]
INVOICES = "enterprise,invoice_no,{side},net,tax,gross,status,date\n"
CURVES = "rating,rate_annual,lost_share\n"
LAST_DAY = "2023-12-31"
SALES, BUYS = "sales_invoices.csv", "purchase_invoices.csv"
CURVE_FILE, FIRM_FILE = "response_curves.csv", "enterprises.csv"
Spoil = Callable[[Path], object]
Printed = pytest.CaptureFixture[str]


def write_sound_folder(folder: Path) -> Path:
    """Sixteen firms with a year of invoices; nine of them with an outcome, three of these bad."""
    folder.mkdir(parents=True)
    firms = "".join(f"{firm},{firm} Trading\n" for firm in FIRMS)
    (folder / "enterprises.csv").write_text("enterprise,name\n" + firms, encoding="utf-8")
    _write_invoices(folder / "sales_invoices.csv", "buyer", 1.0)
    _write_invoices(folder / "purchase_invoices.csv", "seller", 0.5)
    outcomes = "".join(
        f"{firm},{'true' if number % 3 == 0 else 'false'},{'ABC'[number % 3]},{LAST_DAY}\n"
        for number, firm in enumerate(LABELLED)
    )
    (folder / "outcomes.csv").write_text(
        "enterprise,defaulted,rating,occurred_at\n" + outcomes, encoding="utf-8"
    )
    curves = "".join(
        f"{rating},{rate / 100},{(rate - 4) / 11 * 0.9:.3f}\n"
        for rating in "ABC"
        for rate in range(4, 16)
    )
    (folder / "response_curves.csv").write_text(CURVES + curves, encoding="utf-8")
    return folder


def _write_invoices(path: Path, side: str, share: float) -> None:
    lines = [INVOICES.format(side=side)]
    for number, firm in enumerate(FIRMS):
        for month in range(1, 13):
            net = round(share * (100_000 + number * 20_000 + (number * month) % 7 * 900))
            partner = f"{side[0].upper()}{(number + month) % 5}"
            lines.append(
                f"{firm},{month},{partner},{net},{net * 0.13:.2f},{net * 1.13:.2f},valid,"
                f"2023-{month:02}-15\n"
            )
    path.write_text("".join(lines), encoding="utf-8")


def text(name: str, content: str, encoding: str = "utf-8") -> Spoil:
    """Write a file anew."""
    return lambda folder: (folder / name).write_text(content, encoding=encoding)


def raw(name: str, content: bytes) -> Spoil:
    """Write a file of bytes."""
    return lambda folder: (folder / name).write_bytes(content)


def swap(name: str, old: str, new: str, count: int = -1) -> Spoil:
    """Replace a text in a file."""

    def spoil(folder: Path) -> None:
        content = (folder / name).read_text(encoding="utf-8")
        assert old in content
        (folder / name).write_text(content.replace(old, new, count), encoding="utf-8")

    return spoil


def add(name: str, line: str) -> Spoil:
    """Append a line to a file."""

    def spoil(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    return spoil


def drop(*names: str) -> Spoil:
    """Delete files."""

    def spoil(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return spoil


def of_firm(firm: str, name: str, change: Callable[[list[str]], list[str]]) -> Spoil:
    """Change the lines of one firm in a file."""

    def spoil(folder: Path) -> None:
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        own = [line for line in lines if line.startswith(f"{firm},")]
        assert own
        rest = [line for line in lines if line not in own]
        content = "\n".join([*rest, *change(own)]) + "\n"
        (folder / name).write_text(content, encoding="utf-8")

    return spoil


def both(*spoils: Spoil) -> Spoil:
    """One after the other."""

    def spoil(folder: Path) -> None:
        for each in spoils:
            each(folder)

    return spoil


def as_parquet(name: str, change: Callable[[bytes], bytes] = bytes) -> Spoil:
    """Turn a CSV file into Parquet, and change its bytes."""

    def spoil(folder: Path) -> None:
        path = folder / name
        made = path.with_suffix(".parquet")
        duckdb.execute("CREATE OR REPLACE TABLE made AS FROM read_csv(?)", [str(path)])
        duckdb.execute("COPY made TO $path (FORMAT parquet)", {"path": str(made)})
        made.write_bytes(change(made.read_bytes()))
        path.unlink()

    return spoil


def as_excel(name: str, change: Callable[[list[str]], list[Any]], sheets: int = 1) -> Spoil:
    """Turn a CSV file into a workbook, row by row; further sheets hold one value."""

    def spoil(folder: Path) -> None:
        path, book = folder / name, Workbook()
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        for row in (header, *map(change, rows)):
            book.worksheets[0].append(row)
        for _ in range(1, sheets):
            book.create_sheet().append(["more"])
        book.save(path.with_suffix(".xlsx"))
        path.unlink()

    return spoil


def nothing(folder: Path) -> None:
    """Leave the folder as it is."""
    assert folder.is_dir()


def cases(table: Iterable[tuple[str, Spoil, str]]) -> pytest.MarkDecorator:
    """One test for each row: its name, how to spoil a folder, and the message."""
    rows = list(table)
    return pytest.mark.parametrize(
        ("spoil", "message"), [row[1:] for row in rows], ids=[row[0] for row in rows]
    )


def assess(folder: Path, *options: str) -> int:
    """The exit code of `tradeline assess`, its results in `out` beside the folder."""
    given = {"--out": str(folder.parent / "out"), "--budget": "5000000", "--resamples": "2"}
    given |= dict(zip(options[::2], options[1::2], strict=True))
    return main(["assess", str(folder), *(word for pair in given.items() for word in pair)])


def findings(printed: Printed) -> list[str]:
    """The errors, warnings and notes that were printed, notes on clocks aside."""
    lines = "\n".join(printed.readouterr())
    found = re.findall(r"^(?:error|warning|note): .*$", lines, re.MULTILINE)
    return [line for line in found if "one clock" not in line]


def errors(printed: Printed) -> list[str]:
    """The errors that were printed."""
    return [line for line in findings(printed) if line.startswith("error")]
