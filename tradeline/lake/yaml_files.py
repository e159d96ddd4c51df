"""YAML files that people write: read whole, or a problem that names the line to mend."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from tradeline.kernel.findings import InputProblem, problem

FLAG_TAG = "tag:yaml.org,2002:bool"


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice: the second would silently replace the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key.value}' stands twice", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def _without_flags() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    return {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != FLAG_TAG]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


# Columns are called No and On; YAML 1.2 takes only true and false for flags, and so is it here.
_Loader.yaml_implicit_resolvers = _without_flags()
_Loader.add_implicit_resolver(FLAG_TAG, re.compile("(?i:true|false)$"), list("tTfF"))


def read_yaml(path: Path, noun: str, remedy: str) -> object:
    """The value in a YAML file; InputProblem if there is no such file, or it is no YAML in UTF-8.

    `noun` says what the file is to be, as in `mapping file`; `remedy` what to do if it is missing.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise problem("no-file", str(path), f"There is no such {noun}.", remedy) from None
    except IsADirectoryError:
        raise problem("no-file", str(path), f"A folder is no {noun}.", remedy) from None
    except OSError as error:
        raise problem(
            "unreadable-file",
            str(path),
            f"The {noun} cannot be read ({error.strerror}).",
            "Ask for the right to read it.",
        ) from error
    except UnicodeDecodeError as error:
        raise problem(
            "broken-yaml", path.name, f"The {noun} is not written in UTF-8.", "Save it as UTF-8."
        ) from error
    return parse_yaml(text, path.name, noun)


def parse_yaml(text: str, where: str, noun: str) -> object:
    """The value in a text of YAML; InputProblem if it is none. `where` names it in findings."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506, safe loader
    except yaml.YAMLError as error:
        raise _broken(where, noun, error) from error
    except (ValueError, RecursionError) as error:  # a month of 13, tables within tables
        raise _broken(where, noun, error) from error


def _broken(where: str, noun: str, error: Exception) -> InputProblem:
    place, why = "", str(error)
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark, why = error.problem_mark, str(error.problem)
        place = f"line {mark.line + 1}, column {mark.column + 1}: "
    shown = " ".join(why.split())
    return problem(
        "broken-yaml", where, f"The {noun} is not YAML: {place}{shown}.", "Mend that line."
    )
