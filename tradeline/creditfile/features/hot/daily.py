"""From one day's features to the next: only what can have changed is computed.

Most measures of an enterprise stay as they are until a row is added, becomes known, is superseded
or passes the edge of their window. Some age every day for everybody; they are computed for all. Of
enterprises that are one with others the lake answers anew each time.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.hot.answers import (
    answer_joined,
    blocks_for,
    moment_of,
    prepared_for,
)
from tradeline.creditfile.features.hot.compiling import compiled
from tradeline.creditfile.features.hot.files import force, only_writer
from tradeline.creditfile.features.hot.kernel import (
    State,
    Wanted,
    blank_state,
    features_of_state,
    measure_part,
    microseconds,
)
from tradeline.creditfile.features.hot.loops import first_from
from tradeline.creditfile.features.hot.moments import edges_of
from tradeline.creditfile.features.hot.needs import EMPTY, NEVER
from tradeline.creditfile.features.hot.one_pass import last_shown
from tradeline.creditfile.features.hot.prepared import Part as ContractPart
from tradeline.creditfile.features.hot.prepared import Prepared
from tradeline.creditfile.features.hot.program import Op
from tradeline.creditfile.features.hot.segments import Part
from tradeline.creditfile.features.hot.store import STANDING, HotStore
from tradeline.creditfile.features.table import Values
from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import hash_bytes
from tradeline.kernel.moments import naive_utc

Array = NDArray[Any]

STAYS, AGES, ROWS_ALONE = 1, 2, 4
"""What is wanted of a choice of rows (`one_pass.measure_rows`)."""

MONTHLY = (Op.OBSERVED_MONTHS, Op.ACTIVE_MONTHS, Op.VOLATILITY, Op.TREND)
"""What asks for the first row of an enterprise."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Features of all enterprises of a store, by number, as they stood at a moment (naive UTC).

    `values` is n by k. `state` is what the next standing follows from; `entry` is the last entry of
    the store by then. `computed` counts the enterprises of which anything was computed anew.
    """

    as_of: datetime
    features: tuple[Feature, ...]
    values: Values
    state: State
    entry: int
    computed: int


def standing_of(
    store: HotStore, as_of: datetime, features: Sequence[Feature], threads: int = 1
) -> Standing:
    """The features of all enterprises as of a moment, all of them computed."""
    prepared = prepared_for(store, features)
    state = blank_state(prepared, store.manifest.firms)
    firms = np.arange(store.manifest.firms)
    (moment,) = microseconds([as_of]).tolist()
    wants = [
        np.full((_choices(part), firms.size), STAYS | AGES, np.uint8) for part in prepared.parts
    ]
    _measure(store, prepared, state, firms, wants, moment, threads)
    return _standing(store, as_of, prepared, state, firms.size)


def next_standing(
    store: HotStore, earlier: Standing, as_of: datetime, threads: int = 1
) -> Standing:
    """The features of all enterprises as of a later moment, from those of an earlier one.

    The store is the same one, grown or not; the earlier standing is used up. InputProblem unless
    `as_of` is later.
    """
    if naive_utc(as_of) <= earlier.as_of:
        raise problem(
            "not-later",
            "as_of",
            f"{naive_utc(as_of)} is not after {earlier.as_of}, from which it is to follow.",
            "Give a later moment, or compute the features anew.",
        )
    prepared = prepared_for(store, earlier.features)
    state = _widened(earlier.state, prepared, store.manifest.firms)
    moments = microseconds([earlier.as_of, as_of])
    wants = [_wants(store, part, earlier.entry, moments) for part in prepared.parts]
    firms = np.flatnonzero(np.any([want.any(axis=0) for want in wants], axis=0))
    _measure(store, prepared, state, firms, wants, int(moments[1]), threads)
    return _standing(store, as_of, prepared, state, firms.size)


def _widened(state: State, prepared: Prepared, firms: int) -> State:
    """A state with room for those who came; the given one is used up if nobody did."""
    came = blank_state(prepared, firms - state.known.shape[1])
    if not came.known.shape[1]:
        return state
    known, found = (state.known, came.known), (state.found, came.found)
    return State(np.concatenate(known, axis=1), np.concatenate(found, axis=1))


def _standing(
    store: HotStore, as_of: datetime, prepared: Prepared, state: State, computed: int
) -> Standing:
    firms, moments = np.arange(store.manifest.firms), microseconds([as_of])
    wanted = Wanted(firms, moments, np.zeros(firms.size, np.int64))
    used = State(state.known, state.found.copy())
    values = features_of_state(used, wanted, store.begun, prepared, firms)
    # The state is of each enterprise alone: a join, a split and rows of others need no trace in it.
    places = store.places if store.spells else {}
    linked = [(places[firm], firm) for firm in store.spells if firm in places]
    answer_joined(store, linked, np.broadcast_to(moments, firms.size), prepared.features, values)
    values.setflags(write=False)
    moment, entry = naive_utc(as_of), store.manifest.entry
    return Standing(moment, prepared.features, values, state, entry, computed)


def _choices(part: ContractPart) -> int:
    """How many lines say what is wanted of a part: of each choice of rows, and of each pair."""
    return int(part.program.choices.shape[0]) + len(part.pairs)


def _wants(store: HotStore, part: ContractPart, entry: int, moments: Array) -> Array:
    """What has to be computed of each enterprise, by choice of rows and pair of a part."""
    program = part.program
    moved = _moved(store, part.contract, program.windows, entry, moments)
    wants = np.zeros((_choices(part), store.manifest.firms), np.uint8)
    choices = program.choices.shape[0]
    for choice, (window, _) in enumerate(program.choices.tolist()):
        own = program.steps[program.firsts[choice] : program.firsts[choice + 1]]
        wants[choice] = np.where(moved[window], STAYS | AGES, 0)
        if own[:, 7].any():
            wants[choice] |= AGES
    for choice in range(choices):
        own = program.steps[program.firsts[choice] : program.firsts[choice + 1]]
        for other in np.unique(own[own[:, 3] >= 0, 3]).tolist():
            # What the window before has lost, or gained, matters to both.
            wants[choice] |= np.where(moved[program.choices[other, 0]], STAYS, 0).astype(np.uint8)
            wants[other] |= np.where(wants[choice] != 0, ROWS_ALONE, 0).astype(np.uint8)
    for number, pair in enumerate(part.pairs):
        own_moved = _moved(store, part.contract, pair.windows[:1], entry, moments)[0]
        beside = _moved(store, pair.other, pair.windows[1:], entry, moments)[0]
        wants[choices + number] = own_moved | beside
    return wants


def _moved(store: HotStore, contract: str, windows: Array, entry: int, moments: Array) -> Array:
    """Whether any row that a window has or had is new, or passed its edge: windows by firms."""
    _, edges = edges_of(windows, moments)
    moved = np.zeros((windows.shape[0], store.manifest.firms), np.uint8)
    for segment in store.segments:
        rows = segment.block.rows[contract]
        if segment.record.entry > entry:
            moved[:, segment.members] = 1
        elif rows.occurred.size:
            mark_moved(rows.clocks[:4], rows.latest, segment.members, moments, edges, moved)
    return moved


@compiled
def mark_moved(
    clocks: tuple[Array, Array, Array, Array],
    latest: Array,
    members: Array,
    moments: Array,
    edges: Array,
    moved: Array,
) -> None:
    """Mark the windows of enterprises that see other rows at the second moment than at the first.

    `clocks`: offsets, occurred, recorded, superseded. `members` numbers the enterprises of the
    rows in `moved`. `edges` are those of windows at both moments.
    """
    offsets, occurred, recorded, superseded = clocks
    since, until = moments[0], moments[1]
    for firm in range(members.size):
        first, last = offsets[firm], offsets[firm + 1]
        if first == last:
            continue
        if latest[firm] > since and any_turned(
            occurred, recorded, superseded, first, last, since, until
        ):
            moved[:, members[firm]] = 1
            continue
        end = first_from(occurred, first, last, until + 1)
        for w in range(edges.shape[1]):
            if any_between(occurred, first, end, edges[0, w, 0], edges[1, w, 0]) or any_between(
                occurred, first, end, edges[0, w, 1], edges[1, w, 1]
            ):
                moved[w, members[firm]] = 1


@compiled
def any_turned(
    occurred: Array,
    recorded: Array,
    superseded: Array,
    first: int,
    last: int,
    since: int,
    until: int,
) -> bool:
    """Whether any row came to be seen, or to be superseded, after one moment and by another."""
    for row in range(first, last):
        if since < max(occurred[row], recorded[row]) <= until:
            return True
        if superseded.size > 0 and since < superseded[row] <= until:
            return True
    return False


@compiled
def any_between(occurred: Array, first: int, end: int, before: int, after: int) -> bool:
    """Whether any row occurred from one moment on and before another."""
    if before == after:
        return False
    place = first_from(occurred, first, end, before)
    return place < end and occurred[place] < after


def _measure(
    store: HotStore,
    prepared: Prepared,
    state: State,
    firms: Array,
    wants: Sequence[Array],
    moment: int,
    threads: int,
) -> None:
    """Compute what is wanted of enterprises, and put it into the state."""
    since, contracts = _since(prepared, moment), [part.contract for part in prepared.parts]

    def fill(part: Part) -> None:
        mine = firms[np.searchsorted(firms, part.first) : np.searchsorted(firms, part.last)]
        for which, block, places in blocks_for(store, part, mine, since):
            numbers = mine[which]
            wanted = Wanted(places, np.array([moment]), np.zeros(which.size, np.int64))
            known, found = (np.take(side, numbers, 1) for side in (state.known, state.found))
            for number, contract in enumerate(contracts):
                known[number] = _known(store, part, contract, numbers, moment)
                own = np.take(wants[number], numbers, 1)
                measure_part(block, wanted, prepared, number, State(known, found), own)
            state.known[:, numbers], state.found[:, numbers] = known, found

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, store.parts))


def _since(prepared: Prepared, moment: int) -> int:
    """From when on rows matter to any window; EMPTY where all rows may."""
    found = NEVER
    for part in prepared.parts:
        _, edges = edges_of(part.program.windows, np.array([moment]))
        monthly = np.isin(part.program.steps[:, 0], [int(op) for op in MONTHLY]).any()
        if part.pairs or monthly:
            return EMPTY
        found = min(found, int(edges[0, :, 0].min(initial=NEVER)))
    return found


def _known(store: HotStore, part: Part, contract: str, numbers: Array, moment: int) -> Array:
    """Whether any row of each enterprise of a part is seen at a moment."""
    known = np.zeros(numbers.size, np.uint8)
    for segment in (part.base, *store.small):
        rows = segment.block.rows[contract] if segment else None
        if segment and rows and rows.occurred.size:
            see(rows.clocks[:4], segment.places_of(numbers), moment, known)
    return known


@compiled
def see(clocks: tuple[Array, Array, Array, Array], places: Array, as_of: int, known: Array) -> None:
    """Mark the enterprises of which any row is seen at a moment."""
    offsets, occurred, recorded, superseded = clocks
    for a in range(places.size):
        if places[a] >= 0 and known[a] == 0:
            first = offsets[places[a]]
            end = first_from(occurred, first, offsets[places[a] + 1], as_of + 1)
            known[a] = last_shown(recorded, superseded, first, end, as_of) >= first


def stand(
    store: HotStore, as_of: datetime, features: Sequence[Feature], threads: int = 1
) -> Standing:
    """The features of all enterprises as of a moment, from the standing that the store keeps.

    It is kept for the next time. Without one of these features and an earlier moment, all are
    computed.
    """
    kept = kept_standing(store, features)
    if kept and kept.as_of < naive_utc(as_of):
        found = next_standing(store, kept, as_of, threads)
    else:
        found = standing_of(store, as_of, features, threads)
    keep_standing(store, found)
    return found


def keep_standing(store: HotStore, standing: Standing) -> None:
    """Keep a standing with its store, in the place of one that is there."""
    aside = store.root / f"{STANDING}.new"
    moment = microseconds([standing.as_of])
    with only_writer(store.root):
        with aside.open("wb") as stream:
            np.savez(
                stream,
                whose=np.array(_whose(store, standing.features)),
                moment=moment,
                entry=np.array([standing.entry]),
                known=standing.state.known,
                found=standing.state.found,
            )
        force(aside)
        aside.replace(store.root / STANDING)


def kept_standing(store: HotStore, features: Sequence[Feature]) -> Standing | None:
    """The standing that a store keeps; None if there is none of these features that can be read."""
    try:
        with np.load(store.root / STANDING, allow_pickle=False) as kept:
            if str(kept["whose"]) != _whose(store, features):
                return None
            entry, (moment,) = int(kept["entry"][0]), kept["moment"].tolist()
            state = State(kept["known"], kept["found"])
    except (OSError, ValueError, KeyError):
        return None
    if entry > store.manifest.entry:
        return None
    return Standing(moment_of(moment), tuple(features), np.empty((0, 0)), state, entry, 0)


def _whose(store: HotStore, features: Sequence[Feature]) -> str:
    """What a standing has to be of: these features, over columns in this order."""
    return hash_bytes(repr((store.manifest.needs, tuple(features))).encode())
