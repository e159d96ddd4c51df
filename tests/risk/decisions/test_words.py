"""A decision in words: every code has its sentence, in English and in Chinese."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from tests.risk.decisions.made import (
    AT,
    engine,
    engine_of_curves,
    engine_of_pairs,
    engine_with_pairs,
    malformed,
    sound,
)
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.risk.decisions.codes import FLAWS
from tradeline.risk.decisions.deciding import decide
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.measures import Measure
from tradeline.risk.decisions.record import Decision
from tradeline.risk.decisions.words import Language, _chinese, _texts, letter
from tradeline.risk.policy.reading import checked_policy
from tradeline.risk.pricing.lender_offer import OfferBinding

HAN = re.compile("[一-鿿]")


def decisions(made: Engine | None = None) -> Iterator[Decision]:
    generator, made = np.random.default_rng(3), made or engine()
    for number in range(300):
        one = malformed(generator, number)[0] if number % 5 == 0 else sound(generator, number)
        measures = [Measure("m-7", 0)] if number % 50 == 0 else []
        yield decide(one, made, AT, measures)


@pytest.mark.parametrize("made", [engine, engine_with_pairs, engine_of_curves, engine_of_pairs])
@pytest.mark.parametrize("language", Language)
def test_every_reason_and_change_has_a_sentence(
    language: Language, made: Callable[[], Engine]
) -> None:
    for decision in decisions(made()):
        said = letter(decision, made(), language)
        assert len(said.reasons) == len(decision.reasons)
        assert len(said.changes) == len(decision.changes)
        for sentence in (said.outcome, *said.reasons, *said.changes, said.appeal):
            assert sentence
            assert "{" not in sentence
            assert decision.decision in said.appeal


def test_chinese_is_chinese_where_the_platform_speaks() -> None:
    for decision in decisions():
        said = letter(decision, engine(), Language.CHINESE)
        assert HAN.search(said.outcome)
        assert all(HAN.search(sentence) for sentence in said.reasons)


def test_a_policy_that_tells_no_chinese_is_quoted_in_its_own_words() -> None:
    declaration = engine().policy.declaration
    tables = tuple(
        replace(table, rows=tuple(replace(row, why_in={}) for row in table.rows))
        for table in declaration.tables
    )
    policy = checked_policy(replace(declaration, tables=tables), "policy")
    declined = next(d for d in decisions() if d.reasons == ("policy:TOO_YOUNG",))
    (said,) = letter(declined, replace(engine(), policy=policy), Language.CHINESE).reasons
    assert said == "Half a year of trade is the least that a cash flow can be told from."


def test_both_languages_say_the_same_things() -> None:
    english, chinese = _texts()["en"], _texts()["zh"]
    assert set(english) == set(chinese)
    for part in ("outcome", "flaw", "stop", "policy", "offer", "source"):
        assert set(english[part]) == set(chinese[part])
    for binding in OfferBinding:
        assert str(binding) in english["offer"]
    assert set(FLAWS.values()) == set(english["flaw"])


def test_every_feature_has_its_name_in_chinese() -> None:
    assert list(_chinese()) == [feature.name for feature in CATALOGUE]


def test_a_sentence_has_the_firms_own_figure_and_promises_nothing() -> None:
    found = [d for d in decisions() if any(c.startswith("sales_growth_12m") for c in d.changes)]
    assert found
    said = letter(found[0], engine(), Language.ENGLISH)
    change = next(s for s in said.changes if s.startswith("Sales against"))
    growth = found[0].values["sales_growth_12m"]
    assert isinstance(growth, float)
    assert f"{100 * growth:.1f}".replace("-", "\N{MINUS SIGN}") in change
    assert "about 12 months, confirmed by tax invoices. This is no promise." in change
