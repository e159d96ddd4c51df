"""What `--help` says is complete: every option, its default, and examples that are understood."""

import argparse
import re
import shlex

import pytest

from tradeline.cli.main import COMMANDS, EPILOG, build_parser, command_parser
from tradeline.risk.scoring.cross_fit import RESAMPLES
from tradeline.risk.scoring.scores import read_scoring_terms
from tradeline.world.settings import WorldSettings

WIDTH = 80


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))


def actions(command: str) -> list[argparse.Action]:
    return [a for a in command_parser(command)._actions if a.dest != "help"]


def said(command: str, action: argparse.Action) -> str:
    formatter = argparse.HelpFormatter(prog=command)
    return formatter._expand_help(action)


def examples(text: str) -> list[list[str]]:
    """The words of each example, lines that end in a backslash joined."""
    lines = text.replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("  tradeline ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_is_explained(command: str) -> None:
    shown = command_parser(command).format_help()
    for action in actions(command):
        assert action.help
        assert (action.option_strings[0] if action.option_strings else str(action.metavar)) in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_that_may_be_left_out_says_what_then_holds(command: str) -> None:
    for action in actions(command):
        if action.required or action.nargs == 0:
            continue
        assert "(default: " in said(command, action), action.dest
        if action.default:
            assert str(action.default) in said(command, action)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_value_is_named_by_its_kind_and_not_after_its_option(command: str) -> None:
    for action in actions(command):
        if action.nargs != 0 and not action.choices:
            assert action.metavar in {"FOLDER", "DIR", "FILE", "DATE", "CODE", "N", "SHARE",
                                      "MOMENT", "SECTOR", "TEXT"}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_terminal_of_80_columns(command: str) -> None:
    for shown in (command_parser(command).format_help(), build_parser().format_help()):
        assert max(len(line) for line in shown.splitlines()) <= WIDTH


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_are_understood(command: str) -> None:
    found = examples(command_parser(command).epilog or "")
    assert found
    for words in found:
        assert words[0] == command
        command_parser(command).parse_args(words[1:])


def subcommands(command: str) -> list[tuple[str, argparse.ArgumentParser]]:
    found = (a for a in actions(command) if isinstance(a, argparse._SubParsersAction))
    return [(name, parser) for action in found for name, parser in action.choices.items()]


ACTIONS = [
    pytest.param(command, parser, id=f"{command} {name}")
    for command in ("model", "offers", "policy")
    for name, parser in subcommands(command)
]


@pytest.mark.parametrize(("command", "parser"), ACTIONS)
def test_each_action_is_explained_as_its_command_is(
    command: str, parser: argparse.ArgumentParser
) -> None:
    shown = parser.format_help()
    assert max(len(line) for line in shown.splitlines()) <= WIDTH
    for action in parser._actions:
        assert action.help
        if not action.required and action.nargs != 0 and action.dest != "help":
            assert "(default: " in said(command, action), action.dest
    found = examples(parser.epilog or "")
    assert found
    for words in found:
        assert words[0] == command
        command_parser(command).parse_args(words[1:])


def test_the_examples_of_the_program_are_understood() -> None:
    found = examples(EPILOG)
    assert [words[0] for words in found] == ["world", "inspect", "assess"]
    for words in found:
        command_parser(words[0]).parse_args(words[1:])


def test_the_stated_default_rate_is_the_parameter_as_it_stands() -> None:
    base_rate = next(a for a in actions("assess") if a.dest == "base_rate")
    named = re.search(r"the parameter, ([0-9.]+)\)", said("assess", base_rate))
    day = WorldSettings().as_of
    assert named
    assert float(named[1]) == read_scoring_terms(day, None).base_rate


def test_defaults_of_options_are_those_of_the_rules() -> None:
    market = command_parser("world").parse_args(["--out", "x"])
    settings = WorldSettings()
    for name in ("enterprises", "seed", "months", "labelled_share", "default_rate",
                 "shocked_sector", "unseen_sector_shock"):  # fmt: skip
        assert getattr(market, name) == getattr(settings, name)
    assert market.as_of == settings.as_of.isoformat()
    assert command_parser("assess").get_default("resamples") == RESAMPLES
