"""What an assessment leaves in its folder: tables, credit files, model card, manifest, report.

The same inputs give the same bytes: no file names a clock, a duration, a machine or the folder.
"""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.credit_file import write_credit_files
from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json
from tradeline.kernel.strict_json import strict_json
from tradeline.lake.landing import write_refused
from tradeline.lake.mapping import write_mapping
from tradeline.lake.sql_text import quoted
from tradeline.risk.assessment import Assessment
from tradeline.risk.decision import Decision, reason_lines
from tradeline.risk.manifest import code_entry, file_entries, parameter_entries, text_entry
from tradeline.risk.model_card import model_card
from tradeline.risk.report.data import ManifestEntry
from tradeline.risk.report.formatting import money as in_currency
from tradeline.risk.report.render import render_report
from tradeline.risk.reporting import report_of
from tradeline.risk.scoring.artifact import write_card

Columns = Mapping[str, NDArray[Any]]
MANIFEST = "manifest.json"
REPORT = "report.html"
LISTS = "reasons"
UNFINISHED = ".unfinished-"


def check_folder(out: Path, records: Path) -> None:
    """Refuse a folder for the results in which something else lies, before any work is done."""
    remedy = "Name a new folder, an empty one, or that of an earlier assessment."
    standing = next((path for path in (out, *out.parents) if os.path.lexists(path)), Path())
    if not standing.is_dir():
        raise problem("out-not-a-folder", str(standing), "This is a file, no folder.", remedy)
    if records.resolve() in (out.resolve(), *out.resolve().parents):
        message = "The results would lie among the records."
        raise problem("out-among-records", str(out), message, "Name a folder elsewhere.")
    if not os.access(standing, os.W_OK | os.X_OK):
        raise _not_writable(standing, "Permission denied")
    names = {path.name for path in out.iterdir()} if standing == out else set()
    held = {name for name in names if not name.startswith(UNFINISHED)}
    if held and MANIFEST not in held:
        raise problem("out-not-empty", str(out), "The folder holds other things.", remedy)


def _not_writable(out: Path, why: str | None) -> InputProblem:
    message = f"The results cannot be written there ({why})."
    return problem("out-not-writable", str(out), message, "Name another folder.")


def write_outputs(found: Assessment, out: Path) -> None:
    """Write all results into `out`, or none of them: the manifest comes last.

    Results of an earlier assessment are replaced once the new ones are whole. Raises InputProblem
    if the system does not let us write.
    """
    made = [path for path in (out, *out.parents) if not path.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=UNFINISHED, dir=out) as folder:
            _write_all(found, Path(folder))
            (out / MANIFEST).unlink(missing_ok=True)
            for path in sorted(Path(folder).iterdir(), key=lambda path: path.name == MANIFEST):
                path.replace(out / path.name)
    except (OSError, duckdb.IOException) as refusal:
        raise _not_writable(out, getattr(refusal, "strerror", "the disk refuses")) from refusal
    finally:
        for path in made:
            with suppress(OSError):  # it holds the results
                path.rmdir()


def _write_all(found: Assessment, out: Path) -> None:
    inputs = input_entries(found)
    write_credit_files(found.records.files, out / "credit_files.jsonl")
    write_refused(found.landing, out / "refused.csv")
    with duckdb.connect(config={"threads": 1}) as connection:
        for name, columns in tables_of(found).items():
            write_table(connection, columns, out / name)
    card = model_card(found)
    _write_json(out / "model_card.json", card)
    _write_text(out / "scorecard.json", write_card(found.model.scores.card))
    _write_json(out / "findings.json", [asdict(finding) for finding in found.findings])
    report = render_report(report_of(found, card, inputs))
    _write_text(out / REPORT, report)
    written = sorted(path for path in out.iterdir() if path.name != MANIFEST)
    outputs = file_entries("output", written)
    _write_json(out / MANIFEST, [asdict(entry) for entry in (*inputs, *outputs)])


def option_entries(found: Assessment) -> tuple[ManifestEntry, ...]:
    """The mapping and the options as texts: what was asked, not where it lay."""
    request = found.request
    options = {
        "as_of": found.records.as_of.isoformat(),
        "base_rate": found.terms.base_rate,
        "budget": request.budget,
        "binds": request.binds,
        "caps": dict(request.caps),
        "default_definition": request.default_definition,
        "seed": request.seed,
        "resamples": request.resamples,
    }
    return (
        text_entry("mapping", "mapping", write_mapping(found.landing.mapping)),
        text_entry("options", canonical_json(options), canonical_json(options)),
    )


def input_entries(found: Assessment) -> tuple[ManifestEntry, ...]:
    """The hashes of all that decided: files, mapping, options, code and parameters."""
    request = found.request
    files = sorted({request.folder / source.file for source in found.landing.mapping.sources})
    scenario = [request.scenario] if request.scenario else []
    return (
        *file_entries("input", files),
        *file_entries("scenario", scenario),
        *option_entries(found),
        code_entry(),
        *parameter_entries(),
    )


def tables_of(found: Assessment) -> dict[str, Columns]:
    """The tables by name: features and scores of every firm, decisions on the applicants."""
    table = found.records.table
    firms = _texts(table.enterprises)
    features = {name: table.column(name) for name in table.names}
    return {
        "features": {"enterprise": firms, **features},
        "scores": _scores(found, firms),
        "decisions": _decisions(found.decisions),
    }


def _scores(found: Assessment, firms: NDArray[Any]) -> Columns:
    scores = found.model.scores
    return {
        "enterprise": firms,
        "pd": scores.pd,
        "pd_low": scores.pd_low,
        "pd_high": scores.pd_high,
        "score": np.ma.masked_array(scores.score, ~scores.known),
        "grade": _texts(grade or None for grade in found.grades),
        "out_of_fold": scores.out_of_fold,
    }


def _decisions(decisions: Sequence[Decision]) -> Columns:
    rates = [np.nan if d.rate_annual is None else d.rate_annual for d in decisions]
    terms = np.array([d.term_days or 0 for d in decisions], dtype=np.int64)
    reasons = np.empty(len(decisions), dtype=object)
    reasons[:] = [reason_lines(decision.reasons) for decision in decisions]
    return {
        "enterprise": _texts(d.enterprise for d in decisions),
        "outcome": _texts(d.outcome for d in decisions),
        "amount_minor": np.array([d.amount_minor for d in decisions], dtype=np.int64),
        "currency": _texts(d.currency for d in decisions),
        "rate_annual": np.array(rates, dtype=np.float64),
        "term_days": np.ma.masked_array(terms, terms == 0),
        "expected_profit_minor": np.array(
            [d.expected_profit_minor for d in decisions], dtype=np.int64
        ),
        "binding_constraint": _texts(d.binding_constraint for d in decisions),
        "reasons": reasons,
    }


def _texts(texts: Iterable[str | None]) -> NDArray[Any]:
    return np.array(list(texts), dtype=object)


def write_table(connection: duckdb.DuckDBPyConnection, columns: Columns, stem: Path) -> None:
    """A table as Parquet and as CSV; NaN and masked values are empty, lists joined by ` | `."""
    connection.register("made", dict(columns))
    typed = ", ".join(_column(name, values) for name, values in columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE written AS SELECT {typed} FROM made")
    connection.unregister("made")
    connection.execute("COPY written TO $path (FORMAT parquet)", {"path": f"{stem}.parquet"})
    flat = ", ".join(
        f"array_to_string({name}, ' | ') AS {name}" if name == LISTS else quoted(name)
        for name in columns
    )
    connection.execute(
        f"COPY (SELECT {flat} FROM written) TO $path (HEADER)", {"path": f"{stem}.csv"}
    )


def _column(name: str, values: NDArray[Any]) -> str:
    """Texts and lists get their type here: of an empty table none could be read."""
    if values.dtype != object:
        return quoted(name)
    kind = "VARCHAR[]" if name == LISTS else "VARCHAR"
    return f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}"


def _write_json(path: Path, value: object) -> None:
    _write_text(path, strict_json(value) + "\n")


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def summary(found: Assessment) -> str:
    """The result in three lines, for a terminal."""
    outcomes = Counter(decision.outcome for decision in found.decisions)
    offers, money = found.decided.plan.offers, partial(in_currency, currency=found.currency)
    counts = found.landing.counts
    read, refused = sum(count.read for count in counts), sum(count.refused for count in counts)
    rows = f"{read:,} rows read, {refused:,} refused (refused.csv says why)."
    applicants = (
        f"{len(found.decisions):,} applicants as of {found.records.as_of}: "
        f"{outcomes['approve']:,} approved, {outcomes['decline']:,} declined, "
        f"{outcomes['refer']:,} referred."
    )
    sums = (
        f"Offered {money(offers.total_offered_minor)}, expected to be drawn "
        f"{money(offers.total_drawn_minor)}, expected profit {money(offers.total_profit_minor)}."
    )
    return "\n".join((rows, applicants, sums))
