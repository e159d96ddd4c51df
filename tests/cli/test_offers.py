"""`tradeline offers`: a plan within caps, and lenders beside each other, from files to files."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from tradeline.cli.main import main

Capture = pytest.CaptureFixture[str]
EXAMPLES = Path(__file__).parents[2] / "examples"
ENGINE = EXAMPLES / "decide" / "engine.yaml"
ASKED = EXAMPLES / "decide" / "applications.csv"
AT = ("--at", "2026-06-30T12:00")
LIMITS = """\
currency: CNY
budget: 3000000
expected_loss: 60000
single_name: 500000
sectors: {construction: 0.1}
grades: {B: 0.5}
"""
SOUTH = f"""\
name: lines
model: {EXAMPLES}/decide/model.json
policy: {EXAMPLES}/policy/small_business.yaml
lender: {EXAMPLES}/lenders/millet_credit.yaml
max_age_days: 92
may_be_missing: [margin_12m]
"""


def plan(folder: Path, limits: str = LIMITS, *more: object, asked: Path = ASKED) -> int:
    (folder / "limits.yaml").write_text(limits, encoding="utf-8")
    return main(["offers", "plan", str(ENGINE), "--applications", str(asked), "--limits",
                 str(folder / "limits.yaml"), *AT, "--out", str(folder / "plan"),
                 *map(str, more)])  # fmt: skip


def test_a_plan_is_made_within_the_caps_of_a_file(tmp_path: Path, capsys: Capture) -> None:
    assert plan(tmp_path) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("40 applications: each alone 23 offers of CNY 4,800,000, expected ")
    assert "\n  budget: CNY 3,000,000 of CNY 3,000,000; one more would bring 0.0" in shown
    content = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    offers = duckdb.execute(f"SELECT sum(amount_minor), sum(profit_minor), count(*) "
                            f"FROM '{tmp_path / 'plan.parquet'}'").fetchone()  # fmt: skip
    assert offers == (content["amount_minor"], content["profit_minor"], content["offers"])
    assert content["profit_minor"] <= content["bound_minor"]
    (budget,) = (one for one in content["caps"] if one["kind"] == "budget")
    assert budget["used_minor"] <= budget["cap_minor"] == 300_000_000
    assert "Shadow price" in (tmp_path / "plan.html").read_text("utf-8")


@pytest.mark.long
def test_a_plan_is_the_same_each_time(tmp_path: Path) -> None:
    assert plan(tmp_path) == 0
    first = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert plan(tmp_path) == 0
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == first


@pytest.mark.long
def test_connected_clients_are_named_by_a_column(tmp_path: Path, capsys: Capture) -> None:
    with ASKED.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    asked = tmp_path / "asked.csv"
    with asked.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*rows[0], "owner"])
        writer.writeheader()
        writer.writerows({**row, "owner": "Li" if place < 20 else ""}
                         for place, row in enumerate(rows))  # fmt: skip
    assert plan(tmp_path, LIMITS, "--group", "owner", asked=asked) == 0
    assert "1 group of connected clients, offers to 1" in capsys.readouterr().out
    content = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    (group,) = (one for one in content["caps"] if one["kind"] == "connected clients")
    assert group["name"] == "Li"
    assert group["used_minor"] <= 50_000_000


def test_connected_clients_of_a_table_share_their_cap(tmp_path: Path, capsys: Capture) -> None:
    owed, together = tmp_path / "owed.csv", tmp_path / "together.csv"
    owed.write_text("enterprise,exposure_minor\nent_900,45000000\n", encoding="utf-8")
    pairs = "".join(f"ent_{place:03d},ent_900\n" for place in range(1, 41))
    together.write_text("left,right\n" + pairs, encoding="utf-8")
    told = ("--exposures", owed, "--affiliations", together)
    asked = EXAMPLES / "decide" / "applications_alone.csv"
    assert plan(tmp_path, LIMITS, *told, asked=asked) == 0
    content = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    (group,) = (one for one in content["caps"] if one["kind"] == "connected clients")
    assert group["name"] == "ent_001"
    assert 0 < group["used_minor"] <= 5_000_000
    assert plan(tmp_path, LIMITS, *told, "--group", "sector", asked=asked) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: --affiliations: --group sector says who is connected too. Leave one of both out."
    )


def test_a_column_of_groups_that_is_not_there_is_told(tmp_path: Path, capsys: Capture) -> None:
    assert plan(tmp_path, LIMITS, "--group", "enterprize") == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: --group: applications.csv has no column 'enterprize'. Did you mean enterprise?"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("currency: CNY", "currency: USD"),
            "limits.yaml: the limits: `currency` is 'USD'; it must be CNY, as the lender's terms "
            "are.",
        ),
        (
            ("budget: 3000000", "budget: much"),
            "limits.yaml: the limits: `budget` is 'much'; it must be ",
        ),
        (
            ("{B: 0.5}", "{D: 0.5}"),
            "limits.yaml: the limits: `grades` is {'D': 0.5}; it must be of the lender: A, B, C.",
        ),
        (
            ("{construction: 0.1}", "{construction: 10%}"),
            "limits.yaml: the limits: `sectors` is {'construction': '10%'}; it must be a table of "
            "names and shares of the budget, 0 to 1.",
        ),
        (
            ("single_name: 500000", "name: 500000"),
            "limits.yaml: the limits: unknown key 'name'; known are currency, budget, "
            "expected_loss, single_name, sectors, grades.",
        ),
    ],
)
def test_limits_that_cannot_be(
    tmp_path: Path, capsys: Capture, change: tuple[str, str], message: str
) -> None:
    assert plan(tmp_path, LIMITS.replace(*change)) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert [path.name for path in tmp_path.iterdir()] == ["limits.yaml"]


def compare(folder: Path, out: str) -> int:
    (folder / "south.yaml").write_text(SOUTH, encoding="utf-8")
    return main(["offers", "compare", str(ENGINE), str(folder / "south.yaml"), "--applications",
                 str(ASKED), *AT, "--out", str(folder / out)])  # fmt: skip


def test_two_lenders_price_the_same_applications(tmp_path: Path, capsys: Capture) -> None:
    assert compare(tmp_path, "compared.csv") == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[0] == (
        "harbour_bank: 23 offers of CNY 4,800,000, the cheapest to 23 firms"
    )
    assert f"23 of 40 applications have an offer: {tmp_path / 'compared.csv'}." in shown
    with (tmp_path / "compared.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 80
    third = [(row["rank"], row["lender"], row["amount_minor"]) for row in rows[4:6]]
    assert third == [("1", "harbour_bank", "6000000"), ("2", "millet_credit", "3600000")]
    assert compare(tmp_path, "compared.xlsx") == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: --out: 'compared.xlsx' is neither Parquet nor CSV by its name. Name it like "
        "compared.parquet."
    )
