"""A small sound folder, and ways to spoil it."""

from collections.abc import Callable
from pathlib import Path

FIRMS = [f"E{number:02}" for number in range(16)]
INVOICES = "enterprise,invoice_no,{side},net,tax,gross,status,date\n"
Spoil = Callable[[Path], object]


def write_sound_folder(folder: Path) -> Path:
    """Sixteen firms with a year of invoices; nine of them with an outcome, three of these bad."""
    folder.mkdir()
    firms = "".join(f"{firm},{firm} Trading\n" for firm in FIRMS)
    (folder / "enterprises.csv").write_text("enterprise,name\n" + firms, encoding="utf-8")
    _write_invoices(folder / "sales_invoices.csv", "buyer", 1.0)
    _write_invoices(folder / "purchase_invoices.csv", "seller", 0.5)
    outcomes = "".join(
        f"{firm},{'true' if number % 3 == 0 else 'false'},{'ABC'[number % 3]},2023-12-31\n"
        for number, firm in enumerate(FIRMS[:9])
    )
    (folder / "outcomes.csv").write_text(
        "enterprise,defaulted,rating,occurred_at\n" + outcomes, encoding="utf-8"
    )
    curves = "".join(
        f"{rating},{rate / 100},{(rate - 4) / 11 * 0.9:.3f}\n"
        for rating in "ABC"
        for rate in range(4, 16)
    )
    (folder / "response_curves.csv").write_text(
        "rating,rate_annual,lost_share\n" + curves, encoding="utf-8"
    )
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


def nothing(folder: Path) -> None:
    """Leave the folder as it is."""
    assert folder.is_dir()
