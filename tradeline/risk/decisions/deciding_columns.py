"""Decisions on many applications at once, equal to the bit to those of `deciding.decide`.

What decides is looked up in the same tables. Rows that the policy takes in the same way share their
reasons, so that words are made once for each way and not for each row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.moments import naive_utc
from tradeline.lake.columns import Column, Columns, objects, row_of
from tradeline.risk.decisions.application import GRADE, PD, SCORE, Applications, sectors_of
from tradeline.risk.decisions.codes import (
    FACTORS_MATTER,
    NOT_KNOWN,
    flaw_code,
    offer_code,
    policy_codes,
)
from tradeline.risk.decisions.deciding import FRESH
from tradeline.risk.decisions.engine import LIMIT_CAP, RATE_FLOOR, Engine
from tradeline.risk.decisions.factors import (
    CHANGES_MAX,
    REASONS_MAX,
    dearest_columns,
    steps_columns,
)
from tradeline.risk.decisions.measures import Measure, in_force
from tradeline.risk.decisions.offering import NO_CAP, Approved, Offering, offers_to, segments_of
from tradeline.risk.decisions.parts import dearest_parts
from tradeline.risk.decisions.record import (
    CHAMPION,
    CHANGES,
    LGD_SEGMENT,
    NO_POINTS,
    NO_SCORE,
    REASONS,
    SHADOW,
    names_of,
)
from tradeline.risk.decisions.seen_factors import bin_reader
from tradeline.risk.decisions.stops import NO_CONSENT, engine_stops
from tradeline.risk.policy.columns import Verdicts
from tradeline.risk.policy.declaration import Outcome
from tradeline.risk.pricing.lender_offer import BINDINGS
from tradeline.risk.scoring.binning import Binning, bins_of_column
from tradeline.risk.scoring.card import Card, Factor
from tradeline.risk.scoring.crosses import Side

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
REFUSE, DECLINE, APPROVE = (str(o) for o in (Outcome.REFUSE, Outcome.DECLINE, Outcome.APPROVE))


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The features of the model, judged and scored: `flawed` rows have no score.

    `places` (features, rows) are those of the gate, `points` (rows, factors or parts), and `bins`
    (rows, factors) those of a card.
    """

    flawed: Flags
    places: tuple[NDArray[np.int16], ...]
    bins: Ints
    points: Ints
    score: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The ways in which rows went through the policy: each way once, and which row went which.

    `hits` by table asked, `codes` what it gives as reasons, `is_by_score` whether a row that fired
    asks for the score, `cap_minor` the policy's cap or `NO_CAP`, `floor` its rate floor or None.
    """

    which: Ints
    hits: tuple[tuple[int, ...], ...]
    codes: tuple[tuple[str, ...], ...]
    is_by_score: Flags
    cap_minor: Ints
    floor: tuple[float | None, ...]


def decide_all(
    applications: Applications, engine: Engine, at: datetime, measures: Sequence[Measure] = ()
) -> dict[str, Column]:
    """The records of the decisions as columns (see `record.py`), what was seen left out."""
    binding = in_force(measures, at)
    judged = _judge(applications, engine, at, binding)
    offering = offers_to(_approved(applications, engine, judged), applications, engine, binding)
    return _records(applications, engine, at, judged, offering)


def approved_of(
    applications: Applications, engine: Engine, at: datetime, measures: Sequence[Measure] = ()
) -> Approved:
    """The rows that `decide_all` makes an offer to, if one pays, and what bounds it."""
    judged = _judge(applications, engine, at, in_force(measures, at))
    return _approved(applications, engine, judged)


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """How each row was scored, what the policy says of it, and what stops it (rows,)."""

    scored: Scored
    verdicts: Verdicts
    ways: Ways
    stopped: NDArray[np.object_]
    outcome: NDArray[np.object_]


def _judge(
    applications: Applications, engine: Engine, at: datetime, binding: Sequence[Measure]
) -> _Judged:
    scored = _score(applications, engine)
    verdicts = _verdicts(applications, engine, scored)
    stopped = _stopped(applications, engine, at, binding)
    outcome = verdicts.outcomes.astype(object)
    outcome[scored.flawed] = REFUSE
    outcome[[bool(codes) for codes in stopped]] = REFUSE
    return _Judged(scored, verdicts, _ways(verdicts, engine), stopped, outcome)


def _approved(applications: Applications, engine: Engine, judged: _Judged) -> Approved:
    scored, ways = judged.scored, judged.ways
    rows = np.flatnonzero(judged.outcome == APPROVE)
    sectors = sectors_of(applications)[rows]
    known = np.array([sector is not None for sector in sectors], dtype=bool)
    rows, way = rows[known], ways.which[rows[known]]
    segments = segments_of(applications, engine.terms)
    books = [(ways.floor[place], segments[row])
             for place, row in zip(way.tolist(), rows.tolist(), strict=True)]  # fmt: skip
    score_at = scored.score[rows] - engine.lowest
    return Approved(rows, sectors[known], score_at, ways.cap_minor[way], books)


def _score(applications: Applications, engine: Engine) -> Scored:
    rows, model = len(applications), engine.model
    flawed = np.zeros(rows, dtype=bool)
    places: tuple[NDArray[np.int16], ...] = ()
    if engine.gate is not None and rows:
        known = {read.name: applications.values[read.name] for read in engine.gate.inputs
                 if read.name in applications.values}  # fmt: skip
        places = engine.gate.evaluate_columns(known or _absent(rows), applications.ages_days).places
        flawed = np.any([column < 0 for column in places], axis=0)
    bins = np.zeros((rows, len(model.names)), dtype=np.int64)
    points = np.zeros((rows, len(model.names)), dtype=np.int64)
    if isinstance(model, Card):
        for place, factor in enumerate(model.factors):
            bins[:, place] = _bins_of(factor, applications.values, flawed)
            points[:, place] = np.array(factor.points)[bins[:, place]]
    else:
        sound = np.flatnonzero(~flawed)
        points[sound] = model.points([row_of(applications.values, row) for row in sound.tolist()])
    return Scored(flawed, places, bins, points, model.constant + points.sum(axis=1))


def _absent(rows: int) -> Columns:
    """A column that no input reads, so that the number of rows is known."""
    return {"": np.full(rows, np.nan)}


def _bins_of(factor: Factor, values: Columns, flawed: Flags) -> Ints:
    """The bins of a factor; a flawed row has any bin, for it has no score."""
    found = [_bins(places, values.get(name), flawed) for name, places in factor.sides]
    cross = factor.binning.cross
    if cross is None:
        return found[0]
    return cross.bins_of_places(found[0], found[1], factor.binning.missing)


def _bins(places: Binning | Side, column: Column | None, flawed: Flags) -> Ints:
    """The bins of a feature, or its places in a pair."""
    if column is None:
        return np.full(len(flawed), places.missing)
    values, mask = np.ma.getdata(column), np.ma.getmaskarray(column)
    if places.levels or values.dtype.kind not in "fiu":
        return _bins_one_by_one(bin_reader(places), values, mask | flawed, places.missing)
    numbers = values.astype(np.float64)
    numbers[mask] = np.nan
    return bins_of_column(places, numbers)


def _bins_one_by_one(
    read: Callable[[Any], int], values: Column, skipped: Flags, missing_bin: int
) -> Ints:
    """Bins of texts or objects; those that repeat are looked up once."""
    known: dict[object, int] = {}
    found = np.full(len(values), missing_bin)
    for row in np.flatnonzero(~skipped).tolist():
        value = values[row]
        if value not in known:
            known[value] = read(value.item() if isinstance(value, np.generic) else value)
        found[row] = known[value]
    return found


def _verdicts(applications: Applications, engine: Engine, scored: Scored) -> Verdicts:
    place = np.where(scored.flawed, 0, scored.score - engine.lowest)
    pds = np.where(scored.flawed, np.nan, np.array(engine.pds)[place])
    grades = np.array(engine.grades, dtype=object)[place]
    grades[scored.flawed] = None
    score = np.ma.MaskedArray(scored.score, mask=scored.flawed)
    facts = {**applications.values, SCORE: score, PD: pds, GRADE: grades}
    fresh = {name: np.full(len(applications), age) for name, age in FRESH.items()}
    return engine.policy.evaluate_columns(facts, {**applications.ages_days, **fresh})


def _ways(verdicts: Verdicts, engine: Engine) -> Ways:
    """Rows by how the policy took them; a row that no table may see has a way of its own."""
    key = np.zeros(len(verdicts), dtype=np.int64)
    for table in verdicts.tables:
        key = key * (len(table.hits) + 1) + np.where(table.reached, table.which + 1, 0)
    inputs = len(verdicts.program.declaration.inputs)
    for column in verdicts.places[:inputs]:
        low = int(column.min(initial=0))
        if low < 0:
            key = np.unique(key * (1 - low) - np.minimum(column, 0), return_inverse=True)[1]
    ranks = verdicts.ranks.astype(np.int64)
    _, first, which = np.unique(key * 8 + ranks, return_index=True, return_inverse=True)
    seen = [verdicts.verdict(int(row)) for row in first]
    hits = tuple(verdict.trace.hits for verdict in seen)
    return Ways(
        which,
        hits,
        tuple(policy_codes(verdict) for verdict in seen),
        np.array([engine.is_by_score(hit) for hit in hits], dtype=bool),
        np.array([_cap_of(verdict.outputs) for verdict in seen], dtype=np.int64),
        tuple(verdict.outputs.get(RATE_FLOOR) for verdict in seen),
    )


def _cap_of(outputs: Mapping[str, Any]) -> int:
    cap = outputs.get(LIMIT_CAP)
    return NO_CAP if cap is None else int(cap)


def _stopped(
    applications: Applications, engine: Engine, at: datetime, measures: Sequence[Measure]
) -> NDArray[np.object_]:
    """What stops each application, before it is scored (rows,): tuples of codes."""
    rows = len(applications)
    until = applications.consent_until
    moment = np.datetime64(naive_utc(at), "us")
    held = ~np.isnat(until) & (until >= moment)
    sectors = sectors_of(applications)
    halting = [m for m in measures if m.greatest_minor <= 0]
    halts = [measure.concerned(sectors) for measure in halting]
    always = engine_stops(engine, at)
    found = np.empty(rows, dtype=object)
    key = held.astype(np.int64)
    for flags in halts:
        key = key * 2 + flags
    for way in np.unique(key):
        inside = np.flatnonzero(key == way)
        row = int(inside[0])
        bound = (m.code for m, flags in zip(halting, halts, strict=True) if flags[row])
        codes = (*(() if held[row] else (NO_CONSENT,)), *always, *bound)
        for one in inside.tolist():
            found[one] = codes
    return found


def _records(
    applications: Applications,
    engine: Engine,
    at: datetime,
    judged: _Judged,
    offering: Offering,
) -> dict[str, Column]:
    scored, verdicts, ways = judged.scored, judged.verdicts, judged.ways
    stopped, outcome = judged.stopped, judged.outcome
    lead = _lead(scored, engine, ways, stopped)
    matter = ways.is_by_score[ways.which] & (verdicts.outcomes != REFUSE)
    _settle(outcome, lead, matter, offering)
    matter &= ~scored.flawed & np.array([not codes for codes in stopped], dtype=bool)
    known = ~scored.flawed
    place = np.where(known, scored.score - engine.lowest, 0)
    columns: dict[str, Column] = {
        "decision": names_of(applications.application, engine.hash, at),
        "application": applications.application,
        "enterprise": applications.enterprise,
        "score": np.where(known, scored.score, NO_SCORE).astype(np.int32),
        "pd": np.where(known, np.array(engine.pds)[place], np.nan),
        "grade": np.where(known, np.array(engine.grades, dtype=object)[place], ""),
        "outcome": outcome,
    }  # fmt: skip
    columns |= _points(scored, engine) | _hits(ways, engine) | offering.columns(len(outcome))
    role = SHADOW if engine.is_shadow else CHAMPION
    dealt = {"role": objects([role] * len(outcome)), "propensity": np.ones(len(outcome))}
    if engine.terms.lgd_by:
        columns[LGD_SEGMENT] = objects(segments_of(applications, engine.terms))
    return columns | _reasons(scored, engine, lead, matter) | dealt


def _lead(
    scored: Scored, engine: Engine, ways: Ways, stopped: NDArray[np.object_]
) -> NDArray[np.object_]:
    """The first reasons of each row (rows,): what stopped it or is wrong, else the policy's."""
    codes = np.empty(len(ways.codes), dtype=object)
    codes[:] = ways.codes
    lead: NDArray[np.object_] = codes[ways.which]
    barred = scored.flawed | np.array([bool(one) for one in stopped], dtype=bool)
    names = [read.name for read in engine.gate.inputs] if engine.gate else []
    for row in np.flatnonzero(barred).tolist():
        flaws = tuple(
            flaw_code(name, int(column[row]))
            for name, column in zip(names, scored.places, strict=False)
            if column[row] < 0
        )
        lead[row] = (*stopped[row], *flaws)
    return lead


def _settle(
    outcome: NDArray[np.object_],
    lead: NDArray[np.object_],
    matter: Flags,
    offering: Offering,
) -> None:
    """Enter in place what the lender offers to the rows that the policy approved."""
    approved = np.flatnonzero(outcome == APPROVE)
    outcome[approved] = REFUSE
    for row in approved.tolist():
        lead[row] = (offer_code(None, ""),)
    matter[approved] = False
    at = offering.binding_at
    known = np.array([binding not in NOT_KNOWN for binding in BINDINGS])[at]
    made = offering.terms["amount_minor"] > 0
    outcome[offering.rows] = np.where(made, APPROVE, np.where(known, DECLINE, REFUSE))
    matter[offering.rows] = np.array([binding in FACTORS_MATTER for binding in BINDINGS])[at]
    for row, place, name in zip(
        offering.rows.tolist(), at.tolist(), offering.cap_names, strict=True
    ):
        lead[row] = (offer_code(BINDINGS[place], name),)


def _points(scored: Scored, engine: Engine) -> dict[str, Column]:
    points = np.where(scored.flawed[:, None], NO_POINTS, scored.points).astype(np.int32)
    return {f"points.{name}": points[:, place] for place, name in enumerate(engine.model.names)}


def _hits(ways: Ways, engine: Engine) -> dict[str, Column]:
    """The rows of each table that took the values, as bits of a number; empty if not asked."""
    found = {}
    for place, table in enumerate(engine.policy.program.tables):
        texts = [str(hits[place]) if place < len(hits) else "" for hits in ways.hits]
        found[f"hits.{table.table.name}"] = np.array(texts, dtype=object)[ways.which]
    return found


def _reasons(
    scored: Scored, engine: Engine, lead: NDArray[np.object_], matter: Flags
) -> dict[str, Column]:
    """The reasons and changes of each row: what leads, then the factors where they matter."""
    factors, changes = _dearest_and_changes(scored, engine, matter)
    factors[~matter], changes[~matter] = "", ""
    reasons = np.full((len(lead), REASONS_MAX), "", dtype=object)
    lengths = np.fromiter((min(len(codes), REASONS_MAX) for codes in lead), np.int64, len(lead))
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        for place in range(length):
            reasons[rows, place] = [codes[place] for codes in lead[rows]]
        reasons[rows, length:] = factors[rows, : REASONS_MAX - length]
    return {name: reasons[:, place] for place, name in enumerate(REASONS)} | {
        name: changes[:, place] for place, name in enumerate(CHANGES)
    }


def _dearest_and_changes(
    scored: Scored, engine: Engine, matter: Flags
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """By row the codes of what cost most (rows, 4) and of what would change it (rows, 3)."""
    if engine.is_shadow:
        found = np.full((len(matter), REASONS_MAX), "", dtype=object)
        for row in np.flatnonzero(matter).tolist():
            codes = dearest_parts(engine.model.names, scored.points[row].tolist())
            found[row, : len(codes)] = codes
        return found, np.full((len(matter), CHANGES_MAX), "", dtype=object)
    score = np.where(scored.flawed, engine.lowest, scored.score)
    lacking = np.array(engine.lacks)[score - engine.lowest]
    return dearest_columns(engine.costs, scored.bins), steps_columns(
        engine.costs, scored.bins, lacking
    )
