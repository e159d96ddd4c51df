"""Of whom a row tells: the one place that says how a row names its subject.

A subject is written `KIND:ID`. The kind is the field that tells persons apart (`enterprise` where
the firm stands for its sole trader, `owner_no`, `guarantor_no`), the id that field's value. What
was refused tells of nobody for certain: its subject is its `batch`. Every firm is a subject from
its first row, so that one that turns out to be a sole trader can be erased like any other.
"""

from tradeline.lake.contracts import CONTRACTS
from tradeline.lake.records import REFUSED, personal_columns
from tradeline.lake.sql_text import literal

FIRM = "enterprise"
BATCH = "batch"
SEALED = tuple(
    name for name in (*(contract.name for contract in CONTRACTS), REFUSED) if personal_columns(name)
)
FIELDS = {contract.name: contract.subject for contract in CONTRACTS} | {REFUSED: BATCH}
# What names the subject itself, rather than whom it dealt with: looked for in refused rows.
NAMES = ("name", "owner", "guarantor", "representative", "personal_id")
IDENTIFYING = tuple(
    (dataset, column)
    for dataset in SEALED
    for column in personal_columns(dataset)
    if column in NAMES
)
KINDS = tuple(dict.fromkeys(FIELDS[name] for name in SEALED))


def subject_named(text: str) -> str:
    """The subject that a user means: `KIND:ID`, or the id of a firm alone."""
    kind, _, identity = text.partition(":")
    return text if kind in KINDS and identity else f"{FIRM}:{text}"


def subject_sql(dataset: str) -> str:
    """The subject of a row, as SQL over the columns of the dataset."""
    field = FIELDS[dataset]
    return f"{literal(f'{field}:')} || {field}"
