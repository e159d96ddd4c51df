"""A policy goes its way step by step, and who is in force is known for every moment."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.risk.policy.policies import EXAMPLE
from tradeline.kernel.findings import InputProblem
from tradeline.risk.policy.declaration import Declaration
from tradeline.risk.policy.life import Life, State, Step, Version, require_possible
from tradeline.risk.policy.reading import declaration_of, read_declaration
from tradeline.risk.policy.registry import advance, read_registry, text_path, version_of
from tradeline.risk.policy.routing import lot, route, routed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A = Version("p", "A", "sha256:aa", date(2026, 1, 1), None, 1)
B = Version("p", "B", "sha256:bb", date(2026, 1, 1), None, 1)
C = Version("p", "C", "sha256:cc", date(2026, 1, 1), None, 1)
PATH = (State.DRAFT, State.CHECKED, State.SHADOW)


def days(number: float) -> datetime:
    return NOON + timedelta(days=number)


def lived(*steps: tuple[Version, State] | Step) -> Life:
    """A life of steps, one a day, each of which may be taken."""
    life = Life("p")
    for number, item in enumerate(steps):
        step = item if isinstance(item, Step) else Step(*item, "Li", "so", days(number))
        require_possible(life, step)
        life = Life("p", (*life.steps, step))
    return life


def through(version: Version, *states: State) -> list[tuple[Version, State]]:
    return [(version, state) for state in (*PATH, *states)]


def challenger(version: Version, share: float, day: float, experiment: str = "spring") -> Step:
    return Step(version, State.CHALLENGER, "Li", "try", days(day), share, experiment)


def refusal(life: Life, step: Step) -> str:
    with pytest.raises(InputProblem) as refused:
        require_possible(life, step)
    (finding,) = refused.value.findings
    return finding.line()


def test_a_policy_goes_from_draft_to_retirement() -> None:
    life = lived(*through(A, State.LIVE, State.RETIRED))
    assert life.state_of(A.hash) is State.RETIRED
    in_force = [life.standing(days(n)) for n in range(5)]
    assert [standing.champion if standing else None for standing in in_force] == [
        None, None, None, A, None,
    ]  # fmt: skip
    assert lived().standing(NOON) is None


def test_the_last_that_went_live_and_is_valid_is_in_force() -> None:
    future = Version("p", "B", "sha256:bb", date(2026, 4, 1), date(2026, 5, 1), 1)
    life = lived(*through(A, State.LIVE), *through(future, State.LIVE))
    champions = [life.standing(datetime(2026, month, 15, tzinfo=UTC)) for month in (3, 4, 5)]
    assert [found and found.champion for found in champions] == [A, future, A]
    assert life.standing(days(2.5)) is None
    # A day begins where it begins in UTC.
    east = datetime.fromisoformat("2026-04-01T07:59:00+08:00")
    assert (found := life.standing(east)) is not None
    assert found.champion == A


def test_retiring_the_newest_brings_back_the_one_before_and_a_retired_one_may_return() -> None:
    life = lived(*through(A, State.LIVE), *through(B, State.LIVE, State.RETIRED))
    assert (found := life.standing(days(99))) is not None
    assert found.champion == A
    again = lived(*through(A, State.LIVE, State.RETIRED), (A, State.LIVE))
    assert again.state_of(A.hash) is State.LIVE


@pytest.mark.parametrize(
    ("steps", "to", "message"),
    [
        ([], State.LIVE, "p A is not known here, so it cannot become live. It may become draft."),
        ([(A, State.DRAFT)], State.SHADOW,
         "p A is draft, so it cannot become shadow. It may become checked or retired."),
        ([(A, State.DRAFT), (A, State.CHECKED)], State.LIVE,
         "p A is checked, so it cannot become live. It may become shadow or retired."),
        (through(A), State.DRAFT, "p A is shadow, so it cannot become draft. It may become "
         "challenger or live or retired."),
        (through(A, State.LIVE), State.SHADOW,
         "p A is live, so it cannot become shadow. It may become retired."),
        ([(A, State.DRAFT), (A, State.RETIRED)], State.LIVE,
         "p A is retired, so it cannot become live. Give it a new version."),
        (through(A, State.LIVE, State.RETIRED), State.SHADOW,
         "p A is retired, so it cannot become shadow. It may become live."),
    ],
)  # fmt: skip
def test_a_step_that_may_not_follow_is_refused(
    steps: list[tuple[Version, State]], to: State, message: str
) -> None:
    step = Step(A, to, "Li", "so", days(50))
    assert refusal(lived(*steps), step) == f"error: --to: {message}"


def test_a_step_names_a_person_a_reason_and_a_moment_that_follows() -> None:
    life = lived((A, State.DRAFT), (A, State.CHECKED))
    nobody = Step(A, State.SHADOW, " ", "so", days(9))
    assert refusal(life, nobody) == (
        "error: --who: Nothing is said. A step names a person and a reason."
    )
    assert refusal(life, Step(A, State.SHADOW, "Li", "", days(9))) == (
        "error: --why: Nothing is said. A step names a person and a reason."
    )
    assert refusal(life, Step(A, State.SHADOW, "Li", "so", days(0.5))) == (
        "error: --at: 2026-03-02T00:00:00+00:00 lies before the last step, "
        "2026-03-02T12:00:00+00:00. The log only grows."
    )
    naive = days(9).replace(tzinfo=None)
    assert refusal(life, Step(A, State.SHADOW, "Li", "so", naive)) == (
        "error: --at: 2026-03-10T12:00:00 names no time zone. Write it like 2026-03-01T09:00:00Z."
    )
    other = Version("p", "A", "sha256:ee", date(2026, 1, 1), None, 1)
    assert refusal(life, Step(other, State.DRAFT, "Li", "so", days(9))) == (
        "error: POLICY: Another text is known as p A. Give this one a `version` of its own."
    )


def test_two_persons_must_say_that_it_goes_live() -> None:
    two = Version("p", "A", "sha256:aa", date(2026, 1, 1), None, 2)
    life = lived(*through(two), Step(two, State.LIVE, "Li", "so", days(3)))
    assert life.standing(days(3)) is None
    assert life.state_of(two.hash) is State.SHADOW
    assert life.asked_by(two.hash) == ("Li",)
    assert refusal(life, Step(two, State.LIVE, "Li", "again", days(4))) == (
        "error: --who: Li has said so already. p A needs 2 persons to go live: another one must "
        "say so."
    )
    both = lived(*life.steps, Step(two, State.LIVE, "Wang", "so", days(5)))
    assert both.standing(days(4.9)) is None
    assert (found := both.standing(days(5))) is not None
    assert found.champion == two


def test_asking_is_forgotten_once_the_version_goes_another_way() -> None:
    two = Version("p", "A", "sha256:aa", date(2026, 1, 1), None, 2)
    life = lived(*through(two), Step(two, State.LIVE, "Li", "so", days(3)), challenger(two, 0.1, 4))
    assert life.asked_by(two.hash) == ()
    after = lived(*life.steps, Step(two, State.LIVE, "Wang", "so", days(5)))
    assert after.standing(days(5)) is None


def test_a_new_version_cannot_do_away_with_the_second_person() -> None:
    two = Version("p", "A", "sha256:aa", date(2026, 1, 1), None, 2)
    life = lived(
        *through(two),
        Step(two, State.LIVE, "Li", "so", days(3)),
        Step(two, State.LIVE, "Wang", "so", days(4)),
        *(Step(B, state, "Li", "so", days(5)) for state in (*PATH, State.LIVE)),
    )
    assert (found := life.standing(days(6))) is not None
    assert found.champion == two


def test_a_version_whose_days_are_over_does_not_go_live() -> None:
    over = Version("p", "A", "sha256:aa", date(2026, 1, 1), date(2026, 3, 2), 1)
    life = lived(*((over, state) for state in PATH[:1]),
                 *(Step(over, state, "Li", "so", days(0.1)) for state in PATH[1:]))  # fmt: skip
    assert refusal(life, Step(over, State.LIVE, "Li", "so", days(1))) == (
        "error: --to: p A was valid until 2026-03-02. Give it another `valid_to`."
    )


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (challenger(B, 0, 9), "--share: 0 is no share of a challenger. Write one above 0 and up to "
                              "0.5, such as 0.1."),
        (challenger(B, 0.6, 9), "--share: 0.6 is no share of a challenger. Write one above 0 and "
                                "up to 0.5, such as 0.1."),
        (challenger(B, 0.1, 9, ""), "--experiment: A challenger belongs to an experiment. Name "
                                    "it."),
        (challenger(B, 0.1, 9, "autumn"), "--experiment: The experiment spring is under way. "
                                          "Challengers that run together share one experiment."),
        (challenger(B, 0.3, 9), "--share: All challengers would have 0.6 together. Leave the "
                                "champion at least 0.5."),
        (Step(B, State.LIVE, "Li", "so", days(9), 0.1), "--share: Only a challenger has a share "
         "and an experiment. Leave --share and --experiment out."),
    ],
)  # fmt: skip
def test_a_challenger_has_a_share_that_leaves_the_champion_its_half(
    step: Step, message: str
) -> None:
    life = lived(
        *through(A, State.LIVE),
        *(Step(C, state, "Li", "so", days(4)) for state in PATH),
        challenger(C, 0.3, 5),
        *(Step(B, state, "Li", "so", days(6)) for state in PATH),
    )
    assert refusal(life, step) == f"error: {message}"


def experiment() -> Life:
    return lived(
        *through(A, State.LIVE),
        *(Step(version, state, "Li", "so", days(4)) for version in (B, C) for state in PATH),
        challenger(B, 0.2, 5),
        challenger(C, 0.1, 6),
    )


def test_each_version_decides_on_its_share_and_the_propensity_says_so() -> None:
    life = experiment()
    standing = life.standing(days(7))
    assert standing is not None
    routes = [routed(f"ent_{n}", standing) for n in range(20_000)]
    for version, role, share in ((A, "champion", 0.7), (B, "challenger", 0.2),
                                 (C, "challenger", 0.1)):  # fmt: skip
        own = [found for found in routes if found.version == version]
        assert {(found.role, found.experiment) for found in own} == {(role, "spring")}
        assert {round(found.propensity, 12) for found in own} == {share}
        # Within five standard deviations of a fair draw.
        assert abs(len(own) - 20_000 * share) < 5 * (20_000 * share * (1 - share)) ** 0.5
    weights = sum(1 / found.propensity for found in routes if found.version == C)
    assert weights == pytest.approx(20_000, rel=0.1)


def test_an_enterprise_stays_where_it_was_dealt_and_nobody_moves_without_need() -> None:
    life = experiment()
    before = [route(f"ent_{n}", life, days(5.5)) for n in range(2000)]
    after = [route(f"ent_{n}", life, days(7)) for n in range(2000)]
    again = [route(f"ent_{n}", life, days(70)) for n in range(2000)]
    assert after == again
    for old, new in zip(before, after, strict=True):
        assert old is not None
        assert new is not None
        assert new.version in (old.version, C)
    assert route("ent_1", life, days(3.5)) is not None
    assert route("ent_1", Life("p"), NOON) is None


def test_the_lot_is_the_same_on_every_machine_and_differs_by_experiment() -> None:
    assert lot("ent_1", "spring") == 0.3163696930693344
    assert lot("ent_1", "autumn") != lot("ent_1", "spring")
    drawn = [lot(f"ent_{n}", "spring") for n in range(5000)]
    assert all(0 <= value < 1 for value in drawn)
    assert sum(drawn) / 5000 == pytest.approx(0.5, abs=0.02)


def test_shadows_are_named_and_decide_nothing() -> None:
    life = lived(*through(A, State.LIVE), *through(B))
    assert (standing := life.standing(days(20))) is not None
    assert standing.shadows == (B,)
    assert {routed(f"ent_{n}", standing).version for n in range(200)} == {A}
    assert routed("ent_1", standing).propensity == 1.0


def taken(folder: Path, declaration: Declaration, *steps: tuple[State, str]) -> None:
    for number, (state, who) in enumerate(steps):
        advance(folder, declaration,
                Step(version_of(declaration), state, who, "so", days(number)))  # fmt: skip


ALL = ((State.DRAFT, "Li"), (State.CHECKED, "Li"), (State.SHADOW, "Li"), (State.LIVE, "Li"),
       (State.LIVE, "Wang"))  # fmt: skip


def test_a_registry_keeps_the_steps_and_the_texts(tmp_path: Path) -> None:
    declaration = read_declaration(EXAMPLE)
    taken(tmp_path, declaration, *ALL)
    registry = read_registry(tmp_path)
    standing = registry.life("small_business").standing(days(9))
    assert standing is not None
    policy = registry.policy(standing.champion)
    assert policy.declaration == declaration
    assert [step.who for step in registry.life("small_business").steps][-2:] == ["Li", "Wang"]


def test_a_refused_step_leaves_the_registry_as_it_was(tmp_path: Path) -> None:
    declaration = read_declaration(EXAMPLE)
    taken(tmp_path, declaration, *ALL[:2])
    before = (tmp_path / "life.jsonl").read_bytes()
    with pytest.raises(InputProblem):
        taken(tmp_path, declaration, (State.LIVE, "Li"))
    assert (tmp_path / "life.jsonl").read_bytes() == before
    with pytest.raises(InputProblem):
        taken(tmp_path / "none", declaration, (State.LIVE, "Li"))
    assert not (tmp_path / "none").exists()


def test_a_draft_may_have_gaps_and_does_not_pass_the_check(tmp_path: Path) -> None:
    content: dict[str, Any] = {
        "policy": "p", "version": "1", "valid_from": date(2026, 1, 1),
        "inputs": {"n": {"type": "integer", "unit": "1", "range": "[0, 9]"}},
        "tables": [{"table": "t", "hit": "UNIQUE", "rows": [
            {"id": "R", "when": {"n": "< 5"}, "then": {"outcome": "refer"}, "why": "so"}]}],
    }  # fmt: skip
    declaration = declaration_of(content, "p.yaml")
    taken(tmp_path, declaration, (State.DRAFT, "Li"))
    with pytest.raises(InputProblem) as refused:
        taken(tmp_path, declaration, (State.CHECKED, "Li"))
    assert str(refused.value).startswith("error: p 1: table t: no row takes n in [5, 9]")


def test_a_registry_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    declaration = read_declaration(EXAMPLE)
    taken(tmp_path, declaration, *ALL)
    log = tmp_path / "life.jsonl"
    log.write_text(log.read_text("utf-8").replace('"who":"Wang"', '"who":"Zhao"'), "utf-8")
    with pytest.raises(InputProblem) as refused:
        read_registry(tmp_path)
    assert str(refused.value) == (
        "error: life.jsonl: Line 5 was altered: it does not have the hash it states. Bring the "
        "registry back from a copy; what stands before this line is sound."
    )


def test_a_text_that_is_gone_or_another_is_refused(tmp_path: Path) -> None:
    declaration = read_declaration(EXAMPLE)
    taken(tmp_path, declaration, *ALL)
    registry, version = read_registry(tmp_path), version_of(declaration)
    path = text_path(tmp_path, version.hash)
    path.write_text(path.read_text("utf-8").replace("rate_floor: 0.045", "rate_floor: 0.040"))
    with pytest.raises(InputProblem) as refused:
        registry.policy(version)
    assert "The text is not that of the version: its hash does not fit." in str(refused.value)
    path.unlink()
    with pytest.raises(InputProblem) as refused:
        registry.policy(version)
    assert "The text of this version is gone." in str(refused.value)
    with pytest.raises(InputProblem) as refused:
        read_registry(tmp_path / "nowhere")
    assert str(refused.value) == (
        f"error: {tmp_path / 'nowhere'}: There is no registry of policies. `tradeline policy "
        "advance` begins one."
    )
