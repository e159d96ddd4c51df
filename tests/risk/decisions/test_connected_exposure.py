"""What a group owes counts for each of its members, and the record says whose it was."""

import json
from datetime import datetime
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.creditfile.linkage.registers import firms_lake, link, say
from tests.lake.lakes import day
from tests.risk.decisions.made import AT, ROOT, engine, sound
from tradeline.cli.main import main
from tradeline.kernel.findings import InputProblem
from tradeline.lake.columns import read_columns
from tradeline.risk.decisions.application import Application, as_columns
from tradeline.risk.decisions.connected_exposure import (
    MEMBERS,
    Connected,
    groups_of,
    read_affiliations,
    read_exposures,
)
from tradeline.risk.decisions.deciding import decide
from tradeline.risk.decisions.log import read_log

Capture = pytest.CaptureFixture[str]
PAIRS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=12)


def walked(pairs: list[tuple[str, str]], start: str) -> set[str]:
    """Whom a walk from link to link reaches."""
    reached, before = {start}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {name for pair in pairs if set(pair) & reached for name in pair}
    return reached


@given(PAIRS)
def test_a_group_is_whom_a_walk_from_link_to_link_reaches(pairs: list[tuple[str, str]]) -> None:
    groups = groups_of(pairs)
    for name in "abcdefgh":
        assert set(groups.get(name, (name,))) == walked(pairs, name)


@given(PAIRS, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 10**9)))
def test_each_member_sees_the_same_sum_and_the_others(
    pairs: list[tuple[str, str]], exposures: dict[str, int | None]
) -> None:
    connected = Connected(groups_of(pairs), exposures)
    for name in "abcdefgh":
        seen = connected.seen_of(name)
        group = walked(pairs, name)
        assert seen["exposure_minor"] == sum(exposures.get(member, 0) or 0 for member in group)
        others = {member: exposures.get(member, 0) for member in group - {name}}
        assert seen[MEMBERS] == (None if not others else json.dumps(
            others, sort_keys=True, separators=(",", ":")))  # fmt: skip


def test_what_cannot_be_read_of_one_member_is_known_of_none() -> None:
    connected = Connected(groups_of([("a", "b")]), {"a": 5, "b": None, "c": 7})
    assert connected.seen_of("a") == {"exposure_minor": None, MEMBERS: '{"b":null}'}
    assert connected.seen_of("c") == {"exposure_minor": 7, MEMBERS: None}
    assert connected.seen_of("") == {"exposure_minor": None, MEMBERS: None}
    (told,) = connected.findings()
    assert told.line() == (
        "warning: --exposures: What is owed by 1 enterprise cannot be read, such as b: nothing is "
        "lent to their groups. Write whole minor units, 0 or more."
    )


def test_exposures_are_told_once() -> None:
    with pytest.raises(InputProblem) as refused:
        Connected({}, {}).put_into(as_columns([sound(np.random.default_rng(1), 1)]))
    assert str(refused.value) == (
        "error: --exposures: The applications state `exposure_minor` themselves. Take that column "
        "out, or leave --exposures out."
    )


def asking(exposure: dict[str, object]) -> Application:
    """An application of a firm that would be lent to."""
    one = sound(np.random.default_rng(3), 3)
    values = {**one.values, "cash_flow_minor": 9_000_000, "debt_service_minor": 0,
              "overdue_days_elsewhere": 0, "months_in_business": 60, "sector": "services",
              "requested_minor": 2_000_000_00, "sales_growth_12m": 0.5, "buyer_hhi_12m": 0.1,
              "days_since_last_sale": 1.0, "debt_service_share": 0.0}  # fmt: skip
    values = {name: value for name, value in values.items() if name != "exposure_minor"} | exposure
    return Application("app", "a", one.consent_until, values, dict.fromkeys(values, 0))


def test_what_a_group_owes_lowers_what_a_member_is_lent_and_unknown_lends_nothing() -> None:
    def lent(exposures: dict[str, int | None]) -> tuple[str, int]:
        seen = Connected(groups_of([("a", "b")]), exposures).seen_of("a")
        made = decide(asking(seen), engine(), AT)
        return str(made.outcome), made.offered.amount_minor

    cap = engine().terms.single_name_minor
    alone = lent({})
    assert alone[0] == "approve"
    assert lent({"b": cap - alone[1] // 2})[1] < alone[1]
    assert lent({"b": cap}) == ("decline", 0)
    assert lent({"c": cap}) == alone
    assert lent({"b": None}) == ("refuse", 0)


def table(folder: Path, text: str) -> Path:
    path = folder / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_relations_that_join_are_followed_and_others_are_not(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "left,right,probability,relation\n"
        "a,b,0.9,same\nc,b,0.8,affiliated\nd,a,0.5,namesake\ne,a,0.5,undecided\n",
    )
    assert read_affiliations(path, AT) == dict.fromkeys("abc", ("a", "b", "c"))
    path = table(tmp_path, "left_enterprise,right_enterprise\nx,y\n")
    assert read_affiliations(path, AT) == {"x": ("x", "y"), "y": ("x", "y")}


def test_a_lake_says_who_belonged_together_by_the_moment_of_the_decision(tmp_path: Path) -> None:
    lake = firms_lake(tmp_path)
    say(lake, [link("E1", "E2", "affiliated"), link("E3", "E4", "namesake")], 10)
    say(lake, [link("E2", "E3")], 20)
    assert read_affiliations(lake, day(11)) == dict.fromkeys(("E1", "E2"), ("E1", "E2"))
    assert set(read_affiliations(lake, day(21))) == {"E1", "E2", "E3"}
    assert read_affiliations(lake, datetime(1999, 1, 1)) == {}  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one,two\na,b\n", "The table does not say which enterprises it is about. Name the columns "
         "left and right, and relation if there are several."),
        ("left,right,relation\na,b,sisters\n", "'sisters' is no relation. Write one of same, "
         "affiliated, namesake, different, undecided, unrelated."),
        ("left,right,relation\na,b,same\nb,a,different\n", "a and b are told to be together and "
         "apart. Keep the line that stands."),
        ("left,right\na,b\na,\n", "No enterprise is named in 1 row. Name both of each pair."),
    ],
)  # fmt: skip
def test_affiliations_that_say_nothing_clear_are_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(InputProblem) as refused:
        read_affiliations(table(tmp_path, text), AT)
    assert str(refused.value) == f"error: pairs.csv: {said}"


def test_exposures_of_an_enterprise_add_up(tmp_path: Path) -> None:
    path = table(
        tmp_path, "enterprise,exposure_minor,currency\na,10,CNY\na,5,CNY\nb,ten,CNY\nb,1,CNY\n"
    )
    assert read_exposures(path, "CNY") == {"a": 15, "b": None}
    path = table(tmp_path, "enterprise,exposure_minor\na,-10\nb,\nc,1.5\n")
    assert read_exposures(path, "CNY") == {"a": None, "b": None, "c": None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("firm,exposure_minor\na,1\n", "The table has no column 'enterprise'. Name the columns "
         "enterprise and exposure_minor, and currency if there is one."),
        ("enterprise,exposure_minor,currency\na,1,USD\n", "It holds amounts in 'USD'. Convert "
         "them: the engine lends in CNY."),
        ("enterprise,exposure_minor\na,1\n ,2\n", "Row 2 names no enterprise. Name it."),
    ],
)  # fmt: skip
def test_exposures_that_nobody_can_add_up_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputProblem) as refused:
        read_exposures(table(tmp_path, text), "CNY")
    assert str(refused.value) == f"error: pairs.csv: {said}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("decide", "policy", "lenders"):
        copytree(ROOT / "examples" / part, tmp_path / part)
    return tmp_path / "decide"


def test_a_batch_counts_groups_and_replays_without_the_tables(
    folder: Path, capsys: Capture
) -> None:
    applications, log = folder / "applications.csv", folder / "log"
    words = ["decide", str(folder / "engine.yaml"), "--applications", str(applications)]
    words += ["--log", str(log), "--at", "2026-06-30T12:00"]
    words += ["--exposures", str(folder / "exposures.csv")]
    words += ["--affiliations", str(folder / "affiliations.csv")]
    header, *rows = applications.read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("exposure_minor")
    lines = [line.split(",") for line in (header, *rows)]
    without = [",".join(cells[:place] + cells[place + 1 :]) for cells in lines]
    applications.write_text("\n".join(without) + "\n", encoding="utf-8")
    assert main(words) == 0
    shown = capsys.readouterr()
    assert (
        "note: of 1 client there is more than one application: each counts what those before it "
        "were granted." in shown.err
    )
    (entry,) = read_log(log)
    columns = read_columns(log / entry.file)
    by_name = dict(zip(columns["application"], columns["outcome"], strict=True))
    assert (by_name["app_003"], by_name["app_009"]) == ("decline", "approve")
    assert main(["decisions", "show", str(log), "app_003"]) == 0
    told = capsys.readouterr().out
    assert "Counted as one with ent_004 (CNY\N{NO-BREAK SPACE}0), ent_900" in told
    assert "to one name" in told
    for gone in ("exposures.csv", "affiliations.csv"):
        (folder / gone).unlink()
    assert main(["decisions", "replay", str(log)]) == 0
    assert "40 equal to the bit, 0 otherwise" in capsys.readouterr().out


def test_the_next_of_one_batch_counts_what_the_first_was_granted(
    folder: Path, capsys: Capture
) -> None:
    log, asked = folder / "log", folder / "twice.csv"
    header, *rows = (folder / "applications.csv").read_text(encoding="utf-8").splitlines()
    one = next(row for row in rows if row.startswith("app_009"))
    rest = one.removeprefix("app_009")
    asked.write_text(
        f"{header},applied_at\na_late{rest},2026-06-30T09:00\nb_early{rest},2026-06-30T08:00\n",
        encoding="utf-8",
    )
    words = ["decide", str(folder / "engine.yaml"), "--applications", str(asked), "--log", str(log)]
    words += ["--at", "2026-06-30T12:00", "--shadow", str(folder / "measured.yaml")]
    assert main(words) == 0
    assert "note: of 1 client" in capsys.readouterr().err
    first, shadow = (read_columns(log / entry.file) for entry in read_log(log))
    assert first["application"].tolist() == ["b_early", "a_late"]
    granted = int(first["amount_minor"][0])
    assert granted > 0
    assert (first["value.exposure_minor"][1] - first["value.exposure_minor"][0]) == granted
    of_shadow = dict(zip(shadow["application"], shadow["value.granted_before"], strict=True))
    assert of_shadow == {"a_late": f'{{"b_early":{granted}}}', "b_early": None}
    assert main(["decisions", "show", str(log), "a_late"]) == 0
    assert "Granted just before: b_early (CNY" in capsys.readouterr().out
    assert main(["decisions", "replay", str(log)]) == 0
    assert "4 equal to the bit, 0 otherwise" in capsys.readouterr().out


def test_affiliations_alone_say_nothing_of_money(folder: Path, capsys: Capture) -> None:
    words = ["decide", str(folder / "engine.yaml"), "--applications",
             str(folder / "applications.csv"), "--log", str(folder / "log"),
             "--affiliations", str(folder / "affiliations.csv")]  # fmt: skip
    assert main(words) == 2
    assert (
        "error: --affiliations: Nothing says what the members of a group owe. Name a table by "
        "--exposures: enterprise, exposure_minor."
    ) in capsys.readouterr().err
