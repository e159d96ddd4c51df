"""`tradeline.features`: features of one's own records, in Python."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import starmap
from pathlib import Path

import duckdb

from tradeline.creditfile.features.applications import moment_of
from tradeline.creditfile.features.catalogue import CATALOGUE, FEATURES
from tradeline.creditfile.features.compute import compute_features, compute_for
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.frames import Frame, connect_frames, pairs_of
from tradeline.creditfile.features.joined import offer_joined, spells_of
from tradeline.creditfile.features.plan import contracts_of_all
from tradeline.creditfile.features.table import FeatureTable
from tradeline.creditfile.linkage.uses import Asked as AskedOf
from tradeline.creditfile.linkage.uses import Output, record_uses
from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lake.landing import land
from tradeline.lake.recognition import folder_proposal
from tradeline.lake.store import Lake, is_lake, open_lake

Asked = date | Sequence[tuple[str, date]] | Frame


def features(
    source: Path | str | Mapping[str, Frame],
    applications: Asked,
    wanted: Sequence[Feature | str] = CATALOGUE,
    mapping: Path | None = None,
    currency: str = "CNY",
    recorded: tuple[str, datetime] | None = None,
) -> FeatureTable:
    """The features of enterprises as of moments, from rows that were known by then.

    `source`: a folder of records, a lake, or frames by contract. `applications`: a day (its end,
    UTC) or moment for every firm, pairs of enterprise and moment, or a frame with `enterprise` and
    `as_of`. `wanted`: declared features, or names from the catalogue; by default those of the
    score. Values are doubles, NaN where missing; `table.frame("pandas")` gives a frame.
    `recorded`: what people call the table, and when it is made; then the lake tells of which linked
    enterprises it is made, so that whoever undoes a join finds it. InputProblem says what is in the
    way.
    """
    asked, lake = chosen(wanted), _lake(source)
    if isinstance(applications, date):
        moment = moment_of(applications)
        tables = _as_of(lake, moment) if lake else _tables(source, mapping, currency)
        table = compute_features(tables, moment, asked)
        moments = (moment,) * len(table.enterprises)
    else:
        pairs = applications if isinstance(applications, Sequence) else pairs_of(applications)
        firms = {enterprise for enterprise, _ in pairs}
        tables = _history(lake, asked, firms) if lake else _tables(source, mapping, currency)
        table = compute_for(tables, pairs, asked)
        moments = table.moments
    if lake and recorded:
        title, at = recorded
        read = zip(table.enterprises, moments, moments, strict=True)
        output = Output(_hash_of(table), "features", title)
        record_uses(lake, output, starmap(AskedOf, read), at)
    return table


def chosen(wanted: Sequence[Feature | str]) -> tuple[Feature, ...]:
    """Features by name or as declared; InputProblem for a name that is not in the catalogue."""
    by_name = {feature.name: feature for feature in FEATURES}
    for name in wanted:
        if isinstance(name, str) and name not in by_name:
            raise problem(
                "unknown-feature",
                name,
                "The catalogue has no such feature.",
                "`tradeline features` lists them.",
            )
    return tuple(by_name[item] if isinstance(item, str) else item for item in wanted)


def land_tables(folder: Path, mapping: Path | None, currency: str) -> duckdb.DuckDBPyConnection:
    """A folder of records as tables of its contracts."""
    proposal = folder_proposal(folder, mapping, currency, lambda _: None)
    return land(duckdb.connect(), folder, proposal.mapping, lambda _: None).connection


def _lake(source: Path | str | Mapping[str, Frame]) -> Lake | None:
    """The lake that a source is; None for a folder and for frames."""
    if isinstance(source, Mapping) or not is_lake(Path(source)):
        return None
    return open_lake(Path(source))


def _tables(
    source: Path | str | Mapping[str, Frame], mapping: Path | None, currency: str
) -> duckdb.DuckDBPyConnection:
    if isinstance(source, Mapping):
        return connect_frames(source)
    return land_tables(Path(source), mapping, currency)


def _as_of(lake: Lake, moment: datetime) -> duckdb.DuckDBPyConnection:
    connection = lake.connect(moment, moment)
    offer_joined(connection, spells_of(lake))
    return connection


def _history(
    lake: Lake, asked: Sequence[Feature], firms: Collection[str]
) -> duckdb.DuckDBPyConnection:
    connection = lake.history(only=contracts_of_all(asked))
    offer_joined(connection, spells_of(lake, firms))
    return connection


def _hash_of(table: FeatureTable) -> str:
    """The SHA-256 of what a table says."""
    moments = [moment.isoformat() for moment in table.moments]
    head = canonical_json([table.enterprises, table.names, moments])
    return hash_bytes(head.encode() + table.values.tobytes())
