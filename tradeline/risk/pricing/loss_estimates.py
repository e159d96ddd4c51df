"""What a lender takes from a file of estimates instead of a number: LGD and credit conversion.

    lgd: {file: lgd.json, segment: trade, downturn: true, valid_until: 2026-12-31}

    lgd: {file: lgd.json, segment_by: sector, least_defaults: 30, downturn: true,
          valid_until: 2026-12-31}

With `segment_by` a column of each application names its segment; one of which fewer defaults were
seen has the LGD of all together. The file is one of `risk.losses.artifact`, its path goes from the
lender's. A file that is not there, was changed, has expired or was not known yet gives no terms at
all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tradeline.kernel.findings import InputProblem
from tradeline.lake.yaml_fields import Content, Fields
from tradeline.risk.losses.artifact import read_model
from tradeline.risk.losses.ead import EadModel
from tradeline.risk.losses.lgd import ALL, LgdModel

LGD, CONVERSION = "lgd", "credit_conversion"
KEYS = ("file", "segment", "valid_until")
OF_LGD = ("downturn", "segment_by", "least_defaults")


@dataclass(frozen=True, slots=True)
class LgdOf:
    """The LGD of all, or of the one segment named; `by` names the column that says the segment."""

    lgd: float
    by: str
    segments: Mapping[str, float]


def estimate_files(content: object) -> dict[str, str]:
    """The files of estimates that a lender's parsed file names, by what they estimate."""
    table = content if isinstance(content, Mapping) else {}
    named = {key: table[key] for key in (LGD, CONVERSION) if isinstance(table.get(key), Mapping)}
    return {key: str(stated.get("file")) for key, stated in named.items()}


def lgd_estimate(fields: Fields, stated: object, text: str | None, on: date) -> LgdOf:
    """The LGD as an estimate says on a day, of all or by segment; 0 stands in for what is wrong."""
    content = _stated(fields, stated, LGD, (*KEYS, *OF_LGD), on)
    by = _by(fields, content)
    downturn = content.get("downturn")
    fields.require(content, "downturn", LGD, isinstance(downturn, bool), "true or false")
    if text is None:
        return LgdOf(_unread(fields, LGD), "", {})
    try:
        model = read_model(LgdModel, text, LGD)
        segment = ALL if by else str(content.get("segment"))
        if model.known_at > on.isoformat():
            fields.say(f"{LGD}: the estimate knew what was known on {model.known_at}, after {on}.")
        lgd = model.downturn_lgd if downturn else model.lgd
        told_apart = _told_apart(model, content) if by else ()
        return LgdOf(lgd(segment), by, {one: lgd(one) for one in told_apart})
    except InputProblem as wrong:
        return LgdOf(_say(fields, LGD, wrong), "", {})


def _by(fields: Fields, content: Content) -> str:
    """The column that says the segment, empty where one is named for all."""
    if "segment_by" not in content:
        fields.text(content, "segment", LGD, needed=True)
        if "least_defaults" in content:
            fields.say(f"{LGD}: `least_defaults` goes with `segment_by`.")
        return ""
    if "segment" in content:
        fields.say(f"{LGD}: state `segment` for all firms or `segment_by` for each, not both.")
    least = content.get("least_defaults")
    is_count = type(least) is int and least >= 1
    fields.require(content, "least_defaults", LGD, is_count, "a whole number from 1 on")
    return fields.text(content, "segment_by", LGD, needed=True) or ""


def _told_apart(model: LgdModel, content: Content) -> tuple[str, ...]:
    """The segments of which enough defaults were seen, and all together."""
    least = content.get("least_defaults")
    enough = (one for one in model.segments if type(least) is int and one.defaults >= least)
    return (*(one.segment for one in enough), ALL)


def conversion_estimate(fields: Fields, stated: object, text: str | None, on: date) -> float:
    """The credit conversion of a segment as an estimate says on a day; 0 stands in."""
    content = _stated(fields, stated, CONVERSION, KEYS, on)
    fields.text(content, "segment", CONVERSION, needed=True)
    if text is None:
        return _unread(fields, CONVERSION)
    try:
        return min(
            read_model(EadModel, text, CONVERSION).conversion(str(content.get("segment"))), 1.0
        )
    except InputProblem as wrong:
        return _say(fields, CONVERSION, wrong)


def _stated(
    fields: Fields, stated: object, where: str, known: tuple[str, ...], on: date
) -> Content:
    content = fields.keys(stated, where, known) or {}
    fields.text(content, "file", where, needed=True)
    until = content.get("valid_until")
    fields.require(content, "valid_until", where, type(until) is date, "a date such as 2026-12-31")
    if type(until) is date and on > until:
        fields.say(f"{where}: the estimate holds until {until}, not on {on}; estimate it again.")
    return content


def _unread(fields: Fields, where: str) -> float:
    fields.say(f"{where}: the file of the estimate cannot be read; its path goes from this one.")
    return 0.0


def _say(fields: Fields, where: str, wrong: InputProblem) -> float:
    for finding in wrong.findings:
        fields.say(f"{where}: {finding.message} {finding.remedy}")
    return 0.0
