"""Erasing what a lake keeps of natural persons, and legal holds that forbid it.

The keys go first: from the moment at which the ring of keys is replaced, nothing opens the values.
The log tells of it next; what a killed process left untold, the next writer tells. So the log never
claims what was not done.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lake.commit import commit, only_writer, staging
from tradeline.lake.keys import SubjectKeys, is_signed, load_keys
from tradeline.lake.log import Act, Entry, Kind, signed, unsigned_text
from tradeline.lake.store import Lake, next_entry, open_lake
from tradeline.lake.subjects import BATCH, subject_named
from tradeline.lake.traces import rows_of, telling_batches

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is, or would be, erased: by subject (`KIND:ID`) its rows by contract.

    `entry` tells of it in the log; None where it is only looked at. `again`: erased before.
    """

    rows: Mapping[str, Mapping[str, int]]
    entry: Entry | None = None
    again: bool = False


def planned(root: Path, subject: str, key_file: Path | None = None) -> Erasure:
    """What erasing a subject would concern: its rows, and refused rows whose text tells of it.

    InputProblem if the lake knows nobody of that name, or a legal hold stands.
    """
    lake = open_lake(root)
    return _plan(lake, _keys(lake, key_file), [subject_named(subject)])


def _plan(lake: Lake, keys: SubjectKeys, subjects: Sequence[str]) -> Erasure:
    pseudonyms = {subject: keys.pseudonym(subject) for subject in subjects}
    rows = rows_of(lake, pseudonyms.values())
    for subject, pseudonym in pseudonyms.items():
        _refuse_unknown(lake, keys, subject, rows.get(pseudonym, {}))
        _refuse_held(lake, subject, pseudonym)
    told = {subject: rows.get(pseudonym, {}) for subject, pseudonym in pseudonyms.items()}
    gone = lake.erased - keys.wrapped.keys()
    fresh = [subject for subject in subjects if pseudonyms[subject] not in gone]
    if not fresh:
        return Erasure(told, _erased_by(lake, pseudonyms[subjects[0]]), again=True)
    batches = [f"{BATCH}:{batch}" for batch in telling_batches(lake, keys, fresh)]
    refused = rows_of(lake, [keys.pseudonym(batch) for batch in batches])
    for batch in batches:
        _refuse_held(lake, batch, keys.pseudonym(batch))
    return Erasure(
        {subject: told[subject] for subject in fresh}
        | {batch: refused[keys.pseudonym(batch)] for batch in batches}
    )


def _keys(lake: Lake, key_file: Path | None) -> SubjectKeys:
    """The ring, also where keys of the erased came back: to erase again is the remedy."""
    forged = forged_act(lake)
    if forged:
        raise InputProblem([forged])
    return load_keys(lake.root, lake.signer, key_file)


def _refuse_unknown(lake: Lake, keys: SubjectKeys, subject: str, rows: Mapping[str, int]) -> None:
    pseudonym = keys.pseudonym(subject)
    if not rows and pseudonym not in keys.wrapped and pseudonym not in keys.destroyed:
        raise problem(
            "unknown-subject",
            str(lake.root),
            f"The lake keeps nothing of {subject}.",
            "Write the id of the firm, owner_no:ID, guarantor_no:ID, or batch:ID for refused rows.",
        )


def _refuse_held(lake: Lake, subject: str, pseudonym: str) -> None:
    if pseudonym in lake.held:
        number, reason = lake.held[pseudonym]
        raise problem(
            "legal-hold",
            f"log/{number:08d}.json",
            f"{subject} is under a legal hold and is not erased: {reason}.",
            "Release the hold first: tradeline lake release.",
        )


def _erased_by(lake: Lake, pseudonym: str) -> Entry | None:
    for entry in lake.entries:
        if entry.kind == "erasure" and entry.act and pseudonym in entry.act.rows:
            return entry
    return None


def erase(
    root: Path,
    subjects: Iterable[str],
    reason: str,
    at: datetime,
    progress: Callable[[str], None],
    key_file: Path | None = None,
) -> Erasure:
    """Destroy the keys of subjects, and of refused rows that tell of them, and say so in the log.

    Subjects that are erased already change nothing. InputProblem if one is unknown or held, if the
    reason is none, or if the keys cannot be had; nothing is erased then.
    """
    named = [subject_named(subject) for subject in subjects]
    check_reason(reason, named)
    lake = open_lake(root)
    with only_writer(root, progress):
        keys = _keys(lake, key_file)
        lake = settle(root, keys)
        plan = _plan(lake, keys, named)
        if plan.again:
            return plan
        gone = [keys.pseudonym(subject) for subject in plan.rows]
        keys.destroy(gone, {"reason": reason, "at": at.isoformat()})
        return replace(plan, entry=settle(root, keys).entries[-1])


def settle(root: Path, keys: SubjectKeys) -> Lake:
    """Tell in the log of erasures that a killed process left untold; the lake as it then is.

    Only for who holds the lake's lock.
    """
    lake = open_lake(root)
    for act in keys.pending:
        if not any(_is_told(entry, act) for entry in lake.entries):
            told = rows_of(lake, act["subjects"])
            rows = {name: told.get(name, {}) for name in act["subjects"]}
            lake = _append(lake, "erasure", Act(rows, act["reason"], act["at"]), keys)
    if keys.pending:
        keys.settle()
    return lake


def _is_told(entry: Entry, act: Mapping[str, str]) -> bool:
    told = entry.act
    return bool(
        entry.kind == "erasure"
        and told
        and (told.reason, told.at) == (act["reason"], act["at"])
        and told.subjects == frozenset(act["subjects"])
    )


def _append(lake: Lake, kind: Kind, act: Act, keys: SubjectKeys) -> Lake:
    number, previous = next_entry(lake)
    entry = signed(Entry(number, previous, kind, (), act=act), keys.key.sign)
    with staging(lake.root) as folder:
        commit(lake.root, folder, entry, [])
    return open_lake(lake.root)


def hold(
    root: Path,
    subject: str,
    reason: str,
    at: datetime,
    progress: Callable[[str], None],
    key_file: Path | None = None,
) -> Entry:
    """Forbid a subject's erasure until it is released; InputProblem if it is erased or unknown."""
    return _decide(root, "hold", subject, reason, at, progress, key_file)


def release(
    root: Path,
    subject: str,
    reason: str,
    at: datetime,
    progress: Callable[[str], None],
    key_file: Path | None = None,
) -> Entry:
    """End a subject's legal hold; InputProblem if none stands."""
    return _decide(root, "release", subject, reason, at, progress, key_file)


def _decide(
    root: Path,
    kind: Kind,
    subject: str,
    reason: str,
    at: datetime,
    progress: Callable[[str], None],
    key_file: Path | None,
) -> Entry:
    named = subject_named(subject)
    check_reason(reason, [named])
    lake = open_lake(root)
    with only_writer(root, progress):
        keys = _keys(lake, key_file)
        lake = settle(root, keys)
        pseudonym = keys.pseudonym(named)
        rows = rows_of(lake, [pseudonym]).get(pseudonym, {})
        _refuse_unknown(lake, keys, named, rows)
        refusal = _undecidable(lake, kind, named, pseudonym)
        if refusal:
            raise refusal
        act = Act({pseudonym: rows}, reason, at.isoformat())
        return _append(lake, kind, act, keys).entries[-1]


def _undecidable(lake: Lake, kind: Kind, subject: str, pseudonym: str) -> InputProblem | None:
    if kind == "hold" and pseudonym in lake.erased:
        return problem(
            "erased",
            subject,
            "The subject is erased; there is nothing left to hold.",
            "Nothing can bring it back.",
        )
    if kind == "hold" and pseudonym in lake.held:
        return problem(
            "legal-hold",
            subject,
            f"The subject is under a legal hold already: {lake.held[pseudonym][1]}.",
            "Release it first if the reason has changed.",
        )
    if kind == "release" and pseudonym not in lake.held:
        return problem(
            "no-hold", subject, "No legal hold stands.", "`tradeline lake show` lists the holds."
        )
    return None


def forged_act(lake: Lake) -> Finding | None:
    """The first entry on subjects that the holder of the lake's key did not sign; None if none."""
    for entry in lake.entries:
        decides = entry.kind in ("erasure", "hold", "release")
        if decides != (entry.act is not None):
            break
        if entry.act and not is_signed(lake.signer, unsigned_text(entry), entry.act.signature):
            break
    else:
        return None
    return Finding(
        "forged-act",
        Severity.ERROR,
        f"log/{entry.number:08d}.json",
        f"The {entry.kind} was not signed by who holds the lake's key.",
        "Bring the lake back from a copy.",
    )


def check_reason(reason: str, subjects: Iterable[str]) -> None:
    """InputProblem if a reason says nothing, or names a subject in a log that stays for ever."""
    if not (reason.strip() and reason.isprintable() and len(reason) <= LONGEST_REASON):
        raise problem(
            "no-reason",
            "--reason",
            "The log keeps why a subject was erased or held; this is no reason.",
            f"Write one line of up to {LONGEST_REASON} characters.",
        )
    for subject in subjects:
        if subject.partition(":")[2] in reason.replace(",", " ").replace(".", " ").split():
            raise problem(
                "reason-names-subject",
                "--reason",
                "The reason names the subject, and the log keeps it for ever.",
                "Write it without names and ids.",
            )
