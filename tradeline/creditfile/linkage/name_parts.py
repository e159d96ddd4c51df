"""Names of firms in a database, taken apart: what follows a plain brand is read once for all.

A first word that the lexicon does not know as it stands is the brand. What follows it recurs in
thousands of names: it is read with `ANY_BRAND` before it.
"""

from collections.abc import Sequence

import duckdb

from tradeline.creditfile.linkage.company_names import NAME_PARTS, part_columns
from tradeline.creditfile.linkage.lexicon import STEM_MIN, lexicon
from tradeline.creditfile.linkage.names import name_columns
from tradeline.creditfile.linkage.scripts import LONGEST_NAME
from tradeline.creditfile.linkage.text_columns import distinct_texts, keep_texts
from tradeline.lake.sql_text import quoted

# Stands for a brand that the lexicon does not know.
ANY_BRAND, BRAND_LENGTH = "qqxqzq", 4
# So many names, and at least this share of them, make a word one of trade.
GENERIC_NAMES, GENERIC_SHARE = 20, 0.0005

_PLAIN = f"[A-Za-z]{{{BRAND_LENGTH},}}([ ,][ -~]*)?"


def take_apart(
    connection: duckdb.DuckDBPyConnection, name: str, generic: Sequence[str] | None
) -> tuple[str, ...]:
    """Make the table `<name>_parts` (base, one column for each part) of the names in `bases`.

    `generic` are words that are no brands; None has them learned. They are given back.
    """
    _make_told(connection, name)
    texts = distinct_texts(connection, "text", "told_names")
    names = name_columns(texts.tolist())
    if generic is None:
        keep_texts(connection, "read_names", {"text": texts, "brand": names.brand})
        generic = _common_words(connection)
    parts = part_columns(names, frozenset(generic))
    keep_texts(connection, "read_names", {"text": texts, **parts})
    brand, sound, *others = NAME_PARTS
    selected = [_filled(brand), _filled(sound), *others]
    columns = ", ".join(
        f"{sql} AS {name}_{part}" for sql, part in zip(selected, NAME_PARTS, strict=True)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name}_parts AS SELECT base, {columns} "
        "FROM told_names JOIN read_names USING (text)"
    )
    return tuple(generic)


def _make_told(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make the table `told_names` (base, first, text) of the different names.

    `text` is what is to be read of a name; `first` is the brand that `ANY_BRAND` stands for in it,
    NULL where it is the name itself.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE first_words AS SELECT base, CASE WHEN "
        f"regexp_full_match(base, '{_PLAIN}') AND length(base) <= {LONGEST_NAME} "
        "THEN lower(regexp_extract(base, '^[A-Za-z]+')) END AS first "
        f"FROM (SELECT DISTINCT {quoted(name)} AS base FROM bases) WHERE base IS NOT NULL"
    )
    firsts = distinct_texts(connection, "first", "first_words").tolist()
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE told_names AS SELECT base, brand AS first, CASE WHEN brand "
        f"IS NULL THEN base ELSE '{ANY_BRAND}' || substr(base, length(brand) + 1) END AS text "
        "FROM (SELECT base, CASE WHEN first NOT IN (SELECT unnest(CAST(? AS VARCHAR[]))) "
        "THEN first END AS brand FROM first_words)",
        [_known(firsts)],
    )


def _known(words: Sequence[str]) -> list[str]:
    """Those words that may be more than a brand: the lexicon has them, or what they begin with."""
    held = lexicon()
    places = (held.anywhere, held.at_front, held.at_end)
    alone = {word for place in places for word in (*place.single, *place.rows)}
    lengths, stems = held.lengths_of_stems, held.stems
    return [
        word
        for word in words
        if word in alone or any(word[:end] in stems for end in lengths.get(word[:STEM_MIN], ()))
    ]


def _common_words(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Words of the brands in `read_names` that many names have, in order."""
    found = connection.execute(
        "SELECT word FROM (SELECT unnest(string_split(brand, ' ')) AS word FROM (SELECT "
        f"{_filled('brand')} AS brand FROM told_names JOIN read_names USING (text)) "
        "WHERE contains(brand, ' ')) GROUP BY word "
        "HAVING count(*) >= greatest(?, ? * (SELECT count(*) FROM told_names))",
        [GENERIC_NAMES, GENERIC_SHARE],
    ).fetchall()
    return tuple(sorted(word for (word,) in found))


def _filled(column: str) -> str:
    """SQL for a column of what was read, with the brand of a name in it."""
    return (
        f"CASE WHEN first IS NOT NULL AND starts_with({column}, '{ANY_BRAND}') "
        f"THEN first || substr({column}, {len(ANY_BRAND) + 1}) ELSE {column} END"
    )
