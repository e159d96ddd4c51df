"""Applications of one client in one batch count for each other, and replay without each other."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.decisions.made import AT, engine, sound
from tests.risk.decisions.test_exploring import exploring, life
from tradeline.lake.columns import differing, objects, row_of
from tradeline.risk.decisions.application import Application, Applications, as_columns
from tradeline.risk.decisions.batch import Dealing
from tradeline.risk.decisions.connected_exposure import Groups, client_of, groups_of
from tradeline.risk.decisions.dealing import deal
from tradeline.risk.decisions.deciding import decide
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.log import append
from tradeline.risk.decisions.record import decision_columns
from tradeline.risk.decisions.replay import Replayed, replay
from tradeline.risk.decisions.seen import seen_columns
from tradeline.risk.decisions.together import (
    GRANTED,
    Decided,
    decide_together,
    queue_of,
    with_grants,
)
from tradeline.risk.policy.life import State
from tradeline.risk.policy.registry import version_of

GROUPS = groups_of([("ent_0", "ent_1"), ("ent_1", "ent_2"), ("ent_5", "ent_6")])
HOURS = st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=40, max_size=40)


def asked(seed: int, count: int = 40, firms: int = 25) -> list[Application]:
    """Applications of few firms, some of which owe something and some nobody knows what."""
    generator = np.random.default_rng(seed)
    made = [sound(generator, number) for number in range(count)]
    places = generator.integers(0, firms, count)
    owed = generator.choice(objects([0, 5_000_000, None]), count, p=[0.6, 0.3, 0.1])
    return [
        replace(one, enterprise=f"ent_{place}", values={**one.values, "exposure_minor": minor})
        for one, place, minor in zip(made, places, owed, strict=True)
    ]


def moments(hours: list[int | None]) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return np.array(
        [None if one is None else f"2026-06-29T{one:02d}" for one in hours], dtype="datetime64[us]"
    )


def together(
    applications: Applications, hours: list[int | None], made: Engine, groups: Groups = GROUPS
) -> Decided:
    queue = queue_of(applications, moments(hours), groups)
    return decide_together(applications, made, AT, (), Dealing(), queue)


def one_after_another(
    applications: list[Application], hours: list[int | None]
) -> dict[str, tuple[str, int, object]]:
    """Outcome, amount and exposure seen, by a plain loop over single decisions."""
    granted: dict[str, int] = {}
    found: dict[str, tuple[str, int, object]] = {}
    order = sorted(range(len(applications)), key=lambda row: (
        99 if hours[row] is None else hours[row], applications[row].application))  # fmt: skip
    for row in order:
        one = applications[row]
        client = client_of(one.enterprise, GROUPS)
        owed = one.values["exposure_minor"]
        seen = None if owed is None else owed + granted.get(client, 0)  # type: ignore[operator]
        made = decide(replace(one, values={**one.values, "exposure_minor": seen}), engine(), AT)
        granted[client] = granted.get(client, 0) + made.offered.amount_minor
        found[one.application] = (str(made.outcome), made.offered.amount_minor, seen)
    return found


@given(st.integers(0, 10**6), HOURS)
@settings(max_examples=10)
def test_they_are_decided_as_if_each_had_come_alone(seed: int, hours: list[int | None]) -> None:
    applications = asked(seed)
    decided = together(as_columns(applications), hours, engine())
    records, seen = decided.records, decided.applications
    told = zip(records["application"], records["outcome"], records["amount_minor"],
               seen.values["exposure_minor"], strict=True)  # fmt: skip
    assert {name: rest for name, *rest in told} == {
        name: list(rest) for name, rest in one_after_another(applications, hours).items()
    }


def test_the_order_of_the_file_decides_nothing() -> None:
    applications, hours = asked(4), [place % 5 for place in range(40)]
    forth = together(as_columns(applications), [*hours], engine())
    back = together(as_columns(applications[::-1]), [*hours[::-1]], engine())
    by_name = [np.argsort(one.records["application"]) for one in (forth, back)]
    for name in ("decision", "outcome", "amount_minor", "reason_1"):
        one, other = (
            part.records[name][rows].tolist()
            for part, rows in zip((forth, back), by_name, strict=True)
        )
        assert one == other


def test_a_client_is_lent_no_more_than_its_cap() -> None:
    applications = [
        replace(one, values={**one.values, "requested_minor": 400_000_00, "exposure_minor": 0})
        for one in asked(7, 400, 12)
    ]
    decided = together(as_columns(applications), [None] * 400, engine())
    lent: dict[str, int] = {}
    rows = zip(decided.records["enterprise"], decided.records["amount_minor"], strict=True)
    for name, minor in rows:
        lent[client_of(name, GROUPS)] = lent.get(client_of(name, GROUPS), 0) + int(minor)
    cap = engine().terms.single_name_minor
    assert max(lent.values()) <= cap
    assert max(lent.values()) > cap * 0.9
    reasons = decided.records["reason_1"].tolist()
    assert reasons.count("offer:single name") > 20


@pytest.mark.parametrize("made", [engine, exploring])
def test_a_record_replays_alone_and_in_its_batch(
    tmp_path: Path, made: Callable[[], Engine]
) -> None:
    by = made()
    decided = together(as_columns(asked(9, 300, 60)), [None] * 300, by)
    seen = decided.applications
    entry = append(tmp_path / "log", decided.records | seen_columns(seen), by.hash, by.files, AT)
    assert replay(tmp_path / "log", entry, by) == Replayed(300, ())
    alone = [
        decide(Application(seen.application[row], seen.enterprise[row],
                           seen.consent_until[row].item().replace(tzinfo=AT.tzinfo),
                           row_of(seen.values, row), row_of(seen.ages_days, row)), by, AT)
        for row in np.flatnonzero(decided.records["propensity"] == 1).tolist()
    ]  # fmt: skip
    kept = decided.records["propensity"] == 1
    logged = {name: column[kept] for name, column in decided.records.items()}
    assert not differing(decision_columns(alone, by), logged)
    granted = [text for text in seen.values[GRANTED].tolist() if text]
    assert granted
    assert all(minor > 0 for text in granted for minor in json.loads(text).values())


def test_who_applies_once_is_seen_as_it_came() -> None:
    applications = as_columns([sound(np.random.default_rng(1), number) for number in range(20)])
    decided = together(applications, [None] * 20, engine())
    assert decided.applications is applications
    assert decided.grants == {}


def test_nobody_named_is_nobody_else() -> None:
    two = as_columns([replace(one, enterprise="") for one in asked(1, 2)])
    assert queue_of(two, moments([None, None]), GROUPS) == {}


@pytest.mark.parametrize("owed", [None, float("nan"), "many", -5, True, 0.5])
def test_what_is_no_amount_stays_none(owed: object) -> None:
    one = replace(asked(1, 1)[0], values={"exposure_minor": owed})
    seen = with_grants(as_columns([one]), {one.application: {"app_9": 7}})
    assert repr(seen.values["exposure_minor"][0]) == repr(owed)
    assert seen.values[GRANTED].tolist() == ['{"app_9":7}']


def test_a_whole_float_and_a_column_of_integers_are_added_to() -> None:
    one = asked(1, 1)[0]
    for column in (objects([5.0]), np.array([5]), np.array([5.0])):
        seen = replace(as_columns([one]), values={"exposure_minor": column})
        assert with_grants(seen, {one.application: {"a": 2, "b": 3}}).values[
            "exposure_minor"].tolist() == [10]  # fmt: skip


def test_one_version_decides_on_all_of_a_client() -> None:
    stood = life(
        (engine(), State.LIVE, 0.0), (engine(), State.LIVE, 0.0),
        (exploring(), State.CHALLENGER, 0.5),
    )  # fmt: skip
    engines = {version_of(one.policy.declaration).hash: one for one in (engine(), exploring())}
    firms = [f"ent_{place}" for place in range(60)]
    groups = groups_of([(firms[place], firms[place + 1]) for place in range(0, 60, 2)])
    generator = np.random.default_rng(2)
    applications = as_columns(
        [replace(sound(generator, n), enterprise=firms[n]) for n in range(60)]
    )
    parts = deal(applications, stood, AT, lambda version: engines[version.hash], groups)
    dealt = [{client_of(one, groups) for one in part.applications.enterprise} for part in parts]
    assert len(dealt) == 2
    assert not dealt[0] & dealt[1]
