"""Which contract a file looks like, and why; and the mapping that follows from it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.money import minor_digits
from tradeline.lake.contracts import YEARS, Contract, Kind
from tradeline.lake.encodings import UTF_8, UTF_16, encoding_of
from tradeline.lake.files import SELF_DESCRIBING, RawTable, data_files, load
from tradeline.lake.fitting import fit_columns, plain_word
from tradeline.lake.mapping import (
    FILE_NAME,
    FolderMapping,
    Source,
    Unpivot,
    read_mapping,
)
from tradeline.lake.mapping_checks import is_currency
from tradeline.lake.sql_text import quoted
from tradeline.lake.typing_rules import moment_sql
from tradeline.lake.written_forms import (
    DAY_FIRST,
    MONTH_FIRST,
    ambiguous_amount,
    ambiguous_date,
    date_format,
    number_signs,
)
from tradeline.lake.written_values import WRITTEN

SAMPLE = 500


@dataclass(frozen=True, slots=True)
class Recognition:
    """What one file looks like: contracts, the reason in words, and what each field lacks.

    `near` is whether it was probably meant to be read: its name says so, or half of its fields.
    """

    file: str
    rows: int
    columns: tuple[str, ...]
    contracts: tuple[str, ...]
    why: str
    near: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """What `inspect` makes of a folder: a mapping, and the findings that stand in its way."""

    mapping: FolderMapping
    recognitions: tuple[Recognition, ...]
    findings: tuple[Finding, ...]


def propose(folder: Path, currency: str, progress: Callable[[str], None]) -> Proposal:
    """Look at every file of a folder and propose how to read it."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    sources: list[Source] = []
    recognitions: list[Recognition] = []
    findings: list[Finding] = []
    latest = ""
    for path in data_files(folder):
        progress(f"looking at {path.name}")
        try:
            recognition, proposed = _recognise(connection, path)
        except InputProblem as refusal:
            findings += refusal.findings
            continue
        recognitions.append(recognition)
        sources += proposed
        dated = [source for source in proposed if "occurred_at" in source.columns]
        clocks = [_latest(connection, item.columns["occurred_at"], item.dates) for item in dated]
        latest = max([latest, *clocks])
        findings += _doubts(connection, proposed, currency)
        if not proposed:
            findings.append(_unrecognised(recognition))
    if any(_undated(source) for source in sources) and latest:
        findings.append(_known_on(latest))
    complete = tuple(_dated(source, latest) for source in sources)
    return Proposal(FolderMapping(currency, complete), tuple(recognitions), tuple(findings))


def _unrecognised(recognition: Recognition) -> Finding:
    return Finding(
        "unrecognised",
        Severity.ERROR if recognition.near else Severity.WARNING,
        recognition.file,
        f"The file looks like no contract: {recognition.why}",
        "Send what is missing, map it by hand in tradeline.yaml, or take it out of the folder.",
        recognition.rows,
    )


def _doubts(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], currency: str
) -> Iterator[Finding]:
    """What was told from few signs, or could as well mean something else."""
    for source in sources[:1]:
        if source.encoding not in (None, UTF_16):  # which says so itself
            yield Finding(
                "guessed-encoding",
                Severity.WARNING,
                source.file,
                f"The file is not UTF-8; it is read as {source.encoding}, which is a guess.",
                "If names look wrong, state its `encoding` in a mapping.",
            )
    for source in sources:
        date = ambiguous_date(_samples(connection, _columns(source, Kind.MOMENT)))
        if date:
            yield _ambiguous(
                source,
                f"Its dates may be read by day first or by month first, such as {date}.",
                f'`dates: "{DAY_FIRST}"` or `dates: "{MONTH_FIRST}"`',
            )
        amount = ambiguous_amount(_samples(connection, _columns(source, Kind.MONEY)))
        if amount and minor_digits(currency) < 3:
            yield _ambiguous(
                source,
                f"The point in amounts such as {amount} may part thousands or decimals.",
                '`thousands: "."` and `decimal: ","`, or `thousands: ","` and `decimal: "."`',
            )


def _ambiguous(source: Source, message: str, keys: str) -> Finding:
    remedy = f"Write the mapping (tradeline inspect --write FILE) and state {keys} in it."
    return Finding("ambiguous", Severity.ERROR, source.file, message, remedy)


def _known_on(latest: str) -> Finding:
    return Finding(
        "undated-outcomes",
        Severity.NOTE,
        "outcomes",
        f"They carry no date, so they count as known on {latest[:10]}, the day of the last record.",
        "Map a date, or state `constants` in a mapping, if they were known on another day.",
    )


def _recognise(
    connection: duckdb.DuckDBPyConnection, path: Path
) -> tuple[Recognition, list[Source]]:
    encoding = None if path.suffix.lower() in SELF_DESCRIBING else encoding_of(path)
    raw = load(connection, path, "raw", encoding)
    if wide := _wide_curve(raw.columns):
        return _recognised_curve(path, raw, *wide)
    fit = fit_columns(raw.columns, path.stem)
    sources = [
        _source(connection, path, contract, fit.matches[contract.name], encoding)
        for contract in fit.contracts
    ]
    names = tuple(contract.name for contract in fit.contracts)
    return Recognition(path.name, raw.rows, raw.columns, names, fit.why, fit.near), sources


def _recognised_curve(
    path: Path, raw: RawTable, rate: str, unpivot: Unpivot
) -> tuple[Recognition, list[Source]]:
    why = f"{rate} is rate_annual, {', '.join(unpivot.columns.values())} hold lost_share."
    source = Source(path.name, "response_curves", {"rate_annual": rate}, unpivot=unpivot)
    return Recognition(path.name, raw.rows, raw.columns, ("response_curves",), why), [source]


def _source(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    contract: Contract,
    match: Mapping[str, str],
    encoding: str | None,
) -> Source:
    fields = {field.name for field in contract.fields}
    has_clock = "occurred_at" in match
    bare = Source(path.name, contract.name, match)
    thousands, decimal = number_signs(_samples(connection, _columns(bare, Kind.MONEY)))
    return replace(
        bare,
        values=_translations(connection, contract, match),
        recorded_at="occurred_at"
        if "recorded_at" in fields and "recorded_at" not in match and has_clock
        else None,
        encoding=None if encoding in (None, UTF_8) else encoding,
        dates=date_format(_samples(connection, _columns(bare, Kind.MOMENT))),
        thousands=thousands,
        decimal=decimal,
    )


def _columns(source: Source, kind: Kind) -> list[str]:
    fields = (field.name for field in source.schema.fields if field.kind is kind)
    return [source.columns[name] for name in fields if name in source.columns]


def _samples(connection: duckdb.DuckDBPyConnection, columns: Iterable[str]) -> list[str]:
    """Some values of the columns, from anywhere in the file and yet the same each time."""
    found: list[str] = []
    for column in columns:
        name = quoted(column)
        query = f"SELECT DISTINCT {name} FROM raw WHERE {name} <> '' ORDER BY md5({name}) LIMIT ?"
        found += [row[0] for row in connection.execute(query, [SAMPLE]).fetchall()]
    return found


def _translations(
    connection: duckdb.DuckDBPyConnection, contract: Contract, match: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    found = {}
    for field in contract.fields:
        allowed = ("true", "false") if field.kind is Kind.FLAG else field.choices
        if allowed and field.name in match:
            column = quoted(match[field.name])
            query = f"SELECT DISTINCT {column} FROM raw WHERE {column} <> '' ORDER BY ALL LIMIT 50"
            written = [row[0] for row in connection.execute(query).fetchall()]
            meant = {value: _meaning(value, allowed) for value in written if value not in allowed}
            table = {value: meaning for value, meaning in meant.items() if meaning}
            if table:
                found[field.name] = table
    return found


def _meaning(value: str, allowed: Sequence[str]) -> str | None:
    for meaning in allowed:
        if value.strip().lower() in (meaning, *WRITTEN.get(meaning, ())):
            return meaning
    return None


def _wide_curve(columns: Sequence[str]) -> tuple[str, Unpivot] | None:
    """A table of rates with one column of lost shares for each rating: `churn_A`, `churn_B`."""
    rates = [
        column for column in columns if plain_word(column) in ("rate", "annualrate", "rateannual")
    ]
    lost = {m[1]: m[0] for c in columns if (m := re.fullmatch(r"(?:churn|lost)[_ ](\w+)", c))}
    long_form = any(plain_word(column) in ("rating", "grade") for column in columns)
    wide = rates and lost and not long_form
    return (rates[0], Unpivot("rating", "lost_share", lost)) if wide else None


def _latest(connection: duckdb.DuckDBPyConnection, column: str, form: str | None) -> str:
    """The latest plausible moment in a column, as ISO text; empty if there is none."""
    query = (
        f"SELECT max(moment)::VARCHAR FROM (SELECT {moment_sql(quoted(column), form)} AS moment "
        "FROM raw) WHERE year(moment) BETWEEN ? AND ?"
    )
    row = connection.execute(query, list(YEARS)).fetchone()
    return str(row[0]) if row and row[0] else ""


def _undated(source: Source) -> bool:
    return source.contract == "outcomes" and "occurred_at" not in source.columns


def _dated(source: Source, latest: str) -> Source:
    """Outcomes that carry no date count as known on the folder's last day."""
    if not (_undated(source) and latest):
        return source
    return replace(source, constants={"occurred_at": latest, "recorded_at": latest})


def folder_proposal(
    folder: Path, mapping: Path | None, currency: str, progress: Callable[[str], None]
) -> Proposal:
    """How a folder is to be read: the stated mapping, the folder's own, else what is proposed."""
    own = folder / FILE_NAME
    stated = mapping or (own if own.exists() else None)
    if stated:
        data_files(folder)
        return Proposal(read_mapping(stated), (), ())
    if not is_currency(currency):
        raise problem(
            "bad-currency",
            "--currency",
            f"{currency!r} is no currency.",
            "Write its ISO 4217 code, such as CNY.",
        )
    proposal = propose(folder, currency, progress)
    if not proposal.mapping.sources:
        raise InputProblem(replace(each, severity=Severity.ERROR) for each in proposal.findings)
    return proposal
