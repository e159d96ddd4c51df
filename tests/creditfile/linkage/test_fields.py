"""Fields bring what is written to one form, and refuse what they cannot be."""

import duckdb
import pytest

from tradeline.creditfile.linkage.fields import Field, plain
from tradeline.creditfile.linkage.records import Table, prepare, read_raw
from tradeline.kernel.findings import InputProblem


def normal(kind: str, *values: str | None) -> list[object]:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE told AS SELECT unnest(range(len(?))) AS row, "
        "unnest(CAST(? AS VARCHAR[])) AS value",
        [list(values), list(values)],
    )
    field = Field("value", kind, "value", "value")
    table = Table("told", "here", "row", {"value": "value"})
    read_raw(connection, [field], [table])
    prepare(connection, [field])
    rows = connection.execute("SELECT value FROM normal ORDER BY CAST(record AS INT)").fetchall()
    return [value for (value,) in rows]


def test_telephone_numbers_are_equal_however_they_are_written() -> None:
    numbers = normal("phone", "+86 138 0013 8000", "13800138000", "138-0013-8000", "0138 0013 8000")
    assert numbers == ["800138000"] * 4


def test_placeholders_say_nothing() -> None:
    assert normal("phone", "000000000", "123", "-", None, "unknown") == [None] * 5
    assert normal("identifier", "0000000000", "n/a", "", None, "1234") == [None] * 5
    assert normal("person_name", "N/A", "unknown", "无", "???") == [None] * 4


def test_words_of_persons_and_addresses_have_no_order() -> None:
    assert normal("person_name", "Müller, José", "jose MULLER") == ["jose muller"] * 2
    assert normal("address", "12 Lake Road", "Lake Road 12") == ["12 lake road"] * 2


def test_full_width_is_plain() -> None:
    text = "'ＡＢＣ　（１２）·x'"
    ((found,),) = duckdb.execute(f"SELECT {plain(text)}").fetchall()
    assert found == "abc 12 x"


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (Field("Name", "text", "a", "b"), "A field cannot be called 'Name'. Take small letters"),
        (Field('a"; --', "text", "a", "b"), "A field cannot be called"),
        (Field("record", "text", "a", "b"), "none of n, record, source"),
        (Field("name", "colour", "a", "b"), "There is no kind of field called 'colour'. Take one"),
    ],
)
def test_what_is_no_field_is_refused(field: Field, message: str) -> None:
    with pytest.raises(InputProblem, match=message):
        field.treated()
