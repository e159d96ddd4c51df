"""A scorecard as one SELECT, with the same points, score and PD to the digit on either engine.

Points are whole numbers and a score is their sum, so engines cannot differ there. A PD is looked up
by its score in a table of those that the card can reach: no engine computes an exponential.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from tradeline.kernel.findings import problem
from tradeline.lake.sql_text import literal, quoted
from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.card import Card, Factor, pd_of_score
from tradeline.risk.scoring.crosses import Side

Dialect = Literal["duckdb", "postgres"]

POSTGRES_NAME_BYTES = 63
SCORES_MAX = 20_000
OUTPUTS = ("unknown_category", "score", "pd")


def card_sql(
    card: Card, dialect: Dialect, *, table: str = "features", keys: Sequence[str] = ()
) -> str:
    """A SELECT that scores each row of a table with a column for each factor.

    It gives `keys` as they stand, `<factor>_points`, `unknown_category`, `score` and `pd`. NULL and
    NaN are missing; a category is its text, and one that the card does not know has the fewest
    points and is flagged. Raises InputProblem where the engine could not tell names apart, or the
    card can reach more than 20,000 scores.
    """
    outputs = [*keys, *(f"{name}_points" for name in card.names), *OUTPUTS]
    _check_names([table, *card.columns, *outputs], dialect)
    _check_apart(outputs, dialect)
    _check_apart(card.columns, dialect)
    columns = [
        *(quoted(key) for key in keys),
        *(f"{_points(factor)} AS {quoted(f'{factor.name}_points')}" for factor in card.factors),
        f"{_unknown(card)} AS {quoted('unknown_category')}",
    ]
    total = " + ".join([str(card.constant), *(quoted(f"{name}_points") for name in card.names)])
    pds = ",\n    ".join(f"({score}, {_double(pd)})" for score, pd in _pds(card))
    return (
        "WITH card_points AS (\n  SELECT\n    "
        + ",\n    ".join(columns)
        + f"\n  FROM {quoted(table)}\n), card_scores AS (\n"
        + f"  SELECT card_points.*, {total} AS score FROM card_points\n)\n"
        + "SELECT card_scores.*, card_pds.pd\nFROM card_scores LEFT JOIN (\n  VALUES\n    "
        + f"{pds}\n) AS card_pds (score, pd) ON card_pds.score = card_scores.score\n"
    )


def _points(factor: Factor) -> str:
    """The points of one factor as a CASE, its bins in order; of a pair, a CASE within each."""
    fewest, cross = str(min(factor.points)), factor.binning.cross
    if cross is None:
        return _case(factor.name, factor.binning, [*map(str, factor.points)], fewest)
    first, second = cross.sides
    inner = [
        _case(second.name, second, [str(factor.points[place]) for place in bins], fewest)
        for bins in cross.bins
    ]
    return _case(first.name, first, inner, fewest)


def _case(name: str, places: Binning | Side, thens: Sequence[str], unknown: str) -> str:
    """A CASE of what follows from each place of a column, the missing last."""
    column = quoted(name)
    if places.levels:
        cases = [
            f"WHEN {_is_one_of(name, group)} THEN {own}"
            for group, own in zip(places.groups, thens, strict=False)
            if group
        ]
        missing, otherwise = f"{column} IS NULL", unknown
    else:
        cases = [
            f"WHEN {column} <= {_double(edge)} THEN {own}"
            for edge, own in zip(places.edges, thens, strict=False)
        ]
        missing = f"{column} IS NULL OR {column} = {_double(float('nan'))}"
        otherwise = thens[len(places.edges)]
    first = f"WHEN {missing} THEN {thens[-1]}"
    return "CASE " + "\n      ".join([first, *cases]) + f"\n      ELSE {otherwise} END"


def _unknown(card: Card) -> str:
    """Whether any category is one that the card does not know."""
    strange = [
        f"({quoted(name)} IS NOT NULL AND NOT {_is_one_of(name, known)})"
        for name, places in (each for factor in card.factors for each in factor.sides)
        if places.levels
        for known in [[level for group in places.groups for level in group]]
    ]
    return " OR ".join(dict.fromkeys(strange)) or "FALSE"


def _is_one_of(name: str, levels: Sequence[str]) -> str:
    return f"CAST({quoted(name)} AS VARCHAR) IN ({', '.join(map(literal, levels))})"


def _double(value: float) -> str:
    """A number that either engine reads as exactly this one."""
    return f"CAST('{value!r}' AS DOUBLE PRECISION)"


def _pds(card: Card) -> Iterator[tuple[int, float]]:
    """Each score that the card can reach, with its PD."""
    scores = {card.constant}
    for factor in card.factors:
        scores = {score + points for score in scores for points in set(factor.points)}
        if len(scores) > SCORES_MAX:
            raise problem(
                "too-many-scores",
                "scorecard",
                f"The card can reach more than {SCORES_MAX:,} scores, too many to list.",
                "Fit it on a coarser scale: a smaller pdo.",
            )
    for score in sorted(scores):
        yield score, pd_of_score(card.scale, score)


def _check_names(names: Sequence[str], dialect: Dialect) -> None:
    for name in names:
        long = dialect == "postgres" and len(name.encode()) > POSTGRES_NAME_BYTES
        if not name or "\0" in name or long:
            raise problem(
                "no-sql-name",
                name or "scorecard",
                "It cannot be a name in this database: it is empty, too long or has a zero byte.",
                "Rename the feature and train the card again.",
            )


def _check_apart(names: Sequence[str], dialect: Dialect) -> None:
    """DuckDB takes names that differ by case alone for one."""
    seen: dict[str, str] = {}
    for name in names:
        key = name.lower() if dialect == "duckdb" else name
        if key in seen:
            raise problem(
                "names-alike",
                name,
                f"The database would take it for {seen[key]}.",
                "Rename one of the two.",
            )
        seen[key] = name
