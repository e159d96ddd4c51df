"""What can be compared of a record: kinds of fields, each with its columns, keys and levels.

A kind is written in DuckDB's SQL. `columns` bring a raw text to its normal form once for each
record; `keys` are what records must share to be compared at all; `comparisons` say how alike two
records are, over the columns of `l` and `r`. Values that many records have are weaker evidence, so
a column that is `weighed` has a companion `<column>_often`: 0 for a rare value, 1, or 2 for a
common one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tradeline.creditfile.linkage.company_names import NAME_PARTS
from tradeline.kernel.findings import problem
from tradeline.lake.sql_text import literal

OFTEN = (5, 50)
"""Up to how many records a value is rare, and up to how many it is not yet common."""


TAKEN = ("n", "record", "source")
"""What a record has beside its fields."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike two records are in one respect.

    `levels` are (name, SQL condition), strongest first; what meets none is at the level
    `otherwise`. Where `silent` holds, the comparison says nothing, as where a column is missing on
    either side. `same`, `affiliated`, `namesake` and `unrelated` are first guesses of how often
    such pairs agree. Sister firms differ in one of the comparisons that are set `apart`. By
    one that is `met` unrelated records come to be compared, though nothing else agrees.
    """

    name: str
    silent: str
    levels: tuple[tuple[str, str], ...]
    otherwise: str = "different"
    same: float = 0.95
    affiliated: float = 0.95
    namesake: float = 0.05
    unrelated: float = 0.05
    apart: bool = False
    met: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """How a field of one kind is treated: see the module.

    `base` is SQL over the `{raw}` text, `columns` are by name SQL over the `{base}` that it gives,
    which is NULL where it says nothing.
    `keys` are SQL over the columns, by name; NULL is no key. `finer` is what divides a block that
    grew too big on another field's key. What is to be `read` has its letters in `<field>_letters`.
    """

    base: str
    columns: Mapping[str, str]
    comparisons: tuple[Comparison, ...]
    keys: Mapping[str, str] = field(default_factory=dict)
    weighed: tuple[str, ...] = ()
    finer: str | None = None
    read: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the records to be linked, and how each table calls it."""

    name: str
    kind: str
    left: str
    right: str

    def treated(self) -> Kind:
        """The kind with this field's name in its columns; InputProblem if it cannot be that."""
        if not re.fullmatch("[a-z][a-z_]*", self.name) or self.name in TAKEN:
            raise problem(
                "field-name",
                self.name,
                f"A field cannot be called '{self.name}'.",
                f"Take small letters and underscores, and none of {', '.join(TAKEN)}.",
            )
        if self.kind not in KINDS:
            raise problem(
                "no-such-kind",
                self.name,
                f"There is no kind of field called '{self.kind}'.",
                f"Take one of {', '.join(KINDS)}.",
            )
        return KINDS[self.kind](self.name)


# What people write where they know nothing, when plain.
NOTHING = "('', '0', 'n a', 'na', 'nil', 'none', 'null', 'unknown', 'xxx', '无', '暂无', '未知')"
_FULL = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000"
_HALF = "".join(map(chr, range(0x21, 0x7F))) + " "


def plain(raw: str) -> str:
    """SQL: a text in lower case without accents, full width and punctuation."""
    half = (
        f"CASE WHEN regexp_matches({raw}, '[\\x{{FF01}}-\\x{{FF5E}}\\x{{3000}}]') "
        f"THEN translate({raw}, {literal(_FULL)}, {literal(_HALF)}) ELSE {raw} END"
    )
    # Most texts are of plain signs alone, for which less is to be done.
    return (
        f"trim(CASE WHEN strlen({raw}) = length({raw}) "
        f"THEN regexp_replace(lower({raw}), '[^a-z0-9]+', ' ', 'g') ELSE regexp_replace("
        f"lower(strip_accents({half})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g') END)"
    )


def _absent(column: str) -> str:
    return f"l.{column} IS NULL OR r.{column} IS NULL"


def _equal(column: str) -> str:
    return f"l.{column} = r.{column}"


def _alike(column: str, least: float) -> str:
    """A similarity of Jaro and Winkler of at least `least`, below which it is not worked out."""
    return f"jaro_winkler_similarity(l.{column}, r.{column}, {least}) >= {least}"


def _begin_alike(column: str, least: float) -> str:
    """The same where both begin with one sign, which people seldom get wrong; much quicker."""
    return (
        f"CASE WHEN left(l.{column}, 1) = left(r.{column}, 1) THEN {_alike(column, least)} "
        "ELSE false END"
    )


def _slip(column: str) -> str:
    """One sign mistaken, or two that stand beside each other swapped, in texts of equal length."""
    return (
        f"CASE WHEN strlen(l.{column}) = strlen(r.{column}) "
        f"THEN hamming(l.{column}, r.{column}) <= 2 ELSE false END"
    )


def _often(column: str) -> tuple[tuple[str, str], ...]:
    """Equal values, the rarer the stronger."""
    return (
        ("equal, rare", f"{_equal(column)} AND l.{column}_often = 0"),
        ("equal", f"{_equal(column)} AND l.{column}_often = 1"),
        ("equal, common", _equal(column)),
    )


def _told(length: int) -> str:
    """The base where it has so many signs; one sign over and over is a placeholder."""
    varied = "length(replace({base}, {base}[1], '')) > 0"
    return f"CASE WHEN length({{base}}) >= {length} AND {varied} THEN {{base}} END"


def identifier(name: str) -> Kind:
    """A number that an authority gives once: signs and blanks aside, upper case."""
    return Kind(
        base="upper(regexp_replace({raw}, '[^0-9A-Za-z]', '', 'g'))",
        columns={name: _told(5)},
        comparisons=(
            Comparison(
                name,
                _absent(name),
                (
                    ("equal", _equal(name)),
                    ("a sign or two differ", _slip(name)),
                ),
                same=0.98,
                affiliated=0.002,
                namesake=0.002,
                unrelated=0.002,
            ),
        ),
        keys={name: name},
    )


def phone(name: str) -> Kind:
    """A telephone number by its last nine digits: country codes and trunk zeros aside."""
    return Kind(
        base="right(regexp_replace({raw}, '[^0-9]', '', 'g'), 9)",
        columns={name: _told(6)},
        comparisons=(
            Comparison(
                name,
                _absent(name),
                (
                    *_often(name),
                    ("a digit or two differ", _slip(name)),
                ),
                same=0.85,
                affiliated=0.85,
                met=True,
            ),
        ),
        keys={name: name},
        weighed=(name,),
    )


def person_name(name: str) -> Kind:
    """The name of a person: words in any order."""
    words = "string_split({base}, ' ')"
    return Kind(
        base=plain("{raw}"),
        columns={name: f"array_to_string(list_sort({words}), ' ')"},
        comparisons=(
            Comparison(
                name,
                _absent(name),
                (
                    *_often(name),
                    ("read alike", _equal(f"{name}_letters")),
                    ("similar", _begin_alike(name, 0.9)),
                ),
                same=0.9,
                affiliated=0.9,
                met=True,
            ),
        ),
        keys={name: name},
        weighed=(name,),
        finer=f"left({name}, 3)",
        read=True,
    )


def text(name: str) -> Kind:
    """Any text, such as a city."""
    return Kind(
        base=plain("{raw}"),
        columns={name: "{base}"},
        comparisons=(
            Comparison(
                name,
                _absent(name),
                (
                    *_often(name),
                    ("read alike", _equal(f"{name}_letters")),
                    ("similar", _begin_alike(name, 0.88)),
                ),
                affiliated=0.7,
                namesake=0.2,
                unrelated=0.2,
            ),
        ),
        weighed=(name,),
        finer=name,
        read=True,
    )


def address(name: str) -> Kind:
    """A street and number, in any order of words."""
    words = "string_split({base}, ' ')"
    letters, digits = f"{name}_words", f"{name}_numbers"
    return Kind(
        base=plain("{raw}"),
        columns={
            name: f"array_to_string(list_sort({words}), ' ')",
            letters: "nullif(regexp_replace({base}, '[^\\p{L}]+', '', 'g'), '')",
            digits: "nullif(regexp_replace({base}, '[^0-9]+', ' ', 'g'), '')",
        },
        comparisons=(
            Comparison(
                name,
                _absent(name),
                (
                    *_often(name),
                    (
                        "similar, same number",
                        f"{_equal(digits)} AND {_begin_alike(letters, 0.88)}",
                    ),
                    (
                        "similar street",
                        _begin_alike(letters, 0.92),
                    ),
                ),
                same=0.85,
                affiliated=0.5,
                met=True,
            ),
        ),
        keys={name: name},
        weighed=(name,),
    )


def company_name(name: str) -> Kind:
    """The name of a firm, taken apart by `company_names`."""
    brand, sound, trade, form, place, number = (f"{name}_{part}" for part in NAME_PARTS)
    return Kind(
        base="trim({raw})",
        columns={},
        comparisons=(
            Comparison(
                brand,
                _absent(brand),
                (
                    *_often(brand),
                    ("sounds equal", _equal(sound)),
                    ("similar", _alike(sound, 0.9)),
                ),
                namesake=0.95,
                unrelated=0.2,
            ),
            Comparison(trade, _absent(trade), _parts(trade), apart=True),
            Comparison(form, _absent(form), _parts(form), namesake=0.5, unrelated=0.4, apart=True),
            Comparison(
                number,
                "false",
                (("equal or none", f"l.{number} IS NOT DISTINCT FROM r.{number}"),),
                namesake=0.9,
                unrelated=0.9,
                apart=True,
            ),
            Comparison(
                place, _absent(place), (("equal", _equal(place)),), namesake=0.3, unrelated=0.3
            ),
        ),
        keys={sound: sound},
        weighed=(brand,),
        finer=f"left({sound}, 4)",
    )


def _parts(column: str) -> tuple[tuple[str, str], ...]:
    return (
        ("equal", _equal(column)),
        ("one says more", f"contains(l.{column}, r.{column}) OR contains(r.{column}, l.{column})"),
    )


KINDS: dict[str, Callable[[str], Kind]] = {
    "identifier": identifier,
    "company_name": company_name,
    "phone": phone,
    "person_name": person_name,
    "text": text,
    "address": address,
}
