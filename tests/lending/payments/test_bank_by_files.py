"""A made-up bank that takes files and gives files: the same ones each time, and none at odds."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.lending.payments.booked import FIRM, OWN
from tradeline.cli.main import main
from tradeline.kernel.findings import InputProblem
from tradeline.lending.payments.bank_by_files import (
    Answer,
    Incoming,
    Setting,
    answers,
    read_incoming,
)
from tradeline.lending.payments.instruction import BankAccount, Instruction
from tradeline.lending.payments.pain001 import transfer_file
from tradeline.lending.payments.pain002 import status_notices
from tradeline.lending.payments.simulated_bank import Chances
from tradeline.lending.payments.statement import Movement, movements

DAY, NEXT, LATER = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 20)
SURE = Setting(1, Chances(rejects=0, delays=0, returns=0, doubles=0))
ERRS = Setting(4, Chances(rejects=0.2, delays=0.3, returns=0.3, doubles=0.2), 100_000_000)
CAME = Incoming(DAY, 100_000, "Firm", "RF44LOAN0001")


def transfers(
    folder: Path, name: str, on: date = DAY, count: int = 1, own: BankAccount = OWN,
    currency: str = "EUR", made: int = 1,
) -> Path:  # fmt: skip
    """A file of transfers as `send` writes it; when it was made must not matter."""
    folder.mkdir(exist_ok=True)
    asked = [Instruction(f"{name}-{place}", on, 1_000 + place, currency, FIRM, "loan")
             for place in range(count)]  # fmt: skip
    content = transfer_file(name, datetime(2026, 1, made, tzinfo=UTC), own, asked)
    (folder / f"{name}.xml").write_bytes(content)
    return folder


def moved(found: list[Answer], folder: Path) -> list[Movement]:
    """All that moved by the bank's statements."""
    every: list[Movement] = []
    for file in found:
        (folder / file.name).write_bytes(file.content)
        if file.name.startswith("statement-"):
            every += movements(folder / file.name)
    return every


def test_a_sure_bank_executes_all_on_their_day_and_takes_what_comes_in(tmp_path: Path) -> None:
    sent = transfers(tmp_path / "sent", "msg-1", count=2)
    found = answers(sent, [CAME, Incoming(NEXT, -250, "Bank", "charges")], SURE)
    assert [file.name for file in found] == [
        "report-msg-1.xml", "statement-2026-03-02.xml", "statement-2026-03-03.xml",
    ]  # fmt: skip
    assert [(each.on, each.amount_minor, each.said) for each in moved(found, tmp_path)] == [
        (DAY, -1_000, "msg-1-0 loan"), (DAY, -1_001, "msg-1-1 loan"),
        (DAY, 100_000, "RF44LOAN0001"), (NEXT, -250, "charges"),
    ]  # fmt: skip
    notices = status_notices(tmp_path / "report-msg-1.xml", {})
    assert [(each.payment, each.kind, each.on) for each in notices] == [
        ("msg-1-0", "accepted", DAY), ("msg-1-1", "accepted", DAY),
    ]  # fmt: skip


def test_a_bank_that_errs_rejects_delays_returns_and_doubles(tmp_path: Path) -> None:
    found = answers(transfers(tmp_path / "sent", "msg-1", count=60), [], ERRS)
    every = moved(found, tmp_path)
    rejected = {each.payment for each in status_notices(tmp_path / "report-msg-1.xml", {})
                if each.kind == "rejected"}  # fmt: skip
    out = Counter(each.said.split()[0] for each in every if each.amount_minor < 0)
    back = {each.said.split()[0] for each in every if each.amount_minor > 0}
    assert len(rejected) + len(out) == 60
    assert rejected.isdisjoint(out)
    assert min(len(rejected), len(back), sum(each == 2 for each in out.values())) > 2
    assert back <= set(out)
    assert {each.on for each in every if each.amount_minor < 0} > {DAY}
    assert answers(tmp_path / "sent", [], ERRS) == found
    assert answers(tmp_path / "sent", [], replace(ERRS, seed=5)) != found


def test_it_matters_not_when_a_file_was_made(tmp_path: Path) -> None:
    one, two = (
        transfers(tmp_path / f"sent {made}", "msg-1", count=9, made=made) for made in (1, 9)
    )
    assert answers(one, [CAME], ERRS) == answers(two, [CAME], ERRS)


def test_with_more_of_later_days_it_says_the_same_of_earlier_ones(tmp_path: Path) -> None:
    sent = transfers(tmp_path / "sent", "z", count=20)
    before = answers(sent, [CAME], ERRS, through=date(2026, 3, 19))
    transfers(sent, "a", on=LATER, count=20)
    more = [Incoming(LATER, 5, "x", "y"), CAME]
    after = answers(sent, more, ERRS)
    assert [file for file in after if file in before] == before
    assert len(after) > len(before)
    assert answers(sent, more, ERRS, through=date(2026, 3, 19)) == before


def refused(folder: Path) -> str:
    with pytest.raises(InputProblem) as refusal:
        answers(folder, [], SURE)
    return str(refusal.value)


def test_files_that_are_none_or_at_odds_are_refused(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    assert refused(sent) == f"error: {sent}: There is no such folder. Check its name."
    sent.mkdir()
    assert refused(sent) == (
        f"error: {sent}: It has no file of transfers (pain.001). Write one: `tradeline payments "
        "send`."
    )
    remedy = (
        "Leave files of transfers alone in the folder, as `tradeline payments send` writes them."
    )
    [statement] = [file for file in answers(transfers(tmp_path / "other", "m"), [], SURE)
                   if file.name.startswith("statement-")]  # fmt: skip
    (sent / "odd.xml").write_bytes(statement.content)
    assert refused(sent) == f"error: odd.xml: It is no file of transfers (pain.001). {remedy}"
    (sent / "odd.xml").write_text("<Document", encoding="utf-8")
    assert refused(sent).startswith("error: odd.xml: The file is no whole XML")
    whole = (tmp_path / "other" / "m.xml").read_text(encoding="utf-8")
    (sent / "odd.xml").write_text(whole.replace("2026-03-02", "soon"), encoding="utf-8")
    assert refused(sent) == f"error: odd.xml: It does not say when it is to be executed. {remedy}"
    (sent / "odd.xml").write_text(whole.replace('Ccy="EUR"', 'Ccy="QQQ"'), encoding="utf-8")
    assert refused(sent) == (
        f"error: odd.xml: Its transfers are in one currency, not in QQQ. {remedy}"
    )
    (sent / "odd.xml").unlink()
    transfers(sent, "a")
    transfers(sent, "b", own=replace(OWN, number="GB82WEST12345698765432"), currency="CNY")
    assert refused(sent) == (
        f"error: {sent}: Its files are of DE89370400440532013000 in EUR and GB82WEST12345698765432 "
        "in CNY. Keep those of one account, in one currency, in a folder."
    )


def test_what_comes_in_is_read_whole_or_refused(tmp_path: Path) -> None:
    table = tmp_path / "paid_in.csv"
    table.write_text("said,on,amount,payer\nhello,2026-03-02,10.5,A\n", encoding="utf-8")
    assert read_incoming(table, "EUR") == [Incoming(DAY, 1_050, "A", "hello")]
    table.write_text("on,amount\n2026-03-02,1\n", encoding="utf-8")
    with pytest.raises(InputProblem) as refusal:
        read_incoming(table, "EUR")
    assert str(refusal.value) == (
        "error: paid_in.csv: It has no column `payer`, `said`. See docs/guides/simulated-bank.md."
    )
    table.write_text("on,amount,payer,said\n2 March,0,A,\n2026-03-02,1.005,B,\n", encoding="utf-8")
    with pytest.raises(InputProblem) as refusal:
        read_incoming(table, "EUR")
    guide = "See docs/guides/simulated-bank.md."
    assert str(refusal.value).splitlines() == [
        f"error: paid_in.csv, row 1: No amount moves. {guide}",
        f"error: paid_in.csv, row 1: '2 March' is no date. {guide}",
        f"error: paid_in.csv, row 2: '1.005' has more than 2 decimals. {guide}",
    ]


def test_the_command_writes_what_the_bank_says_and_never_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    transfers(Path("sent"), "msg-1", count=3)
    Path("paid_in.csv").write_text(
        "on,amount,payer,said\n2026-03-02,700.00,Somebody,thanks\n", encoding="utf-8"
    )
    words = ["payments", "simulate", "sent", "--out", "bank", "--receipts", "paid_in.csv",
             "--opening", "50.00"]  # fmt: skip
    sure = [word for name in ("rejects", "delays", "returns", "doubles")
            for word in (f"--{name}", "0")]  # fmt: skip
    assert main([*words, *sure]) == 0
    assert capsys.readouterr().out == (
        "bank/report-msg-1.xml: 3 accepted.\nbank/statement-2026-03-02.xml: 4 movements.\n"
        "2 files of the bank.\n"
    )
    assert main([*words, *sure]) == 0
    assert capsys.readouterr().out.splitlines()[0] == (
        "bank/report-msg-1.xml: 3 accepted, as before."
    )
    assert main([*words, *sure, "--rejects", "1"]) == 2
    assert capsys.readouterr().err == (
        "error: bank/report-msg-1.xml: The bank said something else there before. Take the options "
        "of the first time, with files of later days, or a new folder.\n"
    )
    for options, message in (
        (["--returns", "2"], "error: --returns: 2.0 is no share. Take 0 to 1.\n"),
        (["--seed", "-1"], "error: --seed: -1 is none. Take one from 0 on.\n"),
        (["--through", "soon"],
         "error: --through: 'soon' is no date. Write it like 2024-12-31.\n"),
        (["--opening", "1.005"], "error: --opening: '1.005' has more than 2 decimals. Write it "
         "like 12000.00.\n"),
    ):  # fmt: skip
        assert main([*words, *options]) == 2
        assert capsys.readouterr().err == message
