"""An engine as a file: which model, policy and terms decide together, and what they may assume.

    name: small business loans
    model: model.json          # of `tradeline model train`, or a scorecard.json; what is no card
                               # (boosted trees, a glass box of pairs) decides as a shadow only
    policy: policy.yaml
    lender: lender.yaml
    hazard: hazard.json        # when firms default; without it, at a constant pace; needed for a
                               # model whose PDs speak of other than 12 months
    signer: officer.pub        # whose signature the model must bear; without it, nobody's
    revoked: revoked.yaml      # keys that no longer count, with the day; without it, all count
    max_age_days: 92
    may_be_missing: [margin_12m]
    ranges: {buyer_hhi_12m: "[0, 1]"}
    changeable: {sales_growth_12m: 12}
    forbidden: [gender]

Paths go from the file. The hash of all texts names the engine.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.kernel.findings import problem
from tradeline.lake.revocations import require_not_revoked, revocations_of
from tradeline.lake.signatures import (
    SIGNATURE,
    public_key_of,
    read_signature,
    require_signed,
)
from tradeline.lake.yaml_fields import Fields
from tradeline.lake.yaml_files import parse_yaml, read_yaml
from tradeline.risk.decisions.engine import Engine, Rules, make_engine
from tradeline.risk.decisions.horizon import YEAR, structure_of
from tradeline.risk.decisions.parts import Parts, parts_of_glass_box, parts_of_trees
from tradeline.risk.decisions.versions import (
    HAZARD,
    LENDER,
    MODEL,
    POLICY,
    hash_of,
    versions_of,
)
from tradeline.risk.losses.artifact import read_model as read_loss_model
from tradeline.risk.losses.hazard import HazardModel
from tradeline.risk.modelling.artifact import model_of_text, subject_of
from tradeline.risk.modelling.inputs import levels_of
from tradeline.risk.modelling.model import Model, ModelKind
from tradeline.risk.policy.cells import Interval, Kind
from tradeline.risk.policy.fields import read_interval
from tradeline.risk.policy.reading import read_policy
from tradeline.risk.pricing.lender_file import parse_lender_terms, read_estimates
from tradeline.risk.scoring.artifact import SEAL, read_card
from tradeline.risk.scoring.boosted import read_boosted
from tradeline.risk.scoring.card import Card
from tradeline.risk.scoring.curve_card import card_of_curves
from tradeline.risk.scoring.glass_box import read_glass_box

Floats = NDArray[np.float64]
FILE = "engine.yaml"
PARTS = {"model": MODEL, "policy": POLICY, "lender": LENDER}
SIGNER, REVOKED = "signer.pub", "revoked.yaml"
OPTIONAL = {"hazard": HAZARD, "signer": SIGNER, "revoked": REVOKED}
KEYS = ("name", *PARTS, *OPTIONAL, "max_age_days", "may_be_missing", "ranges", "changeable",
        "forbidden")  # fmt: skip
NOUN, REMEDY = "engine file", "Check its name, or write one."
LONGEST_AGE = 3_660


@dataclass(frozen=True, slots=True)
class _Stated:
    name: str
    parts: Mapping[str, str]
    rules: Rules


def read_engine(path: Path, on: date, policy: str | None = None) -> Engine:
    """The engine of a file, with the law's parameters of a day; InputProblem says what is wrong.

    `path` may be the folder of an engine that a log keeps. `policy` is the text of another version
    of the policy than the file names.
    """
    path = path / FILE if path.is_dir() else path
    content = read_yaml(path, NOUN, REMEDY)
    stated = _stated(content, path.name)
    texts = {name: _text(path.parent / place, name) for name, place in stated.parts.items()}
    texts["policy"] = policy or texts["policy"]
    signature = read_signature(path.parent / stated.parts["model"])
    texts |= {"signature": signature} if "signer" in texts and signature else {}
    lender = parse_yaml(texts["lender"], stated.parts["lender"], "file of a lender's terms")
    estimates = read_estimates(lender, path.parent / stated.parts["lender"])
    model, expires_on, months = _model(texts, stated.parts["model"], on)
    hazard = read_loss_model(HazardModel, texts["hazard"], HAZARD) if "hazard" in texts else None
    files = _files(content, texts, lender, estimates)
    policy_read = read_policy(texts["policy"], stated.parts["policy"])
    return make_engine(
        name=stated.name,
        content_hash=hash_of(files),
        model=model,
        expires_on=expires_on,
        rules=stated.rules,
        policy=policy_read,
        terms=parse_lender_terms(lender, stated.parts["lender"], on, estimates),
        pd_cumulative=structure_of(model, hazard, months, stated.parts["model"]),
        files=files,
        versions=versions_of(files, policy_read.declaration),
        months=months,
    )


def _stated(content: object, where: str) -> _Stated:
    fields = Fields()
    found = fields.keys(content, "the engine", KEYS) or {}
    parts = {name: fields.text(found, name, "the engine", needed=True) for name in PARTS}
    parts |= {name: fields.text(found, name, "the engine", needed=True)
              for name in OPTIONAL if name in found}  # fmt: skip
    if "max_age_days" not in found:
        fields.say("the engine needs `max_age_days`: after how many days a feature is stale.")
    rules = Rules(
        fields.whole(found, "max_age_days", "the engine", 0, LONGEST_AGE, 0),
        frozenset(_names(fields, found, "may_be_missing")),
        _ranges(fields, found.get("ranges", {})),
        _changeable(fields, found.get("changeable", {})),
        frozenset(_names(fields, found, "forbidden")),
    )
    name = fields.text(found, "name", "the engine", needed=True)
    if "revoked" in parts and "signer" not in parts:
        fields.say("the engine names `revoked` keys, but no `signer` whose signature it asks for.")
    fields.refuse("bad-engine", where, "Mend the engine file.")
    return _Stated(name, parts, rules)


def _names(fields: Fields, found: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = found.get(key, [])
    if isinstance(value, list) and all(isinstance(name, str) and name for name in value):
        return tuple(value)
    fields.say(f"`{key}` must be a list of names of features.")
    return ()


def _ranges(fields: Fields, value: object) -> dict[str, Interval]:
    if not isinstance(value, dict):
        fields.say('`ranges` must be a table such as {margin_12m: "[-1, 1]"}.')
        return {}
    read = {
        name: read_interval(fields, text, f"the range of {name}", Kind.NUMBER)
        for name, text in value.items()
    }
    return {str(name): interval for name, interval in read.items() if interval is not None}


def _changeable(fields: Fields, value: object) -> dict[str, int]:
    """The months that a change takes, by feature: those of the catalogue, and those stated."""
    known = {
        feature.name: feature.change_months
        for feature in CATALOGUE
        if feature.verifiable and not feature.fraud_signal
    }
    of_catalogue = {feature.name for feature in CATALOGUE}
    if not isinstance(value, dict):
        fields.say("`changeable` must be a table of months by feature.")
        return known
    for name, months in value.items():
        if type(months) is not int or not 1 <= months <= 120:
            fields.say(f"`changeable`: {name} takes {months!r} months; write 1 to 120.")
        if name in of_catalogue and name not in known:
            fields.say(
                f"`changeable`: {name} hints at fabricated trade, or nobody else can verify it; "
                "no firm is advised to change it."
            )
    return known | {str(name): months for name, months in value.items()}


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise problem(
            "engine-part-missing",
            path.name,
            f"The engine's {name} cannot be read.",
            "Check the path in the engine file; it goes from the file.",
        ) from error


def _model(texts: Mapping[str, str], where: str, on: date) -> tuple[Card | Parts, date | None, int]:
    """The scorecard of a model or card file, or the parts of one that has none.

    Then its last day, and the months of which its PDs speak; who states none means a year.
    """
    text, signer = texts["model"], texts.get("signer")
    try:
        form = json.loads(text).get("format")
    except (ValueError, AttributeError):
        form = None
    if form == SEAL.format and signer is None:
        return read_card(text, where), None, YEAR
    model = model_of_text(text, where)
    if signer is not None:
        key = public_key_of(signer, SIGNER)
        require_signed(subject_of(model), texts.get("signature"), key, where)
        revoked = revocations_of(texts.get("revoked", "[]"), REVOKED)
        require_not_revoked(revoked, key, on, where)
    expires_on = date.fromisoformat(model.expires_on) if model.expires_on else None
    months = model.meaning.horizon_months or YEAR
    return model.card or _challenger(model, where), expires_on, months


def _challenger(model: Model, where: str) -> Card | Parts:
    """A glass box of single columns as the card that it is; any other challenger as its parts."""
    if model.kind is ModelKind.BOOSTED:
        return parts_of_trees(read_boosted(model.challenger, where), model.scale)
    glass_box, levels = read_glass_box(model.challenger, where), levels_of(model.inputs)
    if glass_box.has_pairs:
        return parts_of_glass_box(glass_box, levels, model.scale)
    never_missing = [part.name for part in model.inputs if not part.missing_share]
    return card_of_curves(
        glass_box, levels, never_missing, model.base_rate, model.sample_rate, where, model.scale
    )


def _files(
    content: object, texts: Mapping[str, str], lender: object, estimates: Mapping[str, str]
) -> dict[str, str]:
    """The texts of an engine under names of their own, those that name others naming them so."""
    assert isinstance(content, dict)
    names = PARTS | OPTIONAL | {"signature": PARTS["model"] + SIGNATURE}
    files = {names[part]: text for part, text in texts.items()}
    if estimates:
        assert isinstance(lender, dict)
        own = {key: lender[key] | {"file": f"{key}.json"} for key in estimates}
        files[PARTS["lender"]] = _yaml(lender | own)
        files |= {f"{key}.json": text for key, text in estimates.items()}
    files[FILE] = _yaml({key: names.get(key, value) for key, value in content.items()})
    return files


def _yaml(content: object) -> str:
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=True)
    return text
