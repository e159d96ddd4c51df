"""`tradeline offers`: offers to many within a portfolio's caps, and several lenders' compared."""

import argparse
from pathlib import Path

from tradeline.cli.decide import add_connected, connected_of, parse_moment
from tradeline.cli.options import add_actions, require_new, say
from tradeline.kernel.findings import InputProblem, counted, problem

EPILOG = """\
examples:
  tradeline offers plan engine.yaml --applications asked.csv \\
      --limits limits.yaml --out plan
  tradeline offers compare north.yaml south.yaml --applications asked.csv \\
      --out compared.parquet

`tradeline offers ACTION --help` says more of each.
"""
SUMMARIES = {
    "plan": "find the offers that earn most within the caps of a portfolio",
    "compare": "say what several lenders offer to the same applications",
}
EPILOGS = {
    "plan": """\
examples:
  tradeline offers plan engine.yaml --applications asked.csv \\
      --limits limits.yaml --out plan
  tradeline offers plan engine.yaml --applications asked.parquet \\
      --limits limits.yaml --group owner --at 2026-06-30T12:00 --out plan
  tradeline offers plan engine.yaml --applications asked.csv \\
      --limits limits.yaml --exposures owed.csv --affiliations lake --out plan

The policy binds as in `tradeline decide`; nothing is logged, nobody is told.
Writes plan.parquet, an offer a row, plan.html and plan.json with every cap,
what is used of it and its shadow price. docs/guides/portfolio.md has the file
of limits.
""",
    "compare": """\
examples:
  tradeline offers compare north.yaml south.yaml --applications asked.csv \\
      --out compared.parquet
  tradeline offers compare north.yaml south.yaml --applications asked.csv \\
      --at 2026-06-30T12:00 --out compared.csv

One table: a row for each application and lender, the cheapest by APR first.
Each lender decides by its own model, policy and terms; nothing is logged. What
a lender has lent to a firm itself stands in `exposure_minor.LENDER`.
""",
}
BY_LENDER = "application,enterprise,rank,lender,"
PACKED = '{\n "format": "tradeline-plan/'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline offers` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, EPILOGS):
        ARGUMENTS[name](action)


def run(options: argparse.Namespace) -> int:
    """Do one action; progress and findings go to standard error."""
    return RUN[options.action](options)


def _add_asked(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--applications", type=Path, required=True, metavar="FILE",
        help="the applications: CSV, Parquet, Excel or JSON Lines, one a line",
    )  # fmt: skip
    parser.add_argument(
        "--at", metavar="MOMENT",
        help="as of this moment in UTC, such as 2026-06-30T12:00 (default: now)",
    )  # fmt: skip
    parser.add_argument(
        "--measures", type=Path, metavar="FILE",
        help="YAML of a supervisor's measures in force (default: none)",
    )  # fmt: skip


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("engine", type=Path, metavar="FILE", help="the engine")
    _add_asked(parser)
    parser.add_argument(
        "--limits", type=Path, required=True, metavar="FILE",
        help="YAML of what all offers together may come to",
    )  # fmt: skip
    parser.add_argument(
        "--group", metavar="COLUMN",
        help="the column that names connected clients, empty for none (default: applications of "
        "one firm are connected)",
    )  # fmt: skip
    add_connected(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="NAME",
        help="write NAME.html, NAME.json and NAME.parquet",
    )  # fmt: skip


def _run_plan(options: argparse.Namespace) -> int:
    from tradeline.lake.columns import write_columns
    from tradeline.risk.decisions.engine_file import read_engine
    from tradeline.risk.decisions.measures import read_measures
    from tradeline.risk.decisions.plan_page import plan_json, plan_page, plan_words
    from tradeline.risk.decisions.planning import plan_offers
    from tradeline.risk.decisions.tables import read_applications
    from tradeline.risk.pricing.limits_file import read_portfolio_limits

    page, content, out = (
        options.out.with_name(options.out.name + end) for end in (".html", ".json", ".parquet")
    )
    require_new(page, "--out", "<!doctype html>")
    require_new(content, "--out", PACKED)
    if not content.is_file():  # beside a plan's figures its offers are ours too
        require_new(out, "--out")
    if options.group and options.affiliations:
        raise problem(
            "groups-told-twice", "--affiliations", f"--group {options.group} says who is connected "
            "too.", "Leave one of both out.",
        )  # fmt: skip
    at = parse_moment(options.at)
    engine = read_engine(options.engine, at.date())
    terms = engine.terms
    limits = read_portfolio_limits(
        options.limits, terms.currency, [grade.grade for grade in terms.grades]
    )
    measures = read_measures(options.measures) if options.measures else ()
    asked = read_applications(options.applications, engine)
    applications = asked.applications
    groups = _groups(options.applications, options.group) if options.group else []
    if connected := connected_of(options, engine, at):
        applications = connected.put_into(applications)
        groups = groups or connected.groups(applications)
    findings = (*asked.findings, *(connected.findings() if connected else ()))
    if findings:
        say(str(InputProblem(findings)))
    say(f"planning for {counted(len(applications), 'application')} by {engine.name}")
    plan = plan_offers(applications, engine, at, measures, limits, groups)
    if plan.findings:
        say(str(InputProblem(plan.findings)))
    page.write_text(plan_page(plan, engine.name, terms.currency), encoding="utf-8")
    content.write_text(plan_json(plan, engine.hash, terms.currency), encoding="utf-8")
    write_columns(plan.columns, out)
    print("\n".join(plan_words(plan, terms.currency)))
    print(f"The offers are {out}, the page is {page}.")
    return 0


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "engines", type=Path, nargs="+", metavar="FILE", help="the engine of each lender"
    )
    _add_asked(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="write the table to this file, .parquet or .csv",
    )  # fmt: skip


def _run_compare(options: argparse.Namespace) -> int:
    from tradeline.kernel.money import minor_per_unit
    from tradeline.lake.columns import write_columns
    from tradeline.risk.decisions.engine_file import read_engine
    from tradeline.risk.decisions.lenders import compare_lenders
    from tradeline.risk.decisions.measures import read_measures
    from tradeline.risk.decisions.tables import read_applications

    if options.out.suffix.lower() not in (".parquet", ".csv"):
        raise problem(
            "unknown-kind", "--out", f"'{options.out.name}' is neither Parquet nor CSV by its "
            "name.", "Name it like compared.parquet.",
        )  # fmt: skip
    require_new(options.out, "--out", BY_LENDER)
    at = parse_moment(options.at)
    engines = [read_engine(path, at.date()) for path in options.engines]
    measures = read_measures(options.measures) if options.measures else ()
    asked = [(engine, read_applications(options.applications, engine)) for engine in engines]
    for findings in {each.findings for _, each in asked if each.findings}:
        say(str(InputProblem(findings)))
    found = compare_lenders([(e, each.applications) for e, each in asked], at, measures)
    write_columns(found.columns, options.out)
    for one in found.lenders:
        amount = one.amount_minor // minor_per_unit(one.currency)
        print(f"{one.lender}: {counted(one.offers, 'offer')} of {one.currency} {amount:,}, the "
              f"cheapest to {counted(one.cheapest, 'firm')}")  # fmt: skip
    print(f"{found.with_offer:,} of {counted(found.applications, 'application')} have an offer: "
          f"{options.out}.")  # fmt: skip
    return 0


def _groups(path: Path, column: str) -> list[str]:
    from tradeline.risk.modelling.tables import read_table

    table = read_table(path)
    texts = table.texts(table.column_called(column, "--group"))
    return [texts.levels[code].strip() for code in texts.codes.tolist()]


ARGUMENTS = {"plan": _add_plan, "compare": _add_compare}
RUN = {"plan": _run_plan, "compare": _run_compare}
