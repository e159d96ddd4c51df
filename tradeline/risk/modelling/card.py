"""The card of a model in Markdown: what it is, what it was learned from, how far to trust it."""

from collections.abc import Iterator

from tradeline.kernel.findings import counted
from tradeline.kernel.texts import clean
from tradeline.risk.modelling.artifact import model_hash
from tradeline.risk.modelling.ceilings import LOST, NAMES, size_of
from tradeline.risk.modelling.model import Model
from tradeline.risk.modelling.page import MEANINGS, facts_of
from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.card import Card, Factor
from tradeline.risk.scoring.crosses import Cross, Side
from tradeline.risk.scoring.overrides import Action, Override
from tradeline.risk.validation.resampling import LEVEL

LIMITS = (
    "Outcomes are known only of those who were lent to; applicants may differ from them.",
    "Intervals hold the chance of which rows were judged, no change of the market.",
    "A PD is calibrated to the stated base rate; if that is wrong, every PD is wrong with it.",
    "A column that leaves no mark of coming after the outcome stands in the model unseen: "
    "who knows the columns must look.",
)


def model_card(model: Model) -> str:
    """The card as Markdown text."""
    lines = ["# Model card", "", f"Hash: `{model_hash(model)}`", ""]
    lines += ["## What a PD means", ""]
    lines += [f"- {fact}: {_plain(text)}" for fact, text in facts_of(model)]
    lines += ["", *_figure_lines(model), "", *_ceiling_lines(model), "", *_edit_lines(model), ""]
    if model.card is not None:
        lines += _card_lines(model.card)
    lines += ["## Columns under suspicion", "", *_suspect_lines(model), ""]
    lines += ["## Columns left out", ""]
    lines += [f"- {_plain(part.column)}: {_plain(part.why)}" for part in model.left_out]
    lines += ["", "## What was noted in training", ""]
    lines += [f"- {_plain(note)}" for note in model.notes or ("Nothing.",)]
    lines += ["", "## Known limits", "", *(f"- {limit}" for limit in LIMITS), ""]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """A text from the data that cannot break a line or a table."""
    return clean(text).replace("|", "/").replace("`", "'")


def _figure_lines(model: Model) -> Iterator[str]:
    learned = model.learned
    yield "## How it was judged"
    yield ""
    yield (
        f"On {learned.judged:,} rows that it did not see, {learned.judged_defaults:,} defaults "
        f"among them: {_plain(learned.protocol)}. Intervals hold {LEVEL:.0%}."
    )
    yield ""
    yield "| figure | estimate | low | high | meaning |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for f in model.figures:
        yield f"| {f.name} | {f.estimate:.3f} | {f.low:.3f} | {f.high:.3f} | {MEANINGS[f.name]} |"


def _ceiling_lines(model: Model) -> Iterator[str]:
    yield "## What less plain models would add"
    yield ""
    if not model.ceiling:
        yield "Nobody asked, or no other kind is installed."
        return
    yield (
        "Each kind judged on rows that judge this model too, with what it adds to its AUC on them, "
        f"paired. This model is made of {size_of(model):,} numbers."
    )
    yield ""
    yield "| kind | rows | AUC | low | high | adds | low | high | verdict | numbers | lost |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: | --- |"
    for one in model.ceiling:
        area, gain = one.area, one.gain
        yield (
            f"| {NAMES[one.kind]} | {one.judged or '-'} | {area.estimate:.3f} | {area.low:.3f} | "
            f"{area.high:.3f} | {gain.estimate:+.3f} | {gain.low:+.3f} | {gain.high:+.3f} | "
            f"{one.verdict} | {one.size or '-'} | {LOST[one.kind]} |"
        )


def _edit_lines(model: Model) -> Iterator[str]:
    yield "## What an analyst decided over the data"
    yield ""
    if not model.edits:
        yield "Nothing."
    for edit in model.edits:
        said = f"says {_plain(edit.who)}: {_plain(edit.why)}"
        yield f"- {_plain(edit.feature)}: {_edited(edit)}, {said}"


def _edited(edit: Override) -> str:
    """What is done, in the words of the file of overrides."""
    if edit.action is Action.DIRECTION:
        return f"risk {'rises' if edit.value == 1 else 'falls'} with it"
    places = ", ".join("missing" if at is None else _plain(str(at)) for at in edit.at)
    value = "" if edit.value is None else f" {edit.value:g}"
    return f"{edit.action.replace('_', ' ')}{value}{f' at {places}' if places else ''}"


def _card_lines(card: Card) -> Iterator[str]:
    yield "## The scorecard"
    yield ""
    yield (
        f"A score starts at {card.constant} and gains the points below; {card.scale.pdo:g} points "
        "double the odds."
    )
    for factor in card.factors:
        yield from ("", f"### {_plain(factor.name)}", "")
        if factor.binning.cross is not None:
            yield from _cross_lines(factor, factor.binning.cross)
        yield "| value | points | rows | defaults |"
        yield "| --- | ---: | ---: | ---: |"
        for words, place in bins_in_words(factor):
            rows, bads = factor.binning.counts[place], factor.binning.bads[place]
            yield f"| {words} | {factor.points[place]} | {rows:,} | {bads:,.0f} |"
    yield ""


def _cross_lines(factor: Factor, cross: Cross) -> Iterator[str]:
    """The points of two columns together: the first goes by line, the second by column."""
    first, second = (_places_in_words(side) for side in cross.sides)
    yield f"| points | {' | '.join(f'{_plain(cross.columns[1])} {one}' for one in second)} |"
    yield f"| --- |{' ---: |' * len(second)}"
    for words, bins in zip(first, cross.bins, strict=True):
        own = " | ".join(str(factor.points[place]) for place in bins)
        yield f"| {_plain(cross.columns[0])} {words} | {own} |"
    yield ""


def bins_in_words(factor: Factor) -> list[tuple[str, int]]:
    """The bins of a factor, each in words and with its place."""
    binning = factor.binning
    words = _places_in_words(binning)
    if binning.cross is not None:
        cells = [cell for row in binning.cross.bins for cell in row]
        words = [f"{counted(cells.count(place), 'cell')} above" for place in range(binning.missing)]
        words.append("a missing value that nobody had")
    return [(text, place) for place, text in enumerate(words)]


def _places_in_words(places: Binning | Side) -> list[str]:
    """The places of a column in words, the missing last."""
    if places.levels:
        words = [", ".join(map(_plain, group)) or "no level" for group in places.groups]
    else:
        words = [f"up to {edge:g}" for edge in places.edges]
        words.append(f"above {places.edges[-1]:g}" if places.edges else "any")
    return [*words, "missing"]


def _suspect_lines(model: Model) -> Iterator[str]:
    if not model.suspects:
        yield "None."
    for suspect in model.suspects:
        strength = "strong" if suspect.strong else "weak"
        used = "used" if suspect.column in model.names else "not used"
        evidence = _plain(" ".join(suspect.evidence))
        yield f"- {_plain(suspect.column)} ({strength}, {used}): {evidence}"
