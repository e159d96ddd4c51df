"""`tradeline eod risk`: state what saved agreements are provided for by stage from."""

import argparse
from datetime import UTC, datetime
from hashlib import sha256

from psycopg import Connection

from tradeline.book.bootstrap import configure
from tradeline.book.connection import snapshot
from tradeline.cli.eod_book import working
from tradeline.cli.ledger import asked_ledgers
from tradeline.cli.options import now, say
from tradeline.kernel.findings import Finding, InputProblem, counted
from tradeline.lending.importing.risk import Stated, facts_of, read_stated
from tradeline.lending.servicing.risk import Fact
from tradeline.lending.servicing.saved import read_saved


def run_risk(options: argparse.Namespace) -> int:
    """State all that the folder says, or nothing; what was stated before is not stated again."""
    stated = read_stated(options.folder)
    if stated.notes:
        say(str(InputProblem(stated.notes)))
    with working() as connection:
        [ledger] = asked_ledgers(connection, options)
        facts = _facts(connection, ledger, stated)
    configure("worker")
    _state(ledger, stated, facts, now().replace(tzinfo=UTC))
    agreements = counted(len({name for name, _ in facts}), "agreement")
    grades = {each.grade for curves in stated.curves.values() for each in curves}
    print(f"{ledger}: {counted(len(facts), 'fact')} of {agreements} stated, "
          f"and the PDs of {counted(len(grades), 'grade')}.")  # fmt: skip
    return 0


def _facts(connection: Connection, ledger: str, stated: Stated) -> list[tuple[str, Fact]]:
    with snapshot(connection, ledger):
        return facts_of(stated, lambda name: read_saved(connection, name).contract.currency)


def _state(ledger: str, stated: Stated, facts: list[tuple[str, Fact]], moment: datetime) -> None:
    from tradeline.book.flows import unit_of_work
    from tradeline.lending.servicing.flows import Command, state_pds, state_risk

    findings = list[Finding]()
    with unit_of_work(ledger):
        for day, curves in stated.curves.items():
            state_pds(Command(ledger, "", _key("pds", curves), moment), curves, day)
        for name, fact in facts:
            try:
                state_risk(Command(ledger, name, _key(name, fact), moment), fact)
            except InputProblem as refusal:
                findings += refusal.findings
        if findings:
            raise InputProblem(findings)


def _key(name: str, stated: object) -> str:
    """The same statement has the same key, so that a folder may be sent again."""
    return f"risk {name} {sha256(repr(stated).encode()).hexdigest()}"
