"""Which contract a file looks like, and why; and the mapping that follows from it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lake.contracts import CONTRACTS, Contract, Field, Kind
from tradeline.lake.files import RawTable, data_files, encoding_of, load, quoted
from tradeline.lake.mapping import (
    FILE_NAME,
    FolderMapping,
    Source,
    Unpivot,
    is_currency,
    read_mapping,
)

DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d")
SAMPLE = 500
# Words that people put into the names of files, in the order in which they decide.
FILE_WORDS = {
    "sales_invoices": ("output_invoice", "sales_invoice", "sales", "销项"),
    "purchase_invoices": ("input_invoice", "purchase_invoice", "purchase", "进项"),
    "order_lines": ("order_line", "order_item"),
    "payments": ("payment",),
    "refunds": ("refund",),
    "deliveries": ("deliver", "shipment"),
    "reviews": ("review",),
    "bank_transactions": ("bank", "transaction"),
    "outcomes": ("outcome", "labelled", "performance"),
    "response_curves": ("response", "churn"),
    "enterprises": ("enterprise", "compan", "firm", "seller"),
    "orders": ("order",),
}
VALUE_WORDS = {
    "valid": ("有效发票", "valid", "normal", "正常"),
    "void": ("作废发票", "void", "voided", "invalid", "作废"),
    "true": ("是", "y", "yes", "1", "true"),
    "false": ("否", "n", "no", "0", "false"),
}


@dataclass(frozen=True, slots=True)
class Recognition:
    """What one file looks like: contracts, the reason in words, and what each field lacks."""

    file: str
    rows: int
    columns: tuple[str, ...]
    contracts: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What `inspect` makes of a folder: a mapping, and the findings that stand in its way."""

    mapping: FolderMapping
    recognitions: tuple[Recognition, ...]
    findings: tuple[Finding, ...]


def propose(folder: Path, currency: str, progress: Callable[[str], None]) -> Proposal:
    """Look at every file of a folder and propose how to read it."""
    connection = duckdb.connect()
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
        if not proposed:
            findings.append(_unrecognised(recognition))
    complete = tuple(_dated(source, latest) for source in sources)
    return Proposal(FolderMapping(currency, complete), tuple(recognitions), tuple(findings))


def _unrecognised(recognition: Recognition) -> Finding:
    return Finding(
        "unrecognised",
        Severity.WARNING,
        recognition.file,
        f"The file looks like no contract: {recognition.why}",
        "Map it by hand in tradeline.yaml, or leave it out.",
        recognition.rows,
    )


def _recognise(
    connection: duckdb.DuckDBPyConnection, path: Path
) -> tuple[Recognition, list[Source]]:
    encoding = None if path.suffix.lower() in (".parquet", ".xlsx") else encoding_of(path)
    raw = load(connection, path, "raw", encoding)
    if wide := _wide_curve(raw.columns):
        return _recognised_curve(path, raw, *wide)
    matches = {c.name: match_columns(c, raw.columns) for c in CONTRACTS}
    complete = [c for c in CONTRACTS if not missing_fields(c, matches[c.name])]
    chosen = _chosen(complete, path.stem)
    sources = [
        _source(connection, path, contract, matches[contract.name], encoding) for contract in chosen
    ]
    names = tuple(contract.name for contract in chosen)
    return Recognition(
        path.name, raw.rows, raw.columns, names, _why(chosen, matches, raw.columns)
    ), sources


def _recognised_curve(
    path: Path, raw: RawTable, rate: str, unpivot: Unpivot
) -> tuple[Recognition, list[Source]]:
    why = f"{rate} is rate_annual, {', '.join(unpivot.columns.values())} hold lost_share."
    source = Source(path.name, "response_curves", {"rate_annual": rate}, unpivot=unpivot)
    return Recognition(path.name, raw.rows, raw.columns, ("response_curves",), why), [source]


def match_columns(contract: Contract, columns: Sequence[str]) -> dict[str, str]:
    """Contract field to file column, by the field's name and aliases; a column serves once."""
    by_word = {_word(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field in contract.fields:
        for name in (field.name, *field.aliases):
            column = by_word.get(_word(name))
            if column and column not in found.values():
                found[field.name] = column
                break
    return found


def missing_fields(contract: Contract, match: dict[str, str]) -> list[Field]:
    """The required fields that no column gives; `recorded_at` may follow `occurred_at`."""
    lenient = {"recorded_at"} | ({"occurred_at"} if contract.name == "outcomes" else set())
    return [
        field
        for field in contract.fields
        if field.required and field.name not in match and field.name not in lenient
    ]


def _chosen(complete: Sequence[Contract], stem: str) -> list[Contract]:
    """Of the contracts that fit, the one the file's name speaks for, else the most demanding.

    A file of firms may also hold their outcomes, so those two go together.
    """
    named = _named(complete, stem)
    firms = [c for c in complete if c.name in ("enterprises", "outcomes")]
    if firms and (named is None or named in firms):
        return firms
    if named:
        return [named]
    ranked = sorted(complete, key=lambda c: -sum(field.required for field in c.fields))
    return ranked[:1]


def _named(complete: Sequence[Contract], stem: str) -> Contract | None:
    by_name = {contract.name: contract for contract in complete}
    lowered = stem.lower()
    for name, words in FILE_WORDS.items():
        if name in by_name and any(word in lowered for word in words):
            return by_name[name]
    return None


def _why(
    chosen: Sequence[Contract], matches: dict[str, dict[str, str]], columns: Sequence[str]
) -> str:
    if chosen:
        parts = [
            ", ".join(f"{column} is {name}" for name, column in matches[c.name].items())
            for c in chosen
        ]
        return "; ".join(parts) + "."
    nearest = min(CONTRACTS, key=lambda c: len(missing_fields(c, matches[c.name])))
    missing = ", ".join(field.name for field in missing_fields(nearest, matches[nearest.name]))
    return f"nearest is {nearest.name}, but {missing} is missing among {', '.join(columns)}."


def _source(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    contract: Contract,
    match: dict[str, str],
    encoding: str | None,
) -> Source:
    fields = {field.name for field in contract.fields}
    has_clock = "occurred_at" in match
    moments = [match[f.name] for f in contract.fields if f.kind is Kind.MOMENT and f.name in match]
    money = [match[f.name] for f in contract.fields if f.kind is Kind.MONEY and f.name in match]
    thousands, decimal = number_signs(_samples(connection, money))
    return Source(
        path.name,
        contract.name,
        match,
        values=_translations(connection, contract, match),
        recorded_at="occurred_at"
        if "recorded_at" in fields and "recorded_at" not in match and has_clock
        else None,
        encoding=None if encoding in (None, "utf-8-sig") else encoding,
        dates=date_format(_samples(connection, moments)),
        thousands=thousands,
        decimal=decimal,
    )


def _samples(connection: duckdb.DuckDBPyConnection, columns: Iterable[str]) -> list[str]:
    found: list[str] = []
    for column in columns:
        query = f"SELECT {quoted(column)} FROM raw WHERE {quoted(column)} <> '' LIMIT {SAMPLE}"
        found += [row[0] for row in connection.execute(query).fetchall()]
    return found


def date_format(values: Sequence[str]) -> str | None:
    """The one format that reads all values; None for ISO 8601 or where none does."""
    iso = sum(_reads_iso(value) for value in values)
    if not values or iso == len(values):
        return None
    fitting = {form: sum(_reads(value, form) for value in values) for form in DATE_FORMATS}
    best = max(fitting, key=lambda form: fitting[form])
    return best if fitting[best] > iso else None


def _reads(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def _reads_iso(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def number_signs(values: Sequence[str]) -> tuple[str, str]:
    """The thousands and the decimal sign of written amounts: ("," , ".") or (".", ",")."""
    european = sum(bool(re.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d{1,2}", value)) for value in values)
    return (".", ",") if european > len(values) / 2 else (",", ".")


def _translations(
    connection: duckdb.DuckDBPyConnection, contract: Contract, match: dict[str, str]
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
        if value.strip().lower() in (meaning, *VALUE_WORDS.get(meaning, ())):
            return meaning
    return None


def _word(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _wide_curve(columns: Sequence[str]) -> tuple[str, Unpivot] | None:
    """A table of rates with one column of lost shares for each rating: `churn_A`, `churn_B`."""
    rates = [column for column in columns if _word(column) in ("rate", "annualrate", "rateannual")]
    lost = {m[1]: m[0] for c in columns if (m := re.fullmatch(r"(?:churn|lost)[_ ](\w+)", c))}
    long_form = any(_word(column) in ("rating", "grade") for column in columns)
    wide = rates and lost and not long_form
    return (rates[0], Unpivot("rating", "lost_share", lost)) if wide else None


def _latest(connection: duckdb.DuckDBPyConnection, column: str, form: str | None) -> str:
    """The latest moment in a column, as ISO text; empty if there is none."""
    moment = "try_strptime(x, ?)" if form else "TRY_CAST(x AS TIMESTAMP)"
    query = f"SELECT max({moment})::VARCHAR FROM (SELECT {quoted(column)} AS x FROM raw)"
    row = connection.execute(query, [form] if form else []).fetchone()
    return str(row[0]) if row and row[0] else ""


def _dated(source: Source, latest: str) -> Source:
    """Outcomes that carry no date count as known on the folder's last day."""
    if source.contract != "outcomes" or "occurred_at" in source.columns or not latest:
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
        raise InputProblem(proposal.findings)
    return proposal
