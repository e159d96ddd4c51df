"""`tradeline link`: what it prints, writes and explains."""

import csv
import math
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from tests.creditfile.linkage.test_identifiers import credit_identifiers
from tradeline.cli.main import main
from tradeline.creditfile.linkage.tables.mapping import read_link_mapping

EXAMPLES = Path(__file__).parents[2] / "examples" / "link"
TABLES = (str(EXAMPLES / "shop.csv"), str(EXAMPLES / "catalogue.csv"))
Capture = pytest.CaptureFixture[str]
Row = tuple[str, str, float, str]


def links(path: Path) -> list[Row]:
    return duckdb.execute(f"SELECT * FROM '{path}'").fetchall()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that a run writes."""
    folder = tmp_path_factory.mktemp("links")
    words = ["--out", str(folder / "links.parquet"), "--review", str(folder / "review.csv")]
    words += ["--evidence", str(folder / "evidence.csv")]
    assert main(["link", *TABLES, *words, "--write-mapping", str(folder / "link.yaml")]) == 0
    return folder


def test_links_have_four_columns_and_are_likely(results: Path) -> None:
    found = duckdb.execute(f"SELECT * FROM '{results / 'links.parquet'}'")
    assert [item[0] for item in found.description] == ["left", "right", "probability", "relation"]
    rows = found.fetchall()
    assert 40 < len(rows) < 72
    assert all(left[0] == "a" and right[0] == "b" for left, right, _, _ in rows)
    assert all(0.5 <= probability <= 1 for _, _, probability, _ in rows)
    assert {relation for *_, relation in rows} == {"same"}


def test_the_evidence_of_a_link_adds_up_to_its_odds(results: Path) -> None:
    bits: dict[tuple[str, str], float] = defaultdict(float)
    with (results / "evidence.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            bits[row["left"], row["right"]] += float(row["bits"])
    for left, right, probability, _ in links(results / "links.parquet"):
        assert bits[left, right] == pytest.approx(
            math.log2(probability) - math.log2(1 - probability), abs=0.1
        )


def test_pairs_in_doubt_stand_with_their_values_nearest_first(results: Path) -> None:
    with (results / "review.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    doubts = [abs(float(row["probability"]) - 0.5) for row in rows]
    assert doubts == sorted(doubts)
    assert any(row["name (left)"] and row["name (right)"] for row in rows)


def test_a_written_mapping_gives_the_same_links(results: Path, tmp_path: Path) -> None:
    assert read_link_mapping(results / "link.yaml").threshold == 0.5
    words = ["--mapping", str(results / "link.yaml"), "--out", str(tmp_path / "again.parquet")]
    assert main(["link", *TABLES, *words]) == 0
    assert links(tmp_path / "again.parquet") == links(results / "links.parquet")


def test_links_can_be_written_again_over_themselves(results: Path) -> None:
    before = (results / "links.parquet").read_bytes()
    assert main(["link", *TABLES, "--out", str(results / "links.parquet")]) == 0
    assert (results / "links.parquet").read_bytes() == before


def test_it_says_what_was_assumed_and_what_to_expect(tmp_path: Path, capsys: Capture) -> None:
    assert main(["link", *TABLES, "--out", str(tmp_path / "links.csv")]) == 0
    said = capsys.readouterr().out
    for line in (
        "shop.csv: 71 records, named by 'id'",
        "  name: 'name' with 'title', as text",
        "  price: 'price' with 'list_price', as number",
        "a record of the left table has one counterpart at most (found out)",
        "links with a probability of at least 0.5",
        "expected precision 0.",
    ):
        assert line in said
    assert (tmp_path / "links.csv").read_text("utf-8").startswith("left,right,probability,relation")


def test_without_a_place_for_links_it_stops_at_the_mapping(tmp_path: Path, capsys: Capture) -> None:
    assert main(["link", *TABLES, "--write-mapping", str(tmp_path / "link.yaml")]) == 0
    assert "compared by:" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["link.yaml"]


FIRMS = [
    ("Nordwind Logistik GmbH", "Hafen 1, Kiel"), ("Nordwind Energie GmbH", "Hafen 1, Kiel"),
    ("Alpha Bau AG", "Ring 5, Bern"), ("Alpha Bau AG", "Markt 9, Genf"),
    *((f"{name} {trade} GmbH", f"Weg {n}, {town}") for n, (name, trade, town) in enumerate(
        (name, trade, town)
        for name, town in zip(("Kowal", "Ranev", "Mibel", "Tagun", "Dorus", "Felix", "Gonda"),
                              ("Ulm", "Jena", "Gera", "Fulda", "Soest", "Emden", "Worms"),
                              strict=True)
        for trade in ("Bau", "Druck", "Glas", "Garten", "Holz"))),
]  # fmt: skip


def test_below_the_threshold_firms_are_affiliated_or_namesakes(tmp_path: Path) -> None:
    with (tmp_path / "firms.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["company", "address"])
        writer.writerows(FIRMS)
    (tmp_path / "link.yaml").write_text(
        "fields: {company: {kind: company_name}, address: {kind: address}}\nthreshold: 1\n",
        encoding="utf-8",
    )
    words = ["--mapping", str(tmp_path / "link.yaml"), "--out", str(tmp_path / "links.parquet")]
    assert main(["link", str(tmp_path / "firms.csv"), *words, "--all"]) == 0
    found = links(tmp_path / "links.parquet")
    relation = {(str(left), str(right)): name for left, right, _, name in found}
    assert relation["1", "2"] == "affiliated"
    assert relation["3", "4"] == "namesake"


def test_doubtful_names_and_numbers_are_told(tmp_path: Path, capsys: Capture) -> None:
    numbers = [*credit_identifiers(12), "91110000600037341X"]
    for table in ("a", "b"):
        with (tmp_path / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["company", "registration"])
            writer.writerows((f"Brand{n} Bau GmbH", number) for n, number in enumerate(numbers))
            writer.writerow(["Hu\u0430xin Handel GmbH", numbers[1]] if table == "b" else ["", ""])
    (tmp_path / "link.yaml").write_text(
        "fields: {company: {kind: company_name}, registration: {kind: identifier}}\n", "utf-8"
    )
    words = [
        "--mapping",
        str(tmp_path / "link.yaml"),
        "--write-mapping",
        str(tmp_path / "full.yaml"),
    ]
    assert main(["link", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), *words]) == 0
    said = capsys.readouterr().err
    assert (
        "warning: b.csv, column 'company': 1 name has letters of two alphabets in one word, such "
        "as 'Hu\\u0430xin Handel GmbH' in row 14."
    ) in said
    assert "warning: a.csv, column 'registration': 1 of 13 values is no valid unified" in said
    assert "note: b.csv, column 'registration': 1 number stands in more than one record" in said
