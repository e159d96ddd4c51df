"""The docs are true: commands run, worked numbers hold, links lead somewhere, lists are complete.

Every command in a `sh` block is run, page by page and in order, in a folder of its own. There
FOLDER holds the invoices of a simulated market of 150 firms, `examples` are those of the
repository, a `yaml` block whose first line is `# NAME.yaml` is that file, and a `csv` block is
`asked.csv`. A page of `SHELL` is run by a shell as it stands, and what its `text` blocks show must
be in what that prints. Fewer records than a real folder has and `--resamples 5`, which is added to
`assess`, keep it quick. Of `make` only the target is looked for; what `make demo` and `make test`
do takes minutes. Python is run where the page's commands were.
"""

import doctest
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import chdir
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pytest

from tests.book.servers import ABSENT, is_installed, server_folder
from tradeline.cli.main import main
from tradeline.lake.mapping import read_mapping
from tradeline.risk.manifest import parameter_entries
from tradeline.world.settings import WorldSettings
from tradeline.world.writing import write_world

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
GUIDE = ROOT / "docs" / "guides" / "assess.md"
FEW = ["--resamples", "5"]
MARKET = WorldSettings(enterprises=120, seed=5, months=15, default_rate=0.15)
KEPT = ("enterprises", "sales_invoices", "purchase_invoices", "outcomes", "response_curves")
SHELLS = ("", "sh", "bash", "shell", "console")
# Pages that need more than one program, or a process for each.
LONG = (
    "docs/concepts/quality.md",
    "docs/concepts/two-people.md",
    "docs/guides/assess.md",
    "docs/guides/connect.md",
    "docs/guides/erasure.md",
    "docs/guides/lake.md",
    "docs/guides/ledger.md",
    "docs/guides/model.md",
    "docs/guides/payments.md",
    "docs/guides/scenarios.md",
    "docs/guides/servicing.md",
    "docs/guides/simulated-bank.md",
    "docs/guides/take-over.md",
)
SHELL = tuple(
    ROOT / "docs" / page
    for page in (
        "concepts/two-people.md", "guides/connect.md", "guides/ledger.md", "guides/payments.md",
        "guides/servicing.md", "guides/simulated-bank.md", "guides/take-over.md",
    )
)  # fmt: skip


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def run_pages(pages: Iterable[Path]) -> list[Any]:
    """Pages whose commands are run, those that take long marked so."""
    return [
        pytest.param(
            page, id=name_of(page), marks=[pytest.mark.long] if name_of(page) in LONG else []
        )
        for page in pages
    ]


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page that are in one of the languages."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [text for language, text in found if language in languages]


def commands(page: Path) -> list[list[str]]:
    """The words of each command, lines that end in a backslash joined."""
    lines = "".join(blocks(page, *SHELLS)).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


def targets() -> set[str]:
    return {words[1] for page in PAGES for words in commands(page) if words[0] == "make"}


@cache
def market() -> Path:
    """The folder that stands for FOLDER; tests copy it."""
    folder = Path(mkdtemp()) / "market"
    write_world(MARKET, folder, lambda _: None)
    for path in folder.glob("*.*"):
        if path.stem not in KEPT:
            path.unlink()
    return folder


def lay_out(folder: Path, page: Path) -> None:
    """What the commands of a page find where they are run."""
    shutil.copytree(market(), folder / "FOLDER")
    (folder / "examples").symlink_to(ROOT / "examples")
    for text in blocks(page, "yaml"):
        named = re.match(r"# (\w+\.yaml)\n", text)
        if named:
            (folder / named[1]).write_text(text, encoding="utf-8")
    told = [] if page in SHELL else commands(page)
    asked = [word for words in told for word in words if word == "asked.csv"]
    for name, text in zip(asked, blocks(page, "csv"), strict=True):
        (folder / name).write_text(text, encoding="utf-8")


@cache
def ran(page: Path) -> tuple[Path, tuple[int, ...]]:
    """The folder in which the `tradeline` commands of a page were run, and their exit codes."""
    folder = Path(mkdtemp())
    folder.chmod(0o755)  # a server that root starts runs as another user
    lay_out(folder, page)
    few = {"assess": FEW}
    told = [] if page in SHELL else commands(page)
    asked = [words[1:] for words in told if words[0] == "tradeline"]
    with chdir(folder), pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRADELINE_BOOK", str(folder / "book"))
        return folder, tuple(main([*words, *few.get(words[0], [])]) for words in asked)


@pytest.mark.parametrize("page", run_pages(p for p in PAGES if commands(p) and p not in SHELL))
def test_every_command_of_a_page_runs(page: Path) -> None:
    assert {words[0] for words in commands(page)} <= {"tradeline", "make"}
    _, codes = ran(page)
    assert set(codes) <= {0}


def programs(folder: Path) -> Path:
    """A folder with the programs that a shell needs to run a page."""
    folder.mkdir()
    for name, words in {"tradeline": "-m tradeline", "python": ""}.items():
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return folder


@pytest.mark.parametrize("page", run_pages(SHELL))
def test_a_page_for_a_shell_runs_and_prints_what_it_shows(page: Path, tmp_path: Path) -> None:
    if not is_installed():
        pytest.skip(ABSENT)
    lay_out(tmp_path, page)
    script = "set -eu\n" + "".join(blocks(page, *SHELLS)).replace("8750", str(free_port()))
    with server_folder() as book:
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=os.environ
            | {
                "PATH": f"{programs(tmp_path / 'bin')}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(ROOT),
                "TRADELINE_BOOK": str(book),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    shown = "".join(blocks(page, "text")).splitlines()
    assert [line for line in shown if line not in done.stdout] == [], done.stdout


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize("target", sorted(targets()))
def test_every_make_target_exists(target: str) -> None:
    found = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=name_of)
def test_worked_numbers_hold(page: Path) -> None:
    examples = "\n".join(blocks(page, "python"))
    assert examples.count(">>>") > 2
    parsed = doctest.DocTestParser().get_doctest(examples, {}, name_of(page), str(page), 0)
    with chdir(ran(page)[0]):
        result = doctest.DocTestRunner().run(parsed)
    assert result.failed == 0


def test_the_guide_shows_mappings_that_can_be_read(tmp_path: Path) -> None:
    contracts = []
    for block in blocks(ROOT / "docs" / "guides" / "mapping.md", "yaml"):
        (tmp_path / "tradeline.yaml").write_text(block, encoding="utf-8")
        mapping = read_mapping(tmp_path / "tradeline.yaml")
        contracts.append([source.contract for source in mapping.sources])
    assert contracts == [
        ["sales_invoices", "outcomes", "response_curves"],
        ["order_lines", "orders", "payments"],
    ]


def links(page: Path) -> list[str]:
    """Where a page leads within the repository; what stands in blocks of code is no link."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\[[^]]*\]\(([^)\s]+)\)", text)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_link_is_dead(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)}: {link}"
        assert not anchor or anchor in anchors(target), f"{name_of(page)}: {link}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
    assert {name_of(page) for page in set(PAGES) - reached} == set()


def required() -> set[str]:
    """The packages that the project asks for itself, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    development = (ROOT / "requirements" / "dev.in").read_text("utf-8").splitlines()
    extras = chain.from_iterable(project["optional-dependencies"].values())
    asked = [
        *project["dependencies"],
        *extras,
        *(line for line in development if line[:1].isalpha()),
    ]
    return {re.split(r"[<>=~!\[; ]", line)[0].lower() for line in asked}


def test_every_dependency_is_explained_and_none_that_is_not_there() -> None:
    page = (ROOT / "docs" / "decisions" / "dependencies.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| \w[\w-]* \|$", page, re.MULTILINE)[1:]
    listed = [name.lower() for names, _ in rows for name in names.split(", ")]
    assert sorted(listed) == sorted(required())


def test_records_of_decisions_are_numbered_without_gap_and_listed() -> None:
    assert [int(page.name[:4]) for page in RECORDS] == list(range(1, len(RECORDS) + 1))
    index = (RECORDS[0].parent / "README.md").read_text("utf-8")
    for number, page in enumerate(RECORDS, 1):
        title = page.read_text("utf-8").splitlines()[0].removeprefix(f"# {number}. ")
        assert f"{number}. [{title}]({page.name})" in index


@pytest.mark.parametrize("page", RECORDS, ids=name_of)
def test_a_record_has_context_decision_consequences_and_alternatives(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "Alternatives"]


def test_a_word_has_one_meaning_and_its_place_in_the_alphabet() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    words = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", page, re.MULTILINE)[2:]
    assert len(words) > 40
    assert words == sorted(set(words), key=str.lower)


def test_the_architecture_names_every_module_of_risk() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rooms = page.split("## The rooms of `risk`")[1].split("\n##")[0]
    table = "\n".join(line for line in rooms.splitlines() if line.startswith("|"))
    risk = ROOT / "tradeline" / "risk"
    rooms_there = {path.parent.name for path in risk.glob("*/__init__.py")}
    there = {path.stem for path in risk.rglob("*.py")} - {"__init__"} | rooms_there
    assert set(re.findall(r"`(\w+)`", table)) == there


def test_what_the_docs_call_a_file_of_parameters_is_one() -> None:
    known = {entry.name for entry in parameter_entries()}
    for page in PAGES:
        named = re.findall(r"parameters/(\w+\.yaml)", page.read_text("utf-8"))
        assert set(named) <= known, name_of(page)


def results(name: str = "results") -> Path:
    """What an assessment of the guide wrote."""
    return ran(GUIDE)[0] / name


def manifest(name: str = "results") -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((results(name) / "manifest.json").read_text("utf-8"))
    return found


def described(heading: str) -> list[str]:
    """The columns that the guide lists under a heading."""
    section = GUIDE.read_text("utf-8").split(f"\n### {heading}")[1].split("\n#")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def written() -> Iterator[tuple[str, list[str]]]:
    """Each file of the results that the guide explains by columns, and its columns."""
    for name in ("scores", "decisions"):
        path = results() / f"{name}.parquet"
        yield f"`{name}`", duckdb.connect().read_parquet(str(path)).columns
    yield "`refused.csv`", (results() / "refused.csv").read_text("utf-8").splitlines()[0].split(",")
    findings = json.loads((results() / "findings.json").read_text("utf-8"))
    yield "`findings.json`", list(findings[0])
    yield "`manifest.json`", list(manifest()[0])


@pytest.mark.long
def test_the_guide_lists_the_columns_of_every_file() -> None:
    for heading, columns in written():
        assert described(heading) == columns, heading


@pytest.mark.long
def test_the_guide_names_every_file_of_the_results() -> None:
    section = GUIDE.read_text("utf-8").split("\n## What each file holds")[1]
    for path in results().iterdir():
        name = path.stem if path.suffix == ".parquet" else path.name
        if path.with_suffix(".parquet") not in results().iterdir():
            assert f"`{name}`" in section, path.name


@pytest.mark.long
def test_the_guide_names_every_kind_of_entry_in_a_manifest() -> None:
    section = GUIDE.read_text("utf-8").split("\n### `manifest.json`")[1].split("\n#")[0]
    for kind in {entry["kind"] for entry in manifest()}:
        assert f"`{kind}`" in section


@pytest.mark.long
def test_the_replay_of_the_guide_gives_an_equal_manifest() -> None:
    assert manifest("replay") == manifest()
    assert manifest("critic") != manifest()


@pytest.mark.long
def test_the_options_stand_in_the_manifest_as_the_guide_says() -> None:
    (options,) = (entry["name"] for entry in manifest("critic") if entry["kind"] == "options")
    stated = json.loads(options)
    assert (stated["as_of"], stated["budget"]) == ("2024-12-31", 100_000_000)
    assert (stated["base_rate"], stated["binds"]) == (0.1, "offers")
