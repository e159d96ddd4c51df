"""What a source tells may widen; what would give its names to something else stops, and says so."""

from pathlib import Path

import pytest

from tests.lake.lakes import FIRST_DAY, answers, new_lake
from tradeline.cli.main import main
from tradeline.kernel.findings import InputProblem
from tradeline.lake.batches import Landed
from tradeline.lake.folders import land_folder
from tradeline.lake.log import entry_path
from tradeline.lake.mapping import parse_mapping
from tradeline.lake.recognition import propose
from tradeline.lake.records import Assurance
from tradeline.lake.shape import CONSTANT, FieldShape, Misfit, changes, joined, vanished
from tradeline.lake.store import open_lake

HEADER = "enterprise,payment_no,order_no,amount,occurred_at,recorded_at"
METHOD = {"method": "method"}
SAME = {name: name for name in HEADER.split(",")}


def row(number: int, amount: str = "5", day: str = "2024-01-31", known: str = "2024-02-01") -> str:
    return f"E1,{number},A1,{amount},{day},{known}"


def land_payments(
    root: Path,
    rows: list[str],
    columns: dict[str, str] = SAME,
    header: str = HEADER,
    **more: object,
) -> Landed:
    folder = root.parent / "incoming"
    folder.mkdir(exist_ok=True)
    (folder / "payments.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    source = {"file": "payments.csv", "contract": "payments", "columns": columns, **more}
    mapping = parse_mapping({"sources": [source]}, "tradeline.yaml")
    return land_folder(root, folder, mapping, "shop", Assurance.PLATFORM_OBSERVED, lambda _: None)


def said(landed: Landed) -> list[str]:
    return [
        f.line()
        for f in landed.findings
        if f.where.startswith("payments.") and "csv" not in f.where
    ]


def stopped(root: Path, rows: list[str], columns: dict[str, str] = SAME, **more: object) -> str:
    before = open_lake(root).entries
    with pytest.raises(InputProblem) as refusal:
        land_payments(root, rows, columns, **more)  # type: ignore[arg-type]
    assert open_lake(root).entries == before
    return str(refusal.value)


def test_the_shape_of_a_batch_stands_in_the_chained_log(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_payments(root, [row(1, "5.25")])
    (entry,) = open_lake(root).entries
    assert entry.batch
    assert entry.batch.shape["payments"] == {
        "enterprise": FieldShape(("enterprise",), "text"),
        "payment_no": FieldShape(("payment_no",), "text"),
        "order_no": FieldShape(("order_no",), "text"),
        "amount": FieldShape(("amount",), "decimal"),
        "occurred_at": FieldShape(("occurred_at",), "day"),
        "recorded_at": FieldShape(("recorded_at",), "day"),
    }
    path = entry_path(root, 1)
    path.write_text(path.read_text("utf-8").replace('"decimal"', '"whole"'), encoding="utf-8")
    with pytest.raises(InputProblem, match="The entry was altered"):
        open_lake(root)


def test_the_same_shape_again_is_not_worth_a_word(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_payments(root, [row(1)])
    assert said(land_payments(root, [row(2)])) == []


def test_a_new_optional_column_passes_and_is_remembered(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_payments(root, [row(1)])
    wider = f"{HEADER},method"
    later = land_payments(root, [f"{row(2)},card"], SAME | METHOD, wider)
    assert said(later) == [
        "note: payments.method: It is told too, by the column 'method'; earlier batches left it "
        "empty."
    ]
    assert said(land_payments(root, [f"{row(3)},card"], SAME | METHOD, wider)) == []
    assert said(land_payments(root, [row(4)])) == [
        "note: payments.method: It is left out; earlier batches told it by the column 'method'."
    ]


def test_whole_numbers_may_become_decimals_and_whole_again(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_payments(root, [row(1)])
    assert said(land_payments(root, [row(2, "5.25")])) == [
        "note: payments.amount: It is written as decimal; it was written as whole."
    ]
    assert said(land_payments(root, [row(3)])) == []


def test_a_column_that_is_called_otherwise_passes_unless_it_is_key_or_clock(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    land_payments(root, [row(1)])
    renamed = HEADER.replace("amount", "paid")
    assert said(land_payments(root, [row(2)], SAME | {"amount": "paid"}, renamed)) == [
        "note: payments.amount: It comes from the column 'paid'; it came from the column 'amount'."
    ]


def test_a_key_from_another_column_stops(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_payments(root, [row(1)])
    header = HEADER.replace("payment_no", "slip")
    assert stopped(root, [row(2)], SAME | {"payment_no": "slip"}, header=header) == (
        "error: payments.payment_no: The key came from the column 'payment_no' and now comes from "
        "the column 'slip': rows told before could not be compared. Map it to the column it came "
        "from, or land it under a source name of its own."
    )


def test_a_clock_that_is_lost_stops(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_payments(root, [row(1)])
    columns = {name: column for name, column in SAME.items() if name != "recorded_at"}
    assert stopped(root, [row(2)], columns, recorded_at="occurred_at") == (
        "error: payments.recorded_at: The clock came from the column 'recorded_at' and now comes "
        "from the column 'occurred_at': times could not be compared. Map it to the column it came "
        "from, or land it under a source name of its own."
    )


def test_times_that_lose_their_zone_stop(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_payments(root, [row(1, day="2024-01-31T10:00:00+08:00")])
    assert stopped(root, [row(2, day="2024-01-31T10:00:00")]) == (
        "error: payments.occurred_at: It was written as time with zone and is now written as time, "
        "by the column 'occurred_at': what it tells would shift. Have the source write it as "
        "before, or land it under a source name of its own."
    )


def test_text_in_a_column_of_amounts_stops_but_a_stray_row_is_only_refused(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    many = [row(n) for n in range(300)]
    land_payments(root, many)
    strays = [row(n) for n in range(300, 600)] + [row(600, "n/a")]
    assert land_payments(root, strays).record.refused == 1
    texts = [row(n, "USD 5") for n in range(700, 704)]
    assert stopped(root, [row(n) for n in range(604, 700)] + texts) == (
        "error: payments.amount: The column 'amount' was written as whole and now holds 'USD 5' "
        "and their like, in 4 rows of 100. Mend the source, or say in a mapping how its dates and "
        "amounts are written."
    )


def test_a_first_batch_has_nothing_to_narrow(tmp_path: Path) -> None:
    assert land_payments(new_lake(tmp_path), [row(1, "USD 5"), row(2)]).record.refused == 1


ORDERS = "enterprise,order_no,counterparty,gross,status,occurred_at,recorded_at"


def write_orders(folder: Path, rows: list[str], header: str = ORDERS) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "orders.csv").write_text("\n".join([header, *rows]), encoding="utf-8")


def order(number: int, status: str = "placed") -> str:
    return f"E1,{number},B1,5,{status},2024-01-31,2024-02-01"


def land_command(tmp_path: Path) -> int:
    words = ["lake", "land", str(tmp_path / "lake"), str(tmp_path / "folder"), "--source", "shop"]
    return main([*words, "--assurance", "platform-observed"])


def test_a_choice_unknown_before_stops_unless_it_is_a_slip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = new_lake(tmp_path)
    write_orders(tmp_path / "folder", [order(1)])
    assert land_command(tmp_path) == 0
    write_orders(tmp_path / "folder", [order(2), order(3, "plaecd")])
    assert land_command(tmp_path) == 1
    write_orders(tmp_path / "folder", [order(4), order(5, "on hold"), order(6, "on hold")])
    assert land_command(tmp_path) == 2
    assert (
        "error: orders.status: The column 'status' held placed, shipped, delivered, cancelled and "
        "now also 'on hold', in 2 rows of 3. Say under `values` in a mapping which of the allowed "
        "values is meant."
    ) in capsys.readouterr().err
    assert [number for _, number, _ in answers(root)] == ["1", "2"]


def test_a_required_column_that_vanishes_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_lake(tmp_path)
    write_orders(tmp_path / "folder", [order(1)])
    (tmp_path / "folder" / "firms.csv").write_text("enterprise,name\nE1,x", encoding="utf-8")
    assert land_command(tmp_path) == 0
    header = ORDERS.replace("gross", "points")
    write_orders(tmp_path / "folder", [order(2)], header)
    assert land_command(tmp_path) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: orders.csv: orders.gross: It came from the column 'gross', which the file no "
        "longer has: it has 'enterprise', 'order_no', 'counterparty', 'points', 'status', "
        "'occurred_at', 'recorded_at'. Send the column, or map the one that took its place."
    )


def test_a_file_that_was_never_like_it_is_no_vanished_column() -> None:
    known = {"orders": {name: FieldShape((name,), "text") for name in ORDERS.split(",")}}
    assert vanished(known, ["orders"], {"a.csv": ("x",)}) == []
    assert vanished(known, [], {"a.csv": ("enterprise", "colour")}) == []


def test_a_new_column_of_a_wide_table_is_no_other_key(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    folder = tmp_path / "curves"
    folder.mkdir()
    said_of = []
    for content in ("rate,churn_A\n0.04,0", "rate,churn_A,churn_B\n0.05,0,0.1"):
        (folder / "churn.csv").write_text(content, encoding="utf-8")
        landed = land_folder(
            root, folder, propose(folder, "CNY", lambda _: None).mapping, "bank",
            Assurance.SELF_DECLARED, lambda _: None, learned_at=FIRST_DAY,
        )  # fmt: skip
        said_of.append([finding.line() for finding in landed.findings])
    assert said_of[0] == []
    assert (
        "note: response_curves.lost_share: It comes from the column 'churn_A, churn_B'; it "
        "came from the column 'churn_A'." in said_of[1]
    )


def test_the_names_of_columns_keep_their_capitals() -> None:
    known = {"payments": {"amount": FieldShape(("Paid EUR",), "whole")}}
    misfit = Misfit("payments", "amount", 9, 10, (("USD 5", 9),))
    (found,) = changes(known, {}, [misfit])
    assert found.message == (
        "The column 'Paid EUR' was written as whole and now holds 'USD 5' and their like, in 9 "
        "rows of 10."
    )


def test_values_that_stand_for_all_rows_may_come_and_go() -> None:
    known = {"payments": {"enterprise": FieldShape((CONSTANT,), "text")}}
    assert changes(known, known, ()) == []


def test_shapes_join_to_the_widest() -> None:
    shapes = [
        {"payments": {"amount": FieldShape(("a",), form)}} for form in ("whole", "decimal", "empty")
    ]
    for order_of in (shapes, shapes[::-1]):
        assert joined(order_of) == {"payments": {"amount": FieldShape(("a",), "decimal")}}
