"""Judgements by hand: what they change, and what is refused in which words."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

import pytest

from tests.creditfile.linkage.registers import REASON, firms_lake, link, say
from tests.lake.lakes import day, land_orders
from tests.lake.persons import forget
from tests.lake.persons import tell as tell_persons
from tradeline.creditfile.linkage.entities import entities_of, members_of
from tradeline.creditfile.linkage.judgements import Judgement, join, judge, split
from tradeline.creditfile.linkage.links import JUDGED, Link, read_links, tell_links
from tradeline.kernel.findings import InputProblem
from tradeline.lake.store import open_lake
from tradeline.lake.verification import verify

WHO = "A. Reviewer"
NUMBERS = (
    {"enterprise": "E1", "registration_no": "R1", "legal_form": "limited_company"},
    {"enterprise": "E2", "registration_no": "R2", "legal_form": "limited_company"},
    {"enterprise": "E3", "registration_no": "R1", "legal_form": "limited_company"},
)


@cache
def prepared() -> Path:
    """E1 = E2 by hand, E3 = E4 by a program, E3 erased; E1 and E3 of one number, E2 of another."""
    root = firms_lake(Path(mkdtemp()), ("E1", "E2", "E3", "E4", "E5"))
    tell_persons(root, "registry", registrations=NUMBERS)
    say(root, [link("E3", "E4")], 1)
    join(root, "E1", "E2", WHO, REASON, day(5))
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of that lake, with its keys beside it."""
    for path in prepared().parent.glob("lake.key*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
        (tmp_path / path.name).chmod(0o600)
    return copytree(prepared(), tmp_path / "lake")


def joined(root: Path, one: str, other: str, on: int = 10, reason: str = REASON) -> Judgement:
    return join(root, one, other, WHO, reason, day(on))


def parted(root: Path, one: str, other: str, on: int = 10) -> Judgement:
    return split(root, one, other, WHO, "two owners", day(on))


def test_a_join_and_its_undoing_hold_from_then_on_and_the_past_stays(root: Path) -> None:
    done = parted(root, "E2", "E1", on=9)
    assert (done.before, done.after) == ((("E1", "E2"),), (("E1",), ("E2",)))
    lake = open_lake(root)
    known = {on: members_of(lake, "E1", day(on)) for on in (4, 5, 8, 9, 20)}
    assert known == {4: ("E1",), 5: ("E1", "E2"), 8: ("E1", "E2"), 9: ("E1",), 20: ("E1",)}
    (last,) = read_links(lake, day(20), "E1")
    assert last == Link("E1", "E2", "different", 0.0, "two owners", WHO)
    assert joined(root, "E1", "E2", on=11).after == (("E1", "E2"),)
    assert verify(root, lambda _: None).bad is None


def test_a_person_outranks_what_a_program_says_later(root: Path) -> None:
    say(root, [link("E1", "E2", "namesake", 0.1)], 30)
    assert members_of(open_lake(root), "E2", day(40)) == ("E1", "E2")


def test_a_judgement_holds_others_apart_through_the_weakest_link(root: Path) -> None:
    say(root, [link("E2", "E5", probability=0.91), link("E4", "E5", probability=0.97)], 6)
    assert members_of(open_lake(root), "E1", day(7)) == ("E1", "E2", "E3", "E4", "E5")
    done = parted(root, "E1", "E5")
    assert done.after == (("E1", "E2"), ("E3", "E4", "E5"))


def test_other_numbers_and_registries_at_odds_are_said(root: Path) -> None:
    (other,) = joined(root, "E1", "E4", reason="one owner").findings or [None]
    assert other is None
    parted(root, "E1", "E2", on=11)
    (warned,) = joined(root, "E1", "E2", on=12).findings
    assert warned.line() == (
        "warning: E1 and E2: They are registered under R1 and R2. An enterprise that was "
        "registered anew has both numbers; others are two."
    )
    (noted,) = joined(root, "E1", "E3", on=13).findings
    assert noted.line() == (
        "note: E1 and E3: Two sources give the number R1 to enterprises of different names. "
        "Ask which registry is right, and have the other mended."
    )


def test_an_enterprise_that_only_trade_tells_of_can_be_joined(root: Path) -> None:
    land_orders(root, [("S9", "1", 5, 0, 0)])
    assert joined(root, "S9", "E5").after == (("E5", "S9"),)


def contradicted(root: Path) -> Judgement:
    joined(root, "E2", "E4", on=6)
    return parted(root, "E1", "E4")


def going_in_circles(root: Path) -> Judgement:
    joined(root, "E2", "E4", on=6)
    joined(root, "E1", "E4", on=7)
    return parted(root, "E1", "E2")


def joined_across_a_split(root: Path) -> Judgement:
    joined(root, "E2", "E4", on=6)
    joined(root, "E2", "E5", on=7)
    tell_links(root, [Link("E4", "E5", "undecided", 0.5, "?", WHO)], day(8), JUDGED)
    parted(root, "E1", "E3", on=9)
    return joined(root, "E3", "E5")


def erased(root: Path) -> Judgement:
    forget(root, "E3", at=6)
    return joined(root, "E1", "E3")


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "an enterprise with itself": (
        lambda root: joined(root, "E1", "E1"),
        "error: E1: An enterprise is always one with itself. Name two enterprises, as their "
        "sources name them.",
    ),
    "an enterprise without any source": (
        lambda root: joined(root, "E1", "E9"),
        "error: E9: No source told of this enterprise by then. Write the id under which a source "
        "names it.",
    ),
    "an enterprise that was not known yet": (
        lambda root: judge(root, ("E1", "E2"), "same", WHO, REASON, day(-1)),
        "error: E1: No source told of this enterprise by then. Write the id under which a source "
        "names it.",
    ),
    "an erased enterprise": (
        erased,
        "error: E3: What named this enterprise is erased, so nobody can judge who it is. Leave "
        "its links as they are.",
    ),
    "no reason": (
        lambda root: joined(root, "E1", "E4", reason=" "),
        "error: --reason: Whoever asks later must find why it was judged so; this is no reason. "
        "Write one line of up to 500 characters.",
    ),
    "a reason of two lines": (
        lambda root: joined(root, "E1", "E4", reason="one\ntwo"),
        "error: --reason: Whoever asks later must find why it was judged so; this is no reason. "
        "Write one line of up to 500 characters.",
    ),
    "a reason that names": (
        lambda root: joined(root, "E1", "E4", reason="firm E4 told us"),
        "error: --reason: The reason holds the name of E4, and the lake keeps it for ever. "
        "Write it with ids in the place of names.",
    ),
    "nobody who judges": (
        lambda root: join(root, "E1", "E4", " ", REASON, day(10)),
        "error: --by: A judgement is somebody's; this names nobody. Write who judges, in up to 200 "
        "characters.",
    ),
    "an unknown relation": (
        lambda root: judge(root, ("E1", "E4"), "cousin", WHO, REASON, day(10)),
        "error: cousin: Two enterprises cannot be this to each other. Use one of: same, "
        "affiliated, namesake, different, undecided.",
    ),
    "a split into the same": (
        lambda root: split(root, "E1", "E2", WHO, REASON, day(10), relation="same"),
        "error: same: A split says what two enterprises are that are not one. Use one of: "
        "affiliated, namesake, different.",
    ),
    "a split of what was never joined": (
        lambda root: parted(root, "E1", "E4"),
        "error: E1 and E4: Nothing joins these two, and no link speaks of them. `tradeline "
        "enterprise links LAKE ENTERPRISE` shows what an enterprise is linked with.",
    ),
    "what is judged already": (
        lambda root: joined(root, "E2", "E1"),
        "error: E1 and E2: They are judged to be same already, since 2024-01-06 00:00:00. Nothing "
        "needs to be done; judge otherwise if it is wrong.",
    ),
    "a clock that runs behind": (
        lambda root: parted(root, "E1", "E2", on=5),
        "error: E1 and E2: What stands was recorded at 2024-01-06 00:00:00, and this judgement is "
        "not later. Check the clock of this machine.",
    ),
    "a split across judgements": (
        contradicted,
        "error: E1 and E4: It contradicts what was judged before: E1 = E2, E2 = E4. Judge "
        "otherwise of one of these first.",
    ),
    "a split in a circle": (
        going_in_circles,
        "error: E1 and E2: It contradicts what was judged before: E1 = E4, E2 = E4. Judge "
        "otherwise of one of these first.",
    ),
    "a join across a split": (
        joined_across_a_split,
        "error: E3 and E5: It contradicts what was judged before: E1 = E2, E1 ≠ E3, E2 = E4, "
        "E2 = E5. Judge otherwise of one of these first.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_and_changes_nothing(case: str, root: Path) -> None:
    act, words = WRONG[case]
    with pytest.raises(InputProblem) as refusal:
        act(root)
    assert str(refusal.value) == words
    lake = open_lake(root)
    assert read_links(lake, day(4)) == (link("E3", "E4"),)
    assert "E9" not in entities_of(lake, day(50)).members


def test_links_out_of_order_are_refused(root: Path) -> None:
    for links in ([Link("E2", "E1", "same", 1, "x", "y")], [link("E1", "E4"), link("E1", "E4")]):
        with pytest.raises(InputProblem, match="A link names each pair once, the lesser first"):
            tell_links(root, links, day(9))


def test_what_a_program_says_again_is_not_told_again(root: Path) -> None:
    assert tell_links(root, [link("E3", "E4")], day(9)) is None
    assert tell_links(root, [link("E3", "E4", probability=0.5)], day(9)) is not None
