"""The simulated bank by files: it takes all files of transfers of a folder and answers with files.

It gets each file on the first day on which something of it is to be executed, so that nothing
depends on when the files were made. What comes in is stated as a table. With the same files, table
and seed it says the same to the byte; with more of later days, what it said of earlier ones stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.money import CURRENCIES, minor_digits
from tradeline.lake.xml_stream import Element, stream
from tradeline.lending.payments.instruction import BankAccount
from tradeline.lending.payments.simulated_bank import DEPTH, Chances, SimulatedBank
from tradeline.lending.value_reader import ValueReader
from tradeline.risk.modelling.tables import read_table

GUIDE = "See docs/guides/simulated-bank.md."
NAMES = ("on", "amount", "payer", "said")
ANSWERS_AT, CLOSES_AT = time(12, tzinfo=UTC), time(18, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What somebody pays in on a day; below zero what the bank takes."""

    on: date
    amount_minor: int
    payer: str
    said: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A file of the bank."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Setting:
    """How the bank behaves: its chances and their seed, and what was on the account before."""

    seed: int
    chances: Chances
    opening_minor: int = 0


@dataclass(frozen=True, slots=True)
class _Submitted:
    """A file of transfers: from which account, in which currency, and its first day."""

    path: Path
    account: BankAccount
    currency: str
    on: date


def currency_of_files(folder: Path) -> str:
    """The currency that the files of transfers of a folder are in."""
    return _submitted(folder)[0].currency


def read_incoming(path: Path, currency: str) -> list[Incoming]:
    """What comes in by a table; InputProblem tells every value that cannot be taken."""
    table = read_table(path)
    lacking = [f"`{name}`" for name in NAMES if name not in table.names]
    if lacking:
        raise problem("no-column", path.name, f"It has no column {', '.join(lacking)}.", GUIDE)
    reader = ValueReader(GUIDE, digits=minor_digits(currency))
    if table.broken.any():
        reader.refuse(path.name, "It has rows that are broken.")
    columns = [table.texts(name) for name in NAMES]
    rows = zip(*([each.levels[code] for code in each.codes] for each in columns), strict=True)
    found = [
        _incoming(reader, dict(zip(NAMES, row, strict=True)), f"{path.name}, row {number}")
        for number, row in enumerate(rows, start=1)
    ]
    reader.stop_if_refused()
    return found


def _incoming(reader: ValueReader, row: Mapping[str, str], where: str) -> Incoming:
    amount = reader.money(where, row["amount"])
    if amount == 0:
        reader.refuse(where, "No amount moves.")
    return Incoming(reader.date(where, row["on"]), amount, row["payer"], row["said"])


def answers(
    folder: Path, incoming: Sequence[Incoming], setting: Setting, through: date | None = None
) -> list[Answer]:
    """A report on each file, and a statement of each day on which something moved, in that order.

    None of days after `through`. InputProblem if the folder has no file of transfers, one that is
    none, or those of several accounts or currencies.
    """
    submitted = _submitted(folder)
    first = submitted[0]
    bank = SimulatedBank(
        first.account, first.currency, np.random.default_rng(setting.seed), setting.chances,
        setting.opening_minor,
    )  # fmt: skip
    last = through or date.max
    steps: list[_Submitted | Incoming] = [
        *(each for each in submitted if each.on <= last),
        *(each for each in incoming if each.on <= last),
    ]
    reports = []
    for step in sorted(steps, key=lambda each: (each.on, isinstance(each, Incoming))):
        if isinstance(step, Incoming):
            bank.receive(step.on, step.amount_minor, step.payer, step.said)
        else:
            content = bank.submit(step.path, datetime.combine(step.on, ANSWERS_AT))
            reports.append(Answer(f"report-{step.path.stem}.xml", content))
    days = [day for day in bank.days if day <= last]
    return [*reports, *(_statement(bank, day) for day in days)]


def _statement(bank: SimulatedBank, day: date) -> Answer:
    content = bank.statement(day, datetime.combine(day, CLOSES_AT))
    return Answer(f"statement-{day}.xml", content)


def _submitted(folder: Path) -> list[_Submitted]:
    """The files of transfers by their days, then names; they are of one account."""
    if not folder.is_dir():
        raise problem("no-folder", str(folder), "There is no such folder.", "Check its name.")
    found = sorted(
        (_read(path) for path in sorted(folder.glob("*.xml"))),
        key=lambda each: (each.on, each.path.name),
    )
    if not found:
        raise problem(
            "no-transfers", str(folder), "It has no file of transfers (pain.001).",
            "Write one: `tradeline payments send`.",
        )  # fmt: skip
    of = {(each.account.number, each.currency) for each in found}
    if len(of) > 1:
        told = " and ".join(sorted(f"{number} in {currency}" for number, currency in of))
        raise problem(
            "several-accounts", str(folder), f"Its files are of {told}.",
            "Keep those of one account, in one currency, in a folder.",
        )  # fmt: skip
    return found


def _read(path: Path) -> _Submitted:
    elements = stream(path, DEPTH, "file of transfers")
    if ":pain.001." not in next(elements).attributes["xmlns"]:
        raise _no_transfers(path, "It is no file of transfers (pain.001).")
    blocks = [each for each in elements if each.name == "PmtInf"]
    currencies = set(_currencies(blocks))
    if len(currencies) != 1 or not currencies <= set(CURRENCIES):
        told = ", ".join(sorted(currencies)) or "none"
        raise _no_transfers(path, f"Its transfers are in one currency, not in {told}.")
    try:
        on = min(date.fromisoformat(block.first("ReqdExctnDt/Dt")) for block in blocks)
    except ValueError:
        raise _no_transfers(path, "It does not say when it is to be executed.") from None
    number = blocks[0].first("DbtrAcct/Id/IBAN", "DbtrAcct/Id/Othr/Id")
    return _Submitted(path, BankAccount(blocks[0].first("Dbtr/Nm"), number), currencies.pop(), on)


def _currencies(blocks: Sequence[Element]) -> Iterator[str]:
    for block in blocks:
        for amount in block.all("CdtTrfTxInf/Amt/InstdAmt"):
            yield amount.attributes.get("Ccy", "")


def _no_transfers(path: Path, message: str) -> InputProblem:
    return problem(
        "no-transfers", path.name, message,
        "Leave files of transfers alone in the folder, as `tradeline payments send` writes them.",
    )  # fmt: skip
