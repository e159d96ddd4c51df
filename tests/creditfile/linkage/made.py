"""Generated records as tables to be linked."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.fields import Field
from tradeline.creditfile.linkage.records import Table
from tradeline.world.registers import SOURCES, Registers

KINDS = {
    "name": "company_name",
    "person": "person_name",
    "phone": "phone",
    "address": "address",
    "city": "text",
    "registration": "identifier",
}
FIELDS = tuple(Field(name, kind, name, name) for name, kind in KINDS.items())


def load_registers(
    connection: duckdb.DuckDBPyConnection,
    registers: Registers,
    order: NDArray[np.int64] | None = None,
) -> None:
    """Make the table `told` of all records, in the order given."""
    columns = {name: np.array(values, object) for name, values in registers.columns.items()}
    if order is not None:
        columns = {name: values[order] for name, values in columns.items()}
    connection.register("columns", columns)
    connection.execute("CREATE TABLE told AS SELECT * FROM columns")
    connection.unregister("columns")


def tables() -> list[Table]:
    """One table for each source of `told`."""
    names = {name: name for name in KINDS}
    return [
        Table(f"(FROM told WHERE source = '{source}')", source, "record", names)
        for source in SOURCES
    ]
