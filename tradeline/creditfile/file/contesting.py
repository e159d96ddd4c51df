"""Contesting a record or a figure, and answering it: both are records of the lake.

What the enterprise says of its own file is self-declared; the answer of whoever keeps the lake
stands above it, from the moment on at which it is given. Nothing is changed in place, so what was
known before is shown as it was known.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tradeline.creditfile.file.disputes import Dispute, fate_of, read_disputes
from tradeline.creditfile.file.file_rows import DISPUTES
from tradeline.creditfile.file.finding import require_known
from tradeline.creditfile.file.parts import meant
from tradeline.creditfile.file.subject import Subject, of_lake
from tradeline.creditfile.linkage.entities import END_OF_TIME
from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.moments import naive_utc
from tradeline.lake.contracts import BY_NAME, Contract
from tradeline.lake.extracts import extracts
from tradeline.lake.own_records import tell
from tradeline.lake.reading import Moment
from tradeline.lake.records import Assurance
from tradeline.lake.store import Lake, open_lake

RAISED, ANSWERED = "dispute", "dispute answer"
"""The sources of what is contested, and of what is answered."""

TO_COME = END_OF_TIME - timedelta(days=1)
"""By this moment all has occurred that anybody told of, instalments to come included."""

LONGEST_WORDS = 2_000


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a dispute from now on: its number, what it is about, where it stands."""

    enterprise: str
    number: str
    about: str
    status: str
    entry: int


def contest(
    root: Path,
    enterprise: str,
    about: str,
    claim: str,
    at: datetime,
    key_file: Path | None = None,
) -> Said:
    """Record that an enterprise contests a record of its file, or a figure, from a moment on.

    InputProblem for an unknown enterprise, if neither a record nor a figure of its file is called
    so, if the record counts no more, if that is contested already, without a claim, and if what is
    personal of the enterprise was erased; nothing is recorded then.
    """
    words, moment = _words(claim, "--claim"), naive_utc(at)
    lake = open_lake(root)
    subject = _subject(lake, enterprise, moment, key_file)
    _require_counting(subject, about)
    _require_uncontested(read_disputes(subject), about)
    _require_unerased(subject)
    # Of a moment in the past, too: a number is given once.
    ever = read_disputes(_subject(lake, enterprise, TO_COME, key_file))
    number = _next_number({dispute.number for dispute in ever})
    row = _row(enterprise, number, about, words, "open", moment)
    return _told(root, row, RAISED, Assurance.SELF_DECLARED, key_file)


def answer(
    root: Path,
    enterprise: str,
    number: str,
    status: str,
    words: str,
    at: datetime,
    key_file: Path | None = None,
) -> Said:
    """Record what is answered to a dispute: `upheld` or `rejected`, and in which words.

    The record itself is corrected by its source. InputProblem for an unknown enterprise or number,
    if it is answered so already, without words, and if the enterprise was erased.
    """
    said, moment = _words(words, "--answer"), naive_utc(at)
    subject = _subject(open_lake(root), enterprise, moment, key_file)
    dispute = _dispute(read_disputes(subject), enterprise, number)
    _require_unerased(subject)
    if (dispute.status, dispute.answer) == (status, said):
        raise problem(
            "answered-already",
            f"dispute {number}",
            f"It is {status} already, in the same words.",
            "Nothing needs to be done; answer otherwise if that was wrong.",
        )
    row = _row(enterprise, number, dispute.about, dispute.claim, status, moment)
    row |= {"answer": said, "occurred_at": dispute.raised_at}
    return _told(root, row, ANSWERED, Assurance.AUTHORITY_VERIFIED, key_file)


def _subject(lake: Lake, enterprise: str, at: datetime, key_file: Path | None) -> Subject:
    """The enterprise with all that is known of it, what is still to come included."""
    subject = of_lake(extracts(lake, key_file), enterprise, Moment(TO_COME, at))
    require_known(subject, lake)
    return subject


def _row(
    enterprise: str, number: str, about: str, claim: str, status: str, at: datetime
) -> dict[str, object]:
    return {
        "enterprise": enterprise,
        "dispute_no": number,
        "about": about,
        "claim": claim,
        "status": status,
        "occurred_at": at,
        "recorded_at": at,
    }


def _told(
    root: Path,
    row: dict[str, object],
    source: str,
    assurance: Assurance,
    key_file: Path | None,
) -> Said:
    landed = tell(root, DISPUTES, [row], source, assurance, key_file)
    enterprise, number, about, status = (
        str(row[name]) for name in ("enterprise", "dispute_no", "about", "status")
    )
    return Said(enterprise, number, about, status, landed.entry)


def _next_number(known: set[str]) -> str:
    return next(f"D{n}" for n in range(1, len(known) + 2) if f"D{n}" not in known)


def _words(text: str, option: str) -> str:
    words = text.strip()
    if not words:
        raise problem(
            "no-words", option, "Nothing is said.", "Write what is right in place of it, and why."
        )
    if len(words) > LONGEST_WORDS:
        raise problem(
            "too-many-words",
            option,
            f"It has {len(words):,} characters, and a file shows {LONGEST_WORDS:,} at most.",
            "Say it shorter; evidence is handed over beside it.",
        )
    return words


def _require_counting(subject: Subject, about: str) -> None:
    match fate_of(subject, about):
        case "superseded":
            raise problem(
                "superseded",
                about,
                "Another record counts in its place: a better version, or what another identifier "
                "tells alike.",
                "Contest the record that counts; the rows of the figure show it.",
            )
        case "not in this file":
            raise problem(
                "no-such-record",
                about,
                f"The file of {subject.enterprise} has no record or figure of this id.",
                f"{'' if '/' in about else meant(about)}`tradeline file rows` gives the id of each "
                "record, `tradeline file figures` those of the figures.",
            )


def _require_uncontested(known: tuple[Dispute, ...], about: str) -> None:
    for dispute in known:
        if dispute.about == about and dispute.status == "open":
            raise problem(
                "contested-already",
                about,
                f"It is contested already, by dispute {dispute.number}.",
                "Wait for the answer; whoever gives it sees this one.",
            )


def _require_unerased(subject: Subject) -> None:
    """The words of a dispute are personal, and the key that would seal them is destroyed."""
    if any(_has_erased(subject, BY_NAME[name]) for name in subject.told):
        raise problem(
            "erased-enterprise",
            subject.enterprise,
            "What is personal of this enterprise was erased, so no dispute of it can be kept.",
            "Have the source correct the record.",
        )


def _has_erased(subject: Subject, contract: Contract) -> bool:
    if contract.subject != "enterprise":
        return False
    sql = f"SELECT coalesce(bool_or(erased), false) FROM file_{contract.name}"
    ((found,),) = subject.connection.execute(sql).fetchall()
    return bool(found)


def _dispute(known: tuple[Dispute, ...], enterprise: str, number: str) -> Dispute:
    for dispute in known:
        if dispute.number == number:
            return dispute
    raise _no_dispute(known, enterprise, number)


def _no_dispute(known: tuple[Dispute, ...], enterprise: str, number: str) -> InputProblem:
    numbers = ", ".join(sorted(dispute.number for dispute in known))
    return problem(
        "no-dispute",
        number,
        f"{enterprise} has no dispute of this number.",
        f"It has {numbers}." if numbers else "It contests nothing.",
    )
