"""Historical persons deduplicated by Splink; run by the interpreter that has it, as one process.

`splink_persons.py RECORDS --out PAIRS`: comparisons, blocking and training as in Splink's own
example of this data set ("Deduplicate 50k rows historical persons", documentation of version 4).
Clusters are made at 0.5, the threshold of ours. Prints a line of JSON.
"""

import json
import sys
import time
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.5
PERSONS = """
CREATE TABLE persons AS
SELECT *, nullif(concat_ws(' ', first_name, surname), '') AS first_name_surname_concat
FROM read_parquet('{}')
"""
RULES = (
    block_on("first_name", "surname"),
    block_on("surname", "dob"),
    block_on("first_name", "dob"),
    block_on("postcode_fake", "first_name"),
    block_on("postcode_fake", "surname"),
    block_on("dob", "birth_place"),
    block_on("substr(postcode_fake, 1, 3)", "dob"),
    block_on("substr(postcode_fake, 1, 3)", "first_name"),
    block_on("substr(postcode_fake, 1, 3)", "surname"),
    block_on("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
)
CERTAIN = (
    "l.first_name = r.first_name AND l.surname = r.surname AND l.dob = r.dob",
    "substr(l.first_name, 1, 2) = substr(r.first_name, 1, 2) AND l.surname = r.surname "
    "AND substr(l.postcode_fake, 1, 2) = substr(r.postcode_fake, 1, 2)",
    "l.dob = r.dob AND l.postcode_fake = r.postcode_fake",
)


def main() -> None:
    """Link once and write the pairs of all clusters."""
    records, out = sys.argv[1], Path(sys.argv[3])
    imported = time.process_time()
    connection = duckdb.connect()
    connection.execute(PERSONS.format(records))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name",
                "surname",
                forename_surname_concat_col_name="first_name_surname_concat",
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=list(RULES),
    )
    api = DuckDBAPI(connection)
    linker = Linker(api.register("persons"), settings)
    linker.training.estimate_probability_two_random_records_match(list(CERTAIN), recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.01)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(found, THRESHOLD)
    connection.execute(
        f"COPY (SELECT unique_id_l AS l, unique_id_r AS r, match_probability AS probability FROM "
        f"{found.physical_name}) TO '{out}.pairs' (FORMAT parquet)"
    )
    connection.execute(
        f"COPY (SELECT unique_id AS id, cluster_id AS label FROM {clusters.physical_name}) "
        f"TO '{out}.clusters' (FORMAT parquet)"
    )
    print(json.dumps({"imports_s": imported, "work_s": time.process_time() - imported}))


if __name__ == "__main__":
    main()
