"""`tradeline enterprise`: which enterprises are one, who says so, and what that touched."""

import argparse
from collections.abc import Callable
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import add_actions, add_key_file, identifier_terms, now, say
from tradeline.kernel.findings import counted, problem
from tradeline.kernel.moments import end_of, naive_utc

if TYPE_CHECKING:
    from tradeline.creditfile.linkage.entities import Members
    from tradeline.creditfile.linkage.judgements import Judgement, Known
    from tradeline.creditfile.linkage.review import Side
    from tradeline.lake.store import Lake

EPILOG = """\
examples:
  tradeline enterprise find lake
  tradeline enterprise join lake E7 S12 --by "A. Officer" --reason "one account"
  tradeline enterprise entities lake E7
  tradeline enterprise split lake E7 S12 --by "B. Officer" --reason "two owners"
  tradeline enterprise touched lake E7 S12
  tradeline enterprise review lake

`tradeline enterprise ACTION --help` says more of each.
"""
SUMMARIES = {
    "find": "find links between the enterprises of a lake, and tell it of them",
    "join": "judge that two enterprises are one, from now on",
    "split": "judge that two enterprises are not one, from now on; undoes a join",
    "links": "list what is said of pairs of enterprises, and what speaks for it",
    "entities": "list which enterprises are one",
    "touched": "list what was made that a wrong join touched, and what to do again",
    "review": "list pairs that a person should judge, the costliest first",
}
EPILOGS = {
    "find": """\
examples:
  tradeline enterprise find lake
  tradeline enterprise find lake --learn

Names, registration numbers, addresses and representatives are compared. What is
judged by hand stays as it is, and teaches when weights are learned: at first,
once a tenth more enterprises came, and with --learn.
""",
    "join": """\
example:
  tradeline enterprise join lake E7 S12 --by "A. Officer" --reason "one account"

Names and numbers stay with their sources. A reason names nobody: the lake keeps
it.
""",
    "split": """\
examples:
  tradeline enterprise split lake E7 S12 --by "B. Officer" --reason "two owners"
  tradeline enterprise split lake E7 S12 --by "B. Officer" --reason "one owner" \\
    --relation affiliated

Files and features change from then on; what was known before stays as it was.
""",
    "links": """\
examples:
  tradeline enterprise links lake
  tradeline enterprise links lake E7 --known-at 2024-12-31
""",
    "entities": """\
examples:
  tradeline enterprise entities lake
  tradeline enterprise entities lake E7 --known-at 2024-12-31
""",
    "touched": "example:\n  tradeline enterprise touched lake E7 S12\n",
    "review": "example:\n  tradeline enterprise review lake --most 20\n",
}
RELATIONS = ("same", "affiliated", "namesake", "undecided")
SPLITS = ("different", "affiliated", "namesake")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline enterprise` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, EPILOGS):
        action.add_argument("lake", type=Path, metavar="LAKE", help="the folder of the lake")
        ARGUMENTS[name](action)


def _add_find(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--learn", action="store_true",
        help="learn anew how much each field tells (default: what was learned before serves)",
    )  # fmt: skip
    _add_keys(parser)


def _add_pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("left", metavar="LEFT", help="an enterprise, as its source names it")
    parser.add_argument("right", metavar="RIGHT", help="another")


def _add_judgement(parser: argparse.ArgumentParser) -> None:
    _add_pair(parser)
    parser.add_argument("--by", required=True, metavar="WHO", help="who judges")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, naming nobody")
    _add_keys(parser)


def _add_keys(parser: argparse.ArgumentParser) -> None:
    add_key_file(parser)


def _add_split(parser: argparse.ArgumentParser) -> None:
    _add_judgement(parser)
    parser.add_argument(
        "--relation", choices=SPLITS, default="different",
        help="what they are to each other (default: %(default)s)",
    )  # fmt: skip


def _add_known_at(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--known-at", metavar="DATE",
        help="what was known by the end of this day, or by this moment (default: by now)",
    )  # fmt: skip


def _add_enterprise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "enterprise", nargs="?", metavar="ENTERPRISE", help="only what concerns it (default: all)"
    )
    _add_known_at(parser)


def _add_review(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--most", type=int, default=20, metavar="N", help="how many pairs (default: %(default)s)"
    )
    _add_known_at(parser)
    _add_keys(parser)


ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "find": _add_find,
    "join": _add_judgement,
    "split": _add_split,
    "links": _add_enterprise,
    "entities": _add_enterprise,
    "touched": _add_pair,
    "review": _add_review,
}


def run(options: argparse.Namespace) -> int:
    """Do the action; exit code 1 where judgements contradict each other."""
    actions = {
        "find": _find,
        "join": _join,
        "split": _split,
        "links": _links,
        "entities": _entities,
        "touched": _touched,
        "review": _review,
    }
    return actions[options.action](options)


def known_at(text: str | None, now: datetime) -> datetime:
    """The moment (naive UTC) that `--known-at` means; InputProblem if it is none, or to come."""
    if text is None:
        return now
    try:
        moment = naive_utc(datetime.fromisoformat(text))
        moment = end_of(date.fromisoformat(text)) if len(text) == len("2024-12-31") else moment
    except ValueError as refusal:
        raise problem(
            "bad-date", "--known-at", f"'{text}' is no moment.",
            "Write it like 2024-12-31 or 2024-12-31T18:30:00+08:00.",
        ) from refusal  # fmt: skip
    if moment.date() > now.date():
        raise problem(
            "not-known-yet", "--known-at", f"{text} is to come; nobody knows what will be known.",
            "Name a day that has come.",
        )  # fmt: skip
    return min(moment, now)


def _find(options: argparse.Namespace) -> int:
    from tradeline.creditfile.linkage.finding import find_links

    at = now()
    terms = identifier_terms(at.date())
    found = find_links(options.lake, at, terms, options.key_file, anew=options.learn)
    for finding in found.findings:
        say(finding.line())
    for relation in RELATIONS:
        number = sum(link.relation == relation for link in found.links)
        print(f"{relation}: {counted(number, 'pair')}")
    print(f"no longer found: {counted(found.withdrawn, 'pair')}")
    told = "nothing new" if found.entry is None else f"it, as entry {found.entry}"
    if found.taught_by:
        records, judged = found.taught_by
        by = f"{counted(records, 'enterprise')} and {counted(judged, 'judgement')}"
        print(f"The weights were learned anew from {by}.")
    print(f"The lake is told {told}.")
    return 0


def _join(options: argparse.Namespace) -> int:
    from tradeline.creditfile.linkage.judgements import join

    done = join(
        options.lake,
        options.left,
        options.right,
        options.by,
        options.reason,
        now(),
        options.key_file,
    )
    return _print_judgement(done)


def _split(options: argparse.Namespace) -> int:
    from tradeline.creditfile.linkage.judgements import split

    done = split(
        options.lake,
        options.left,
        options.right,
        options.by,
        options.reason,
        now(),
        options.key_file,
        options.relation,
    )
    _print_judgement(done)
    print(
        f"`tradeline enterprise touched {options.lake} {options.left} {options.right}` lists what "
        "was made of the two as one."
    )
    return 0


def _print_judgement(done: "Judgement") -> int:
    for finding in done.findings:
        print(finding.line())
    link = done.link
    print(f"{link.left} and {link.right} are judged to be {link.relation}, as entry {done.entry}.")
    print(f"before: {_in_words(done.before)}")
    print(f"from now on: {_in_words(done.after)}")
    return 0


def _in_words(entities: "tuple[Members, ...]") -> str:
    return "; ".join(" = ".join(members) for members in entities)


def _links(options: argparse.Namespace) -> int:
    from tradeline.creditfile.linkage.links import evidence_words, read_links

    lake, moment = _opened(options)
    found = read_links(lake, moment, options.enterprise)
    for link in found:
        print(
            f"{link.left}  {link.right}  {link.relation}  {link.probability:.4f}  "
            f"{link.made_by}: {evidence_words(link.evidence)}"
        )
    print(f"{counted(len(found), 'link')} as known at {moment:%Y-%m-%d %H:%M} UTC.")
    return 0


def _opened(options: argparse.Namespace) -> "tuple[Lake, datetime]":
    from tradeline.lake.store import open_lake

    return open_lake(options.lake), known_at(options.known_at, now())


def _entities(options: argparse.Namespace) -> int:
    from tradeline.creditfile.linkage.entities import entities_of, entity_name

    lake, moment = _opened(options)
    found = entities_of(lake, moment)
    groups = found.groups if options.enterprise is None else (found.of(options.enterprise),)
    for finding in found.findings:
        print(finding.line())
    for members in groups:
        print(f"{entity_name(members)}  {' = '.join(members)}")
    for link in found.cut:
        print(f"not followed: {link.left} = {link.right}, {link.probability:.4f}")
    if options.enterprise is None:
        print(
            f"{counted(len(groups), 'entity') if len(groups) == 1 else f'{len(groups):,} entities'}"
            f" of several enterprises as known at {moment:%Y-%m-%d %H:%M} UTC."
        )
    return int(bool(found.findings))


def _touched(options: argparse.Namespace) -> int:
    from tradeline.creditfile.linkage.touched import touched
    from tradeline.lake.store import open_lake

    found = touched(open_lake(options.lake), options.left, options.right)
    for output, items in groupby(found, lambda item: item.use.output):
        own = list(items)
        print(f"{own[0].use.made_at:%Y-%m-%d %H:%M}  {output.kind}  {output.title}  {output.id}")
        for item in own:
            asked = item.use.asked
            print(
                f"  of {asked.enterprise} as of {asked.as_of:%Y-%m-%d}, known at "
                f"{asked.known_at:%Y-%m-%d}: read {' + '.join(item.use.members)}, held apart it is "
                f"{' + '.join(item.without)}"
            )
        print(f"  {own[0].remedy}")
    print(
        f"{counted(len(found), 'use')} would have read other rows had {options.left} and "
        f"{options.right} been held apart."
    )
    return 0


def _review(options: argparse.Namespace) -> int:
    from tradeline.creditfile.linkage.judgements import known_facts
    from tradeline.creditfile.linkage.links import evidence_words
    from tradeline.creditfile.linkage.review import review

    lake, moment = _opened(options)
    queue = review(lake, moment)
    shown = queue[: options.most]
    firms = sorted({side.enterprise for item in shown for side in (item.left, item.right)})
    facts = known_facts(lake, firms, moment, options.key_file) if firms else {}
    for item in shown:
        print(f"{item.link.left} and {item.link.right}: {item.reason}")
        print(f"  {item.link.made_by}: {evidence_words(item.link.evidence)}")
        for side in (item.left, item.right):
            print(f"  {side.enterprise}: {_told(facts.get(side.enterprise))}")
            print(f"    {_stakes(side, item.currency)}")
    print(f"{counted(len(queue), 'pair')} to be judged, {len(shown):,} shown.")
    return 0


def _told(known: "Known | None") -> str:
    """What names an enterprise, in its sources' words."""
    if known is None:
        return "nobody tells of it"
    names = ", ".join(sorted(known.names)) or ("erased" if known.erased else "without a name")
    numbers = ", ".join(sorted(known.numbers))
    return f"{names}; registered under {numbers}" if numbers else names


def _stakes(side: "Side", currency: str) -> str:
    from tradeline.creditfile.linkage.review import in_units

    return (
        f"owes {in_units(side.owed_minor, currency)}, sold {in_units(side.sold_minor, currency)} "
        f"in a year; {counted(side.rows, 'row')}, {counted(side.uses, 'use')}"
    )
