"""`tradeline model`: train, score, validate, compare, promote, sign, and the card of a model."""

import argparse
import sys
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli import (
    model_hazard,
    model_losses,
    model_recalibrate,
    model_selection,
    model_signing,
)
from tradeline.cli.model_options import EPILOG, add_arguments
from tradeline.cli.options import now, parse_date, require_new, say
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.moments import end_of

__all__ = ["EPILOG", "add_arguments", "run"]

if TYPE_CHECKING:
    from tradeline.risk.modelling.study import TrainRequest
    from tradeline.risk.modelling.train import Trained
    from tradeline.risk.scoring.overrides import Override

PACKED = '{\n "format": "tradeline-validation/'
STRONG_SUSPECT = "strong-suspect"
OURS = '{\n "format": "tradeline-model/'


def run(options: argparse.Namespace) -> int:
    """Do one action; progress and findings go to standard error."""
    return RUN[options.action](options)


def _run_train(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import write_model
    from tradeline.risk.modelling.train import train
    from tradeline.risk.modelling.words import trained_words

    require_new(options.out, "--out", OURS)
    if options.lake:
        trained = _train_on_lake(options)
    elif options.data is None or options.target is None:
        raise problem(
            "no-table",
            "--data",
            "Nothing says what to learn from.",
            "Give --data FILE and --target COLUMN, or --lake and --applications.",
        )
    else:
        trained = train(_request(options), say)
    _warn(trained)
    write_model(trained.model, options.out)
    print("\n".join(trained_words(trained.model)))
    print(f"The model is {options.out}.")
    return 0


def _train_on_lake(options: argparse.Namespace) -> "Trained":
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from tradeline.lake.store import open_lake
    from tradeline.risk.modelling.lake_table import (
        ENTERPRISE,
        TARGET,
        TIME,
        write_training_table,
    )
    from tradeline.risk.modelling.train import train

    if options.applications is None or options.horizon_months is None or options.data:
        raise problem(
            "no-applications",
            "--lake",
            "A lake is learned from by past applications and a horizon.",
            "Give --applications FILE and --horizon-months N, and no --data.",
        )
    with TemporaryDirectory() as folder:
        table = Path(folder) / f"{options.applications.stem}.parquet"
        lake = open_lake(options.lake)
        months = options.horizon_months
        write_training_table(lake, options.applications, table, months, now(), say)
        request = replace(
            _request(options), data=table, target=TARGET, time=TIME, enterprise=ENTERPRISE
        )
        return train(request, say)


def _request(options: argparse.Namespace) -> "TrainRequest":
    from tradeline.risk.modelling.model import Meaning, ModelKind, Overrides
    from tradeline.risk.modelling.study import TrainRequest
    from tradeline.risk.scoring.card import Scale

    for option in ("horizon_months", "days_past_due", "seed", "pairs"):
        value = getattr(options, option)
        if value is not None and value < (1 if option == "horizon_months" else 0):
            raise problem(
                "bad-number", f"--{option.replace('_', '-')}", f"{value} is too small.",
                "Take a whole number from " + ("1." if option == "horizon_months" else "0."),
            )  # fmt: skip
    return TrainRequest(
        data=options.data,
        target=options.target,
        bad=tuple(options.bad),
        time=options.time,
        enterprise=options.enterprise,
        kind=ModelKind(options.kind),
        categories=tuple(options.category),
        overrides=Overrides(tuple(options.keep), tuple(options.drop)),
        edits=_edits(options),
        meaning=Meaning(
            options.default_definition,
            options.days_past_due,
            options.cure,
            options.horizon_months,
            options.population,
        ),
        base_rate=options.base_rate,
        created_for=_day(options.created_for, "--created-for"),
        expires_on=_day(options.expires_on, "--expires-on"),
        ceiling=not options.no_ceiling,
        seed=options.seed,
        scale=Scale(options.base_points, options.base_odds, options.pdo),
        pairs=options.pairs,
    )


def _edits(options: argparse.Namespace) -> "tuple[Override, ...]":
    from tradeline.risk.scoring.override_files import read_overrides

    if options.overrides is None:
        return ()
    return read_overrides(options.overrides)


def _day(text: str | None, option: str) -> str:
    return parse_date(text, option).isoformat() if text else ""


def _warn(trained: "Trained") -> None:
    """What is wrong; suspects are told with the model, what is merely noted stands in it."""
    _print_findings(
        [
            finding
            for finding in trained.findings
            if finding.severity is not Severity.NOTE and finding.code != STRONG_SUSPECT
        ]
    )


def _print_findings(findings: list[Finding]) -> None:
    if findings:
        print(InputProblem(findings), file=sys.stderr)


def _run_score(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.score import is_scores, score_table, write_scores
    from tradeline.risk.modelling.tables import read_table

    if options.out.suffix.lower() not in (".parquet", ".csv"):
        raise problem(
            "unknown-kind",
            "--out",
            f"'{options.out.name}' is neither Parquet nor CSV by its name.",
            "Name it like scores.parquet.",
        )
    if not is_scores(options.out):
        require_new(options.out, "--out")
    model = read_model(options.model)
    table = read_table(options.data)
    on = parse_date(options.on, "--on") if options.on else None
    scored = score_table(model, table, on)
    _print_findings(list(scored.findings))
    write_scores(scored, options.out)
    print(f"{len(scored.pds):,} rows scored: {options.out}.")
    return 0


def _run_validate(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.pack import Question, validate
    from tradeline.risk.modelling.page import pack_json, pack_page
    from tradeline.risk.modelling.registry import in_force
    from tradeline.risk.modelling.tables import read_table
    from tradeline.risk.modelling.words import pack_words

    page, content = (options.out.with_suffix(end) for end in (".html", ".json"))
    require_new(page, "--out", "<!doctype html>")
    require_new(content, "--out", PACKED)
    _require_share(options.approve)
    model, table = read_model(options.model), read_table(options.data)
    on = parse_date(options.on, "--on") if options.on else now().date()
    other = in_force(options.registry, end_of(on)) if options.registry else None
    question = Question(
        options.target, options.time, tuple(options.segment), tuple(options.group), options.approve
    )
    pack = validate(model, table, question, on, other)
    _print_findings([f for f in pack.findings if f.severity is not Severity.NOTE])
    page.write_text(pack_page(pack), encoding="utf-8")
    content.write_text(pack_json(pack), encoding="utf-8")
    print("\n".join(pack_words(pack)))
    print(f"The page is {page}, the same as JSON {content}.")
    return 0


def _require_share(share: float) -> None:
    if not 0 < share < 1:
        raise problem(
            "bad-share",
            "--approve",
            f"{share:g} is no share between 0 and 1.",
            "Write it like 0.7.",
        )


def _run_compare(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.pack import compare
    from tradeline.risk.modelling.tables import read_table
    from tradeline.risk.modelling.words import against_words

    _require_share(options.approve)
    one, other = read_model(options.one), read_model(options.other)
    found = compare(other, one, read_table(options.data), options.target, options.approve)
    print("\n".join(against_words(found, options.approve)))
    return 0


def _run_promote(options: argparse.Namespace) -> int:
    from tradeline.lake.signatures import read_public_key, read_signature
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.registry import promote

    told = now()
    moment = told
    if options.at:
        moment = datetime.combine(parse_date(options.at, "--at"), time.min)
    line = promote(
        read_model(options.model),
        options.registry,
        from_moment=moment,
        now=told,
        who=options.who,
        why=options.why,
        signature=read_signature(options.model),
        signer=read_public_key(options.signer) if options.signer else "",
    )
    print(f"{line.model} is in force from {line.from_moment} UTC, by {line.who}: {line.why}")
    return 0


def _run_card(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.card import model_card

    text = model_card(read_model(options.model))
    if options.out is None:
        print(text, end="")
        return 0
    require_new(options.out, "--out", "# Model card\n")
    options.out.write_text(text, encoding="utf-8")
    print(f"The card is {options.out}.")
    return 0


def _run_sql(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.scoring.card_sql import card_sql

    card = read_model(options.model).card
    if card is None:
        raise problem(
            "no-card", options.model.name, "The model is no scorecard, so it has no points.",
            "Train one with --kind scorecard.",
        )  # fmt: skip
    text = card_sql(card, options.dialect, table=options.table, keys=options.key)
    if options.out is None:
        print(text)
        return 0
    require_new(options.out, "--out")
    options.out.write_text(text + "\n", encoding="utf-8")
    print(f"The statement is {options.out}.")
    return 0


RUN = {"train": _run_train, "score": _run_score, "validate": _run_validate,
       "compare": _run_compare, "promote": _run_promote, "card": _run_card,
       "sql": _run_sql, **model_signing.RUN, **model_recalibrate.RUN, **model_losses.RUN,
       **model_hazard.RUN, **model_selection.RUN}  # fmt: skip
