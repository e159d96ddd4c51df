"""What the lake keeps of each row beside its contract's fields: columns, hash, bucket, order."""

from enum import StrEnum
from hashlib import sha256

from tradeline.lake.contracts import BY_NAME, Contract, Field, Kind
from tradeline.lake.sql_text import literal

REFUSED = "refused"
REFUSED_COLUMNS = {
    "file": "VARCHAR",
    "contract": "VARCHAR",
    "file_row": "BIGINT",
    "code": "VARCHAR",
    "reason": "VARCHAR",
    "content": "VARCHAR",
    "enterprise": "VARCHAR",
}
# What was written in a refused row, and why it was refused, may tell of anybody.
REFUSED_PERSONAL = ("reason", "content")
CLOCK_TYPES = {"occurred_at": "TIMESTAMP", "recorded_at": "TIMESTAMP"}
# Who told it in which batch, which entry landed it, and whether its key had been told before.
STAMPS = {
    "source": "VARCHAR",
    "assurance": "VARCHAR",
    "batch": "VARCHAR",
    "entry": "BIGINT",
    "revision": "BOOLEAN",
}
PROVENANCE_TYPES = {"source_file": "VARCHAR", "source_row": "BIGINT"}
ONE_BUCKET = "0"
HASH_DIGITS = 12
"""How many digits of its hash stand in the id of a record."""


class Assurance(StrEnum):
    """Who stands behind what a source says, the weakest first."""

    SELF_DECLARED = "self-declared"
    PLATFORM_OBSERVED = "platform-observed"
    COUNTERPARTY_CONFIRMED = "counterparty-confirmed"
    AUTHORITY_VERIFIED = "authority-verified"


def is_dated(contract: Contract) -> bool:
    """Whether the contract's rows carry clocks of their own; else their batch dates them."""
    return CLOCK_TYPES.keys() <= set(contract.columns)


def key_columns(contract: Contract) -> tuple[str, ...]:
    """The columns that make a row of the contract unique."""
    return tuple(contract.field(name).column for name in contract.key)


def personal_columns(dataset: str) -> tuple[str, ...]:
    """The columns of a dataset that the lake keeps sealed under the key of the row's subject."""
    return REFUSED_PERSONAL if dataset == REFUSED else BY_NAME[dataset].personal_columns


def strength_sql() -> str:
    """A number that grows with the assurance of a record."""
    levels = (f"WHEN {literal(level)} THEN {n}" for n, level in enumerate(Assurance, 1))
    return f"CASE assurance {' '.join(levels)} END"


def row_hash_sql(contract: Contract) -> str:
    """The SHA-256 (32 bytes) of what a row says, whenever it was learned.

    Hashed is the UTF-8 text of the contract's name, then for each of its columns but
    `recorded_at`, in order, `;name=value`; a text stands as `;name=bytes:value`, and a missing
    value is left out, so that an optional field added to a contract changes no hash. A personal
    value stands as the hexadecimal digits of what is stored, so that nobody can try names.
    """
    said = [field for field in contract.fields if field.name != "recorded_at"]
    parts = ", ".join(_said(field) for field in said)
    return f"unhex(sha256(concat({literal(contract.name)}, {parts})))"


def record_id_sql(contract: str) -> str:
    """The id of a record, to be quoted: its contract, what it says, the entry that landed it.

    An entry tells a key once, so two records of a lake never share an id.
    """
    digits = f"left(lower(hex(row_hash)), {HASH_DIGITS})"
    return f"{literal(f'{contract}/')} || {digits} || '/' || entry"


def _said(field: Field) -> str:
    value = f"CAST({field.column} AS VARCHAR)"
    if field.personal:
        return f"';{field.column}=' || hex({field.column})"
    if field.kind in (Kind.TEXT, Kind.CHOICE):
        value = f"strlen({field.column}) || ':' || {field.column}"
    return f"';{field.column}=' || {value}"


def bucket_sql(contract: Contract) -> str:
    """Which of 16 buckets a row falls into: the first hexadecimal digit of its firm's SHA-256."""
    if "enterprise" not in contract.columns:
        return literal(ONE_BUCKET)
    return "left(sha256(enterprise), 1)"


BUCKETS = tuple("0123456789abcdef")
"""The buckets that firms fall into."""


def bucket_of(firm: str) -> str:
    """The bucket of a firm's rows, as `bucket_sql` says it."""
    return sha256(firm.encode()).hexdigest()[0]


def order_sql(contract: Contract) -> str:
    """The order of rows inside a file: total, and by firm and time as features read them."""
    firm = ["enterprise"] if "enterprise" in contract.columns else []
    return ", ".join(dict.fromkeys([*firm, "occurred_at", *key_columns(contract), "entry"]))


def stored_columns(dataset: str) -> dict[str, str]:
    """The columns of a dataset's files and their types: its own, then what the lake adds."""
    sealed = dict.fromkeys(personal_columns(dataset), "BLOB")
    subject = {"subject": "VARCHAR"} if sealed else {}
    if dataset == REFUSED:
        return REFUSED_COLUMNS | sealed | CLOCK_TYPES | STAMPS | subject
    own = {field.column: field.sql_type for field in BY_NAME[dataset].fields} | sealed
    return own | CLOCK_TYPES | STAMPS | {"row_hash": "BLOB"} | PROVENANCE_TYPES | subject
