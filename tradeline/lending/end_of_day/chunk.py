"""One chunk of a portfolio's folder: who its loans are, what came in for them, their folds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lending.end_of_day.advance_terms import advance_of, came_for, position_of
from tradeline.lending.end_of_day.advances import Swept, begun
from tradeline.lending.end_of_day.attached import columns_of
from tradeline.lending.end_of_day.columns import contract_of, events_of, is_earned_when_due
from tradeline.lending.end_of_day.day import News
from tradeline.lending.end_of_day.folder import (
    ADVANCES,
    ATTACHED,
    CHUNKS,
    LOANS,
    REPAYMENT,
    Landing,
    chunk_count,
)
from tradeline.lending.end_of_day.holders import Holders, holders_of
from tradeline.lending.end_of_day.portfolio import Ints, Names, Staging, Terms, terms_of
from tradeline.lending.end_of_day.staging import staging_of
from tradeline.lending.end_of_day.standing import NEVER, Standing, standing
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.revenue_share import terms as revenue_share
from tradeline.lending.revenue_share.collection import Payment, Sale


@dataclass(frozen=True, slots=True)
class Cut:
    """What a day knows: landings until one, and in them what was entered until the day."""

    landing: int
    day: int


EVERYTHING = Cut(2**31, NEVER)
# Columns that older landings of a table lack.
ADDED = {
    "participations": """
    SELECT ''::VARCHAR AS servicer, 0::BIGINT AS servicing_percent_part,
        1::BIGINT AS servicing_percent_per, ''::VARCHAR AS guarantor, 0::BIGINT AS first_loss,
        0::BIGINT AS recoveries
    WHERE false
    """
}


class Chunk:
    """The loans of one chunk as they landed, and their events until a cut."""

    def __init__(self, root: Path, number: int, known: Sequence[Landing]) -> None:
        self.number = number
        # Chunks, not threads, share the processors.
        self.connection = duckdb.connect(config={"threads": 1})
        self.folder = root / CHUNKS / f"{number:05d}"
        self.landed = {landing.number: set(landing.files) for landing in known}
        of_advances = str(Path(CHUNKS, self.folder.name, ADVANCES))
        self.is_of_advances = any(of_advances in files for files in self.landed.values())
        self.path = self.folder / (ADVANCES if self.is_of_advances else LOANS)

    def names(self) -> Names:
        """Who the loans are."""
        found = self.connection.execute(
            "SELECT loan, product, lender, currency FROM read_parquet(?)",
            [str(self.path)],
        ).fetchnumpy()
        return Names(*(np.asarray(found[name], dtype=np.str_) for name in
                       ("loan", "product", "lender", "currency")))  # fmt: skip

    def holders(self, names: Names) -> Holders:
        """Who holds them."""
        return holders_of(names, self.attached("participations", EVERYTHING))

    def terms(self) -> Terms:
        """What of their contracts the end of day works with."""
        rows = self._terms(None)
        return terms_of([contract_of(texts, loan) for _, loan, texts in rows],
                        [is_earned_when_due(texts) for _, _, texts in rows])  # fmt: skip

    def staging(self) -> Staging:
        """How they are provided for."""
        return staging_of([(loan, terms) for _, loan, terms in self._terms(None)])

    def advance(self, place: int) -> revenue_share.Terms:
        """The terms of one advance."""
        [(_, loan, texts)] = self._terms([place])
        return advance_of(texts, f"loan {loan}")[0]

    def came_for(self, place: int, cut: Cut) -> tuple[list[Sale], list[Payment]]:
        """What was sold and paid of one advance until a cut."""
        sales, payments = (
            self._known(name, f"entered_on, amount, {more}", cut, "AND place = ?", [place])
            for name, more in (("sales", "sold_on, refund"), ("payments", "paid_on"))
        )
        return came_for(self.advance(place), sales, payments, date.fromordinal(cut.day))

    def swept(self, cut: Cut) -> Swept:
        """Advances as they stand at the end of the day of a cut, nothing of them booked yet."""
        terms, plans = zip(
            *(advance_of(texts, f"loan {loan}") for _, loan, texts in self._terms(None)),
            strict=True,
        )
        on = date.fromordinal(cut.day)
        columns = "place, entered_on, amount"
        sales = _by_place(self._known("sales", f"{columns}, sold_on, refund", cut), len(terms))
        payments = _by_place(self._known("payments", f"{columns}, paid_on", cut), len(terms))
        positions = [position_of(*of, on) for of in zip(terms, sales, payments, strict=True)]
        return begun(terms, plans, positions, cut.day)

    def sweep_news(self, stood: Swept, before: Cut, now: Cut) -> tuple[Ints, Ints]:
        """Sales that count, and what was paid otherwise, that `now` knows and `before` did not."""
        rest = ("AND NOT (landing <= ? AND entered_on <= ?)", [before.landing, before.day])
        sold, paid = (np.zeros(len(stood), dtype=np.int64) for _ in range(2))
        sales = self._known("sales", "place, sold_on, amount, refund", now, *rest)
        if sales:
            place, refund = np.asarray(sales["place"]), sales["refund"] == 1
            counts = sales["sold_on"] > stood.sweeps.disbursed_on[place]
            counts &= ~refund | (stood.sweeps.net[place] == 1)
            amount = np.where(refund, -sales["amount"], sales["amount"])
            np.add.at(sold, place, np.where(counts, amount, 0))
        payments = self._known("payments", "place, amount", now, *rest)
        if payments:
            np.add.at(paid, payments["place"], payments["amount"])
        return sold, paid

    def news(self, count: int, before: Cut, now: Cut) -> News:
        """What `now` knows and `before` did not."""
        paid, other = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
        found = self._events(
            "place, event, value_date, amount_minor",
            now,
            "AND NOT (landing <= ? AND entered_on <= ?)",
            [before.landing, before.day],
        )
        place = np.asarray(found["place"], dtype=np.int64)
        on_day = (found["event"] == REPAYMENT) & (found["value_date"] == now.day)
        np.add.at(paid, place[on_day], found["amount_minor"][on_day])
        other[place[~on_day]] = True
        return News(paid, other)

    def standings(self, places: Ints, cut: Cut) -> list[Standing | Finding]:
        """How loans stand at the end of the day of a cut, or why that cannot be said."""
        rows = self.rows(places.tolist(), cut)
        on = date.fromordinal(cut.day)
        return [
            _standing(loan, terms, rows[place], on)
            for place, loan, terms in self._terms(places.tolist())
        ]

    def rows(self, places: list[int], cut: Cut = EVERYTHING) -> dict[int, list[dict[str, str]]]:
        """The rows of events of loans until a cut, by place, in the order of entry."""
        rows: dict[int, list[dict[str, str]]] = {place: [] for place in places}
        found = self._events("place, row", cut, "AND place IN (SELECT unnest(?))", [places])
        for place, row in zip(found["place"].tolist(), found["row"].tolist(), strict=True):
            rows[place].append(json.loads(row))
        return rows

    def attached(self, name: str, cut: Cut) -> dict[str, Any]:
        """The rows of an attached table until a cut, as arrays; nothing if none landed."""
        return self._known(
            name, ", ".join(f'"{each}"' for each in ["place", *columns_of(name)]), cut
        )

    def loan(self, place: int, cut: Cut) -> tuple[Contract, list[Event]]:
        """The contract of one loan, and its events until a cut."""
        [(_, loan, terms)] = self._terms([place])
        rows = self.rows([place], cut)[place]
        return contract_of(terms, loan), events_of(rows, terms["currency"], loan)

    def _terms(self, places: list[int] | None) -> list[tuple[int, str, dict[str, str]]]:
        chosen = "" if places is None else "WHERE file_row_number IN (SELECT unnest(?))"
        rows = self.connection.execute(
            "SELECT file_row_number, loan, currency, terms "
            f"FROM read_parquet(?, file_row_number = true) {chosen} ORDER BY 1",
            [str(self.path), *([] if places is None else [places])],
        ).fetchall()
        return [(place, loan, json.loads(terms) | {"currency": currency})
                for place, loan, currency, terms in rows]  # fmt: skip

    def _events(self, columns: str, cut: Cut, more: str, values: list[Any]) -> dict[str, Any]:
        """Columns of the events until a cut, in the order of entry."""
        return self._known("events", columns, cut, more, values)

    def _known(
        self, name: str, columns: str, cut: Cut, more: str = "", values: Sequence[Any] = ()
    ) -> dict[str, Any]:
        """Columns of a table until a cut, in the order of entry; nothing if none landed."""
        paths = {
            number: self.folder / ATTACHED.format(name, number)
            for number, files in self.landed.items()
            if number <= cut.landing
            and str(Path(CHUNKS, self.folder.name, ATTACHED.format(name, number))) in files
        }
        if not paths:
            return {}
        union = " UNION ALL BY NAME ".join(
            f"SELECT {number} AS landing, * FROM read_parquet(?, file_row_number = true)"
            for number in paths
        )
        if name in ADDED:
            union = f"{ADDED[name]} UNION ALL BY NAME {union}"
        return self.connection.execute(
            f"SELECT {columns} FROM ({union}) WHERE entered_on <= ? {more} "
            "ORDER BY landing, file_row_number",
            [*map(str, paths.values()), cut.day, *values],
        ).fetchnumpy()


def _by_place(table: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The rows of each loan, in their order."""
    if not table:
        return [{}] * count
    order = np.argsort(table["place"], kind="stable")
    cuts = np.searchsorted(table["place"][order], np.arange(1, count))
    return [
        {name: column[rows] for name, column in table.items()} for rows in np.split(order, cuts)
    ]


def _standing(
    loan: str, terms: dict[str, str], rows: list[dict[str, str]], on: date
) -> Standing | Finding:
    try:
        contract = contract_of(terms, loan)
        return standing(contract, events_of(rows, terms["currency"], loan), on)
    except InputProblem as refusal:
        first = refusal.findings[0]
        return Finding(first.code, Severity.ERROR, f"loan {loan}", first.message, first.remedy)
    except Exception as error:  # one loan must never stop the others
        return Finding(
            "loan-not-folded", Severity.ERROR, f"loan {loan}",
            f"It could not be worked out: {type(error).__name__}: {error}.",
            "Correct its events; it is tried again at the next end of day.",
        )  # fmt: skip


def chunks(root: Path, known: Sequence[Landing]) -> list[Chunk]:
    """All chunks that landings made."""
    return [Chunk(root, number, known) for number in range(chunk_count(known))]
