"""Applications from a file: CSV, Parquet, Excel or JSON Lines, one application a line.

`application`, `enterprise` and `consent_until` (UTC) say who asks and may be decided on until when;
the other columns are what the engine reads, by name. `NAME.age_days` is how old a value is,
`age_days` how old all the others are. Of several lenders each may have lent to the firm: what
`exposure_minor.LENDER` and `sector_exposure_minor.LENDER` say goes before the plain column. A text
is read by the type that the engine declares; one that says no such thing stays as it is, and is
refused as mistyped. `applied_at` (UTC) says which of several applications of a client came first.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted
from tradeline.kernel.moments import naive_utc
from tradeline.lake.columns import Column, objects
from tradeline.risk.decisions.application import (
    CURRENCY,
    EXPOSURE,
    MONEY,
    SECTOR,
    SECTOR_EXPOSURE,
    Applications,
)
from tradeline.risk.decisions.engine import OF_THE_SCORE, Engine
from tradeline.risk.modelling.tables import Table, read_table
from tradeline.risk.policy.cells import Kind

APPLICATION, ENTERPRISE, CONSENT = "application", "enterprise", "consent_until"
APPLIED = "applied_at"
AGE = ".age_days"
AGE_OF_ALL = "age_days"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The applications of a file, what is odd with it, and the columns that nobody reads.

    `applied_at` (rows,) is datetime64[us] in UTC, NaT where it is not said.
    """

    applications: Applications
    applied_at: NDArray[np.datetime64]
    findings: tuple[Finding, ...]
    unread: tuple[str, ...]


def read_applications(path: Path, engine: Engine) -> Asked:
    """Read a file; InputProblem if it lacks a column that it must have, or tells one twice."""
    table = read_table(path)
    _require(table)
    kinds = kinds_of(engine)
    ids = _texts(table, APPLICATION)
    _require_distinct(table, ids)
    own = {f"{name}.{engine.terms.lender}": name for name in (EXPOSURE, SECTOR_EXPOSURE)}
    stated = {name: name for name in table.names if name in kinds}
    stated |= {own[name]: name for name in table.names if name in own}
    values = {name: _typed(_texts(table, column), kinds[name]) for name, column in stated.items()}
    known = {*own, APPLICATION, ENTERPRISE, CONSENT, APPLIED, AGE_OF_ALL, *kinds}
    known |= {name + AGE for name in kinds}
    return Asked(
        Applications(
            objects(ids),
            objects(_texts(table, ENTERPRISE)),
            _moments(table, CONSENT),
            values,
            dict(_ages(table, values)),
        ),
        _moments(table, APPLIED),
        table.findings,
        tuple(name for name in table.names if name not in known),
    )


def kinds_of(engine: Engine) -> dict[str, Kind]:
    """What an engine reads of an application, with its type."""
    kinds: dict[str, Kind] = dict.fromkeys(MONEY, Kind.INTEGER)
    kinds |= {SECTOR: Kind.CATEGORY, CURRENCY: Kind.CATEGORY}
    if engine.terms.lgd_by:
        kinds[engine.terms.lgd_by] = Kind.CATEGORY
    kinds |= {read.name: read.kind for read in (engine.gate.inputs if engine.gate else ())}
    kinds |= {read.name: read.kind for read in engine.policy.inputs}
    return {name: kind for name, kind in kinds.items() if name not in OF_THE_SCORE}


def _ages(table: Table, values: Mapping[str, Column]) -> Iterator[tuple[str, Column]]:
    for name in values:
        column = name + AGE if name + AGE in table.names else AGE_OF_ALL
        if column in table.names:
            yield name, _typed(_texts(table, column), Kind.NUMBER)


def _texts(table: Table, name: str) -> list[str]:
    texts = table.texts(name)
    levels = [level.strip() for level in texts.levels]
    return [levels[code] for code in texts.codes.tolist()]


def _require(table: Table) -> None:
    missing = [name for name in (APPLICATION, ENTERPRISE, CONSENT) if name not in table.names]
    if missing:
        raise InputProblem(
            Finding(
                "no-column",
                Severity.ERROR,
                table.name,
                f"The table has no column '{name}'.",
                "Name the columns application, enterprise and consent_until.",
            )
            for name in missing
        )


def _require_distinct(table: Table, ids: list[str]) -> None:
    """Every application has a name of its own."""
    times = Counter(ids)
    empty = times.pop("", 0)
    repeated = sorted(one for one, count in times.items() if count > 1)
    cases = (
        (empty, "no-application", f"No application is named in {counted(empty, 'row')}.",
         "Give each application an identifier."),
        (repeated, "application-twice", f"Some stand more than once: "
         f"{counted(len(repeated), 'application')}, such as {repeated[:1]}.",
         "Send one row for each application."),
    )  # fmt: skip
    findings = [
        Finding(code, Severity.ERROR, table.name, message, remedy)
        for found, code, message, remedy in cases
        if found
    ]
    if findings:
        raise InputProblem(findings)


def _typed(texts: list[str], kind: Kind) -> NDArray[Any]:
    """Values of a kind, None where the text is empty, the text itself where it is none."""
    read = READERS[kind]
    known = {text: read(text) if text else None for text in set(texts)}
    return objects([known[text] for text in texts])


def _number(text: str) -> object:
    try:
        return float(text) if text.isascii() and "_" not in text else text
    except ValueError:
        return text


def _integer(text: str) -> object:
    body = text.removeprefix("-")
    if body.isascii() and body.isdigit():
        return int(text) if len(body) < 20 else text
    return _number(text)


def _flag(text: str) -> object:
    return {"true": True, "false": False}.get(text.lower(), text)


def _day(text: str) -> object:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _moments(table: Table, name: str) -> NDArray[np.datetime64]:
    texts = _texts(table, name) if name in table.names else [""] * table.rows
    return np.array([_moment(text) for text in texts], dtype="datetime64[us]")


def _moment(text: str) -> datetime | None:
    """A moment in UTC; a day counts from its beginning, and what is no moment is none."""
    try:
        return naive_utc(datetime.fromisoformat(text))
    except ValueError:
        return None


READERS: Mapping[Kind, Callable[[str], object]] = {
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _flag,
    Kind.DATE: _day,
    Kind.CATEGORY: str,
    Kind.TEXT: str,
}
