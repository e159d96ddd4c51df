"""Pulling a source into a lake: each delivery landed once, what may pass tried again."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lake.batches import Batch, Landed, append, check_name, landed_before
from tradeline.lake.compaction import compact
from tradeline.lake.folders import content_hash, known_shapes, shape_changes
from tradeline.lake.landing import land
from tradeline.lake.reading import told_sql
from tradeline.lake.records import REFUSED, Assurance
from tradeline.lake.sealing import can_open, opened_sql
from tradeline.lake.sources.protocol import Delivery, Position, Source, Transient
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake, open_lake

# A batch need not hold all firms: the lake has them from other batches.
OF_FOLDERS = ("unknown-enterprise",)
# Each batch is compared with all files of its buckets, so a backlog must not leave many.
COMPACT_EVERY = 32


@dataclass(frozen=True, slots=True)
class Retry:
    """How often something that may pass is tried, and how long is waited in between.

    The wait doubles from `first_seconds` up to `most_seconds`; a batch that lands starts it anew.
    """

    tries: int = 5
    first_seconds: float = 1.0
    most_seconds: float = 60.0

    def wait_seconds(self, failures: int) -> float:
        """How long to wait after so many failures in a row."""
        return min(self.first_seconds * 2.0 ** (failures - 1), self.most_seconds)


@dataclass(slots=True)
class Pulled:
    """What a pull of one source did; `counts` has batches, new, revisions, repeated and refused.

    `again` counts batches that were landed before; `broken` is whether the source could not be
    read to its end.
    """

    source: str
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    broken: bool = False

    def find(self, *findings: Finding) -> None:
        """Keep findings, each once."""
        self.findings += [item for item in findings if item not in self.findings]


def position_of(lake: Lake, source: str) -> Position:
    """Where a source stands: what its batches say together, later ones over earlier ones."""
    position: dict[str, str] = {}
    for entry in lake.entries:
        if entry.batch and entry.batch.source == source:
            position |= entry.batch.position
    return position


def last_recorded(lake: Lake, source: str) -> datetime | None:
    """When the last record of a source was recorded, naive UTC; None if there is none."""
    own = (entry for entry in lake.entries if entry.batch and entry.batch.source == source)
    moments = [file.recorded[1] for entry in own for file in entry.adds if file.dataset != REFUSED]
    return max(moments, default=None)


def pull_source(
    root: Path,
    source: Source,
    assurance: Assurance,
    progress: Callable[[str], None],
    sleep: Callable[[float], None],
    retry: Retry = Retry(),
    key_file: Path | None = None,
) -> Pulled:
    """Land all that a source has to tell; what stands in the way becomes findings.

    InputProblem only if there is no lake, or its log is broken.
    """
    check_name("source", source.name)
    pulled, failures = Pulled(source.name), 0
    while True:
        position = position_of(open_lake(root), source.name)
        try:
            for landed in _landings(root, source, position, assurance, pulled, progress, key_file):
                failures = 0
                _count(pulled, landed)
                progress(f"{source.name}: {_so_far(pulled.counts)}")
                if not landed.again and pulled.counts["batches"] % COMPACT_EVERY == 0:
                    compact(root, progress)
            return pulled
        except InputProblem as refusal:
            return _broken(pulled, *refusal.findings)
        except Transient as error:
            failures += 1
            if failures >= retry.tries:
                return _broken(pulled, _gave_up(source.name, error, failures))
            seconds = retry.wait_seconds(failures)
            progress(f"{source.name}: {error} Trying again in {seconds:g} s.")
            sleep(seconds)


def _landings(
    root: Path,
    source: Source,
    position: Position,
    assurance: Assurance,
    pulled: Pulled,
    progress: Callable[[str], None],
    key_file: Path | None,
) -> Iterator[Landed]:
    for item in source.deliveries(position):
        if isinstance(item, Finding):
            pulled.find(item)
            continue
        try:
            landed = land_delivery(root, item, source.name, assurance, progress, key_file)
        except InputProblem as refusal:
            item.answer(refusal)
            if item.in_order or _is_of_the_lake(refusal):
                raise
            pulled.find(*refusal.findings)
            continue
        item.answer(landed)
        yield landed


def _is_of_the_lake(refusal: InputProblem) -> bool:
    """Whether it is the lake that refuses, and so would refuse the next delivery too."""
    codes = {finding.code for finding in refusal.findings}
    return bool(codes & {"lake-not-written", "other-assurance", "bad-log", "no-lake"})


def land_delivery(
    root: Path,
    delivery: Delivery,
    source: str,
    assurance: Assurance,
    progress: Callable[[str], None],
    key_file: Path | None = None,
) -> Landed:
    """Land one delivery as a batch with its position.

    InputProblem as `append`, of reading, and for a shape that is not that of the source.
    """
    content = content_hash(delivery.folder, delivery.mapping, source, None)
    learned_at, position = delivery.learned_at, delivery.position
    batch = Batch(delivery.id, source, assurance, content, learned_at, position=position)
    lake = open_lake(root)
    before = landed_before(lake, batch)
    if before:
        return before
    try:
        landing = land(duckdb.connect(), delivery.folder, delivery.mapping, progress)
        _leave_out_refused_before(landing.connection, lake, source, key_file)
    except OSError as error:
        raise problem(
            "delivery-not-read",
            delivery.id,
            f"The batch could not be read, nothing of it was landed: {error.strerror}.",
            "Make room for temporary files or mend the disk, then run the command again.",
        ) from error
    changed = shape_changes(known_shapes(lake, source), landing)
    shaped = replace(batch, shape=landing.shapes)
    landed = append(root, landing.connection, shaped, progress, key_file)
    findings = [item for item in landing.findings if item.code not in OF_FOLDERS]
    findings += [*changed, *landed.findings]
    return Landed(landed.entry, landed.record, tuple(findings), landed.again)


def preview_source(
    root: Path, source: Source, progress: Callable[[str], None]
) -> tuple[Counter[str], list[Finding]]:
    """What a pull would read now: batches, accepted and refused rows, findings; nothing is landed.

    What cannot be read becomes findings, as in a pull; nothing is tried twice.
    """
    counts, findings = Counter[str](), list[Finding]()
    try:
        for item in source.deliveries(position_of(open_lake(root), source.name)):
            if isinstance(item, Finding):
                findings.append(item)
                continue
            try:
                landing = land(duckdb.connect(), item.folder, item.mapping, progress)
            except InputProblem as refusal:
                findings += refusal.findings
                continue
            counts["batches"] += 1
            counts["accepted"] += sum(count.accepted for count in landing.counts)
            counts["refused"] += sum(count.refused for count in landing.counts)
            findings += [each for each in landing.findings if each.code not in OF_FOLDERS]
    except InputProblem as refusal:
        findings += refusal.findings
    except Transient as error:
        findings.append(_gave_up(source.name, error, 1))
    return counts, findings


def _leave_out_refused_before(
    connection: duckdb.DuckDBPyConnection, lake: Lake, source: str, key_file: Path | None
) -> None:
    """Refused rows that the lake keeps already are not told twice; what was erased is forgotten."""
    files = lake.files_of(REFUSED)
    if not files or not connection.execute("SELECT 1 FROM refused LIMIT 1").fetchall():
        return
    can_open(connection, lambda: lake.keys(key_file))
    told = opened_sql(REFUSED, told_sql(lake.root, REFUSED, files), lake.erased, show_erased=True)
    same = " AND ".join(
        f"e.{name} IS NOT DISTINCT FROM refused.{name}"
        for name in ("contract", "code", "reason", "content", "enterprise")
    )
    connection.execute(
        f"DELETE FROM refused WHERE EXISTS (SELECT 1 FROM ({told}) e "
        f"WHERE e.source = {literal(source)} AND {same})"
    )


def _count(pulled: Pulled, landed: Landed) -> None:
    pulled.find(*landed.findings)
    if landed.again:
        pulled.counts["again"] += 1
        return
    pulled.counts["batches"] += 1
    pulled.counts["refused"] += landed.record.refused
    for told in landed.record.told.values():
        pulled.counts["new"] += told.new
        pulled.counts["revisions"] += told.revisions
        pulled.counts["repeated"] += told.repeated


def _so_far(counts: Counter[str]) -> str:
    return f"batch {counts['batches']:,}, {counts['new']:,} new"


def _broken(pulled: Pulled, *findings: Finding) -> Pulled:
    pulled.find(*findings)
    pulled.broken = True
    return pulled


def _gave_up(source: str, error: Transient, tries: int) -> Finding:
    return Finding(
        "source-away",
        Severity.ERROR,
        source,
        f"{error} It was tried {tries} times." if tries > 1 else str(error),
        "What came before is landed; run the command again when the source is back.",
    )
