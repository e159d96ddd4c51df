"""`tradeline payments simulate`: a bank for demonstrations, which takes files and gives files."""

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import parse_date
from tradeline.kernel.findings import counted, problem
from tradeline.kernel.money import minor_digits

if TYPE_CHECKING:
    from tradeline.lending.payments.bank_by_files import Answer

CHANCES = ("rejects", "delays", "returns", "doubles")
TOLD = {
    "rejects": "refused (pain.002)",
    "delays": "executed one to three days later",
    "returns": "sent back up to five days later",
    "doubles": "booked twice",
}
USUAL = {"rejects": 0.02, "delays": 0.1, "returns": 0.03, "doubles": 0.01}


def add_bank_arguments(action: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline payments simulate`."""
    action.add_argument(
        "folder", type=Path, metavar="FOLDER", help="files of transfers of one account (pain.001)"
    )
    action.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="where the bank's files go"
    )
    action.add_argument(
        "--receipts", type=Path, metavar="FILE",
        help="table of what is paid in: on, amount, payer, said (default: nothing)",
    )  # fmt: skip
    action.add_argument(
        "--through", metavar="DATE", help="the bank's last day (default: until nothing moves)"
    )
    action.add_argument(
        "--opening", default="0", metavar="AMOUNT",
        help="what the account holds at first, in units (default: %(default)s)",
    )  # fmt: skip
    action.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another bank (default: %(default)s)"
    )
    for name in CHANCES:
        action.add_argument(
            f"--{name}", type=float, default=USUAL[name], metavar="SHARE",
            help=f"how many transfers are {TOLD[name]} (default: %(default)s)",
        )  # fmt: skip


def simulate(options: argparse.Namespace) -> int:
    """Have the bank take the files, and write what it says; what is there already stays."""
    from tradeline.lending.payments.bank_by_files import (
        Setting,
        answers,
        currency_of_files,
        read_incoming,
    )
    from tradeline.lending.payments.simulated_bank import Chances
    from tradeline.lending.value_reader import ValueReader

    shares = {name: getattr(options, name) for name in CHANCES}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise problem("bad-share", f"--{name}", f"{share} is no share.", "Take 0 to 1.")
    if options.seed < 0:
        raise problem("bad-number", "--seed", f"{options.seed} is none.", "Take one from 0 on.")
    through = parse_date(options.through, "--through") if options.through else None
    currency = currency_of_files(options.folder)
    incoming = read_incoming(options.receipts, currency) if options.receipts else []
    reader = ValueReader("Write it like 12000.00.", digits=minor_digits(currency))
    setting = Setting(options.seed, Chances(**shares), reader.money("--opening", options.opening))
    reader.stop_if_refused()
    _write(options.out, answers(options.folder, incoming, setting, through))
    return 0


def _write(out: Path, files: "list[Answer]") -> None:
    """All of them, or none where one is there that says something else."""
    for file in files:
        path = out / file.name
        if path.exists() and path.read_bytes() != file.content:
            raise problem(
                "said-otherwise", str(path), "The bank said something else there before.",
                "Take the options of the first time, with files of later days, or a new folder.",
            )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        path = out / file.name
        is_new = not path.exists()
        path.write_bytes(file.content)
        print(f"{path}: {_told(path)}{'' if is_new else ', as before'}.")
    print(f"{counted(len(files), 'file')} of the bank.")


def _told(path: Path) -> str:
    from tradeline.lending.payments.pain002 import status_notices
    from tradeline.lending.payments.statement import movements

    if path.name.startswith("statement-"):
        return counted(len(list(movements(path))), "movement")
    kinds = Counter(notice.kind for notice in status_notices(path, {}))
    return ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
