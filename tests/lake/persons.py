"""Small lakes that tell of persons: firms by name, bank entries, owners, refused rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from tests.lake.lakes import FAR, day
from tradeline.lake.batches import Landed
from tradeline.lake.erasure import Erasure, erase
from tradeline.lake.folders import land_folder
from tradeline.lake.mapping import parse_mapping
from tradeline.lake.records import Assurance
from tradeline.lake.store import open_lake

Rows = Sequence[Mapping[str, str]]
FIRMS = ({"enterprise": "E1", "name": "Zhang San Trading"}, {"enterprise": "E2", "name": "Li Si"})
BANK = (
    {"enterprise": "E1", "transaction_no": "1", "counterparty": "Wang Wu", "amount": "10"},
    {"enterprise": "E1", "transaction_no": "2", "counterparty": "", "amount": "20"},
    {"enterprise": "E2", "transaction_no": "1", "counterparty": "Wang Wu", "amount": "30"},
)
OWNERS = (
    {"enterprise": "E1", "owner_no": "P1", "owner": "Zhang San", "owned_share": "0.5"},
    {"enterprise": "E2", "owner_no": "P1", "owner": "Zhang San", "owned_share": "0.1"},
)
CLOCKS = {"occurred_at": f"{day(1):%Y-%m-%d}", "recorded_at": f"{day(2):%Y-%m-%d}"}
ALWAYS: dict[str, dict[str, str]] = {
    "enterprises": {},
    "bank_transactions": CLOCKS,
    "owners": CLOCKS | {"owner_kind": "person"},
    "registrations": CLOCKS | {"registration_no": "R1", "status": "active"},
}


def tell(
    root: Path,
    batch: str,
    learned_at: int = 2,
    key_file: Path | None = None,
    **contracts: Rows,
) -> Landed:
    """Land rows of contracts, given as texts, as one batch."""
    folder = root.parent / f"folder {batch}"
    folder.mkdir(exist_ok=True)
    sources = []
    for contract, given in contracts.items():
        rows = [{**ALWAYS[contract], **row} for row in given]
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        (folder / f"{contract}.csv").write_text("\n".join(lines), encoding="utf-8")
        columns = {name: name for name in rows[0]}
        sources.append({"file": f"{contract}.csv", "contract": contract, "columns": columns})
    mapping = parse_mapping({"sources": sources}, "tradeline.yaml")
    return land_folder(
        root,
        folder,
        mapping,
        "registry",
        Assurance.AUTHORITY_VERIFIED,
        lambda _: None,
        batch,
        day(learned_at),
        key_file,
    )


def forget(root: Path, *subjects: str, reason: str = "asked by letter", at: int = 100) -> Erasure:
    """Erase subjects."""
    return erase(root, subjects, reason, day(at), lambda _: None)


def shown(root: Path, query: str) -> list[tuple[object, ...]]:
    """What a reader sees who asked to be shown what is erased."""
    return open_lake(root).connect(FAR, FAR, show_erased=True).execute(query).fetchall()


def stored(root: Path, dataset: str) -> list[dict[str, object]]:
    """The rows of a dataset as the files hold them."""
    files = [str(root / file.path) for file in open_lake(root).files_of(dataset)]
    result = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [files])
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
