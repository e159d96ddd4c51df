"""The reference of the feature language is complete, and what the code says today."""

from pathlib import Path
from typing import get_args

import pytest

from tradeline.cli.main import main
from tradeline.creditfile.features.declaration import Expression
from tradeline.creditfile.features.events import Condition, Events, Window
from tradeline.creditfile.features.language import (
    COMMAND,
    CONDITIONS,
    EXPRESSIONS,
    MEASURES,
    OF_PARTNERS,
    declared,
    language_markdown,
)
from tradeline.creditfile.features.measures import Count, Measure

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "feature-language.md"


def test_the_page_is_what_the_code_says() -> None:
    written = PAGE.read_text("utf-8")
    assert written == language_markdown(), f"The page is out of date; run {COMMAND}"


def test_every_construct_has_its_section() -> None:
    shown = [type(measure) for listed in MEASURES.values() for measure in listed]
    assert sorted(shown, key=str) == sorted(get_args(Measure), key=str)
    assert {type(condition) for condition in CONDITIONS} == set(get_args(Condition))
    others = {type(expression) for expression in (*EXPRESSIONS, *OF_PARTNERS.values())}
    assert {*others, *get_args(Measure)} == set(get_args(Expression))


def test_a_construct_is_shown_as_it_is_declared() -> None:
    recent = Count(Events("orders", (), Window(days=90, offset=30)))
    assert declared(recent) == "Count(Events('orders', window=Window(offset=30, days=90)))"


def test_the_command_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["features", "--language"]) == 0
    assert capsys.readouterr().out == language_markdown()
