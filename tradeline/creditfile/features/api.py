"""`tradeline.features`: features of one's own records, in Python."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
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
from tradeline.kernel.findings import problem
from tradeline.lake.landing import land
from tradeline.lake.recognition import folder_proposal
from tradeline.lake.store import is_lake, open_lake

Asked = date | Sequence[tuple[str, date]] | Frame


def features(
    source: Path | str | Mapping[str, Frame],
    applications: Asked,
    wanted: Sequence[Feature | str] = CATALOGUE,
    mapping: Path | None = None,
    currency: str = "CNY",
) -> FeatureTable:
    """The features of enterprises as of moments, from rows that were known by then.

    `source`: a folder of records, a lake, or frames by contract. `applications`: a day (its end,
    UTC) or moment for every firm, pairs of enterprise and moment, or a frame with `enterprise` and
    `as_of`. `wanted`: declared features, or names from the catalogue; by default those of the
    score. Values are doubles, NaN where missing; `table.frame("pandas")` gives a frame.
    InputProblem says what is in the way.
    """
    asked = chosen(wanted)
    if isinstance(applications, date):
        moment = moment_of(applications)
        return compute_features(_as_of(source, mapping, currency, applications), moment, asked)
    pairs = applications if isinstance(applications, Sequence) else pairs_of(applications)
    firms = {enterprise for enterprise, _ in pairs}
    return compute_for(_history(source, mapping, currency, asked, firms), pairs, asked)


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


def _as_of(
    source: Path | str | Mapping[str, Frame], mapping: Path | None, currency: str, as_of: date
) -> duckdb.DuckDBPyConnection:
    if isinstance(source, Mapping):
        return connect_frames(source)
    if is_lake(Path(source)):
        lake, moment = open_lake(Path(source)), moment_of(as_of)
        connection = lake.connect(moment, moment)
        offer_joined(connection, spells_of(lake))
        return connection
    return land_tables(Path(source), mapping, currency)


def _history(
    source: Path | str | Mapping[str, Frame],
    mapping: Path | None,
    currency: str,
    asked: Sequence[Feature],
    firms: Collection[str],
) -> duckdb.DuckDBPyConnection:
    if isinstance(source, Mapping):
        return connect_frames(source)
    if is_lake(Path(source)):
        lake = open_lake(Path(source))
        connection = lake.history(only=contracts_of_all(asked))
        offer_joined(connection, spells_of(lake, firms))
        return connection
    return land_tables(Path(source), mapping, currency)
