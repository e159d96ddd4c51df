"""Every JSON that risk hands out can be read by others: no NaN and no Infinity in it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import tradeline

ROOT = Path(tradeline.__file__).parent
MODULES = sorted(
    path
    for path in (
        *(ROOT / "risk").rglob("*.py"),
        *(
            ROOT / "cli" / f"{name}.py"
            for name in ("assess", "decide", "decisions", "model", "policy")
        ),
    )
    if path.parent.name != "losses"
)


def lax(text: str) -> Iterator[int]:
    """The lines on which JSON is written that may hold what is no JSON."""
    for node in ast.walk(ast.parse(text if "json.dump" in text else "")):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("json.dumps", "json.dump"):
            strict = {word.arg: ast.unparse(word.value) for word in node.keywords}
            if strict.get("allow_nan") != "False":
                yield node.lineno


def test_no_module_writes_json_that_is_none() -> None:
    found = {path.name: list(lax(path.read_text(encoding="utf-8"))) for path in MODULES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_module_that_did_would_be_found() -> None:
    assert list(lax("import json\njson.dumps(1, indent=1)")) == [2]
