"""What a row's hash is of, and where a row goes."""

import hashlib
from pathlib import Path

import pytest

from tests.lake.lakes import FAR, day, land_orders, new_lake
from tradeline.lake.contracts import CONTRACTS, Contract
from tradeline.lake.store import open_lake


def test_a_rows_hash_is_that_of_what_it_says(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [("企业", "1", 100, 1, 2)])
    row = open_lake(root).connect(FAR, FAR).execute("SELECT row_hash FROM told_orders").fetchone()
    text = (
        "orders;enterprise=6:企业;order_no=1:1;counterparty=2:B1;gross_minor=10000"
        f";currency=3:CNY;status=6:placed;occurred_at={day(1)}"
    )
    assert row == (hashlib.sha256(text.encode()).digest(),)


def test_a_firms_rows_stand_in_the_bucket_of_its_hash_in_order(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    firms = [f"E{number}" for number in range(40)]
    land_orders(root, [(firm, str(n), 1, n % 7, 9) for firm in firms for n in range(9)])
    lake = open_lake(root)
    assert len({file.bucket for file in lake.files}) > 10
    connection = lake.connect(FAR, FAR)
    for file in lake.files:
        query = "SELECT enterprise, occurred_at, order_no FROM read_parquet(?)"
        rows = connection.execute(query, [str(root / file.path)]).fetchall()
        assert rows == sorted(rows)
        assert {hashlib.sha256(row[0].encode()).hexdigest()[0] for row in rows} == {file.bucket}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_no_part_of_a_key_may_be_missing(contract: Contract) -> None:
    assert all(contract.field(name).required for name in contract.key)
