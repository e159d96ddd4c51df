"""What links say of the records of a file, in words, and the command that contests one."""

import shlex
from decimal import Decimal
from typing import Any

from tradeline.creditfile.file.links import LinkRecord, Members
from tradeline.creditfile.file.record import SubjectFile
from tradeline.creditfile.file.words import moment, percent, shown
from tradeline.creditfile.linkage.judgements import LONGEST_REASON
from tradeline.kernel.texts import clean

HELD = {
    "same": "the same enterprise",
    "affiliated": "affiliated: another enterprise that belongs together with it",
    "namesake": "a namesake: alike by name only",
    "different": "two different enterprises",
    "undecided": "undecided: nobody has said yet",
}
BY = {"judged": "judged by", "found": "found by the program", "told": "told by"}
KEPT_BY_SOURCE = "stays with its source"


def links_shown(file: SubjectFile, most: int) -> list[dict[str, Any]]:
    """The first links of a file as a reader sees them."""
    return [_shown(file, link) for link in file.members.links[:most]]


def contest_command(enterprise: str, record: str) -> str:
    """The command by which an enterprise contests a record of its file."""
    return f'tradeline file dispute {shlex.quote(enterprise)} {record} --claim "what is right"'


def _shown(file: SubjectFile, link: LinkRecord) -> dict[str, Any]:
    return {
        "left": shown(link.left),
        "right": shown(link.right),
        "held": HELD[link.relation],
        "follows": _follows(file.members, link),
        "likely": percent(Decimal(f"{link.probability:.6f}"), 1),
        "evidence": clean(link.evidence, LONGEST_REASON) or KEPT_BY_SOURCE,
        "said": f"{BY[link.basis]} {shown(link.by)}, {moment(link.occurred_at)}",
        "recorded": moment(link.recorded_at),
        "record": link.record,
        "disputed": link.record in file.contested,
        "contest": contest_command(file.enterprise, link.record),
    }


def _follows(members: Members, link: LinkRecord) -> str:
    """What the file makes of a link, which other links may outweigh."""
    outside = set(link.pair) - set(members.same)
    if not outside:
        words = "the records of both are in this file"
        return words if link.relation == "same" else f"other links join them, so {words}"
    words = f"the records of {shown(min(outside))} are not in this file"
    return f"other links hold them apart, so {words}" if link.relation == "same" else words
