"""The same records linked by Splink; run by the interpreter that has it, as one process.

`splink_link.py plain|tuned RECORDS --out PAIRS`: RECORDS has our normal columns and blocking keys,
so that both sides compare the same pairs of the same columns. *plain* compares whole names as the
documentation's first example does. *tuned* compares brand, line of trade, legal form and number
apart, weighs common values by their frequency, and never compares two records whose registration
numbers differ. Both are trained as the documentation advises: the prior from certain rules, u from
random pairs, m by expectation and maximisation under two blocking rules. Prints a line of JSON.
"""

import json
import sys
import time
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

KEYS = ("key_0", "key_1", "key_2", "key_3", "key_4")
VETO = "coalesce(l.registration = r.registration, true)"
CERTAIN = ("l.registration = r.registration", "l.phone = r.phone AND l.name = r.name")


def plain() -> list[object]:
    """Comparisons as one meets them first."""
    return [
        cl.JaroWinklerAtThresholds("name", [0.95, 0.88]),
        cl.JaroWinklerAtThresholds("person", [0.92, 0.8]),
        cl.LevenshteinAtThresholds("phone", [1]),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.88]),
        cl.ExactMatch("city"),
        cl.ExactMatch("registration"),
    ]


def tuned() -> list[object]:
    """Comparisons of somebody who knows sister firms."""
    weighed = {"term_frequency_adjustments": True}
    return [
        cl.JaroWinklerAtThresholds("name_brand", [0.9]).configure(**weighed),
        cl.JaroWinklerAtThresholds("name_trade", [0.9]),
        cl.JaroWinklerAtThresholds("name_form", [0.9]),
        cl.CustomComparison(
            [
                cll.CustomLevel(
                    "name_number_l IS NOT DISTINCT FROM name_number_r", "equal or none"
                ),
                cll.ElseLevel(),
            ],
            output_column_name="name_number",
        ),
        cl.JaroWinklerAtThresholds("person", [0.9]).configure(**weighed),
        cl.LevenshteinAtThresholds("phone", [1]).configure(**weighed),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.88]).configure(**weighed),
        cl.ExactMatch("city").configure(**weighed),
        cl.ExactMatch("registration"),
    ]


def main() -> None:
    """Link once and say what it took."""
    mode, records, out = sys.argv[1], sys.argv[2], Path(sys.argv[4])
    imported = time.process_time()
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE records AS FROM read_parquet('{records}')")
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="n",
        comparisons=tuned() if mode == "tuned" else plain(),
        blocking_rules_to_generate_predictions=(
            [f"l.{key} = r.{key} AND {VETO}" for key in KEYS]
            if mode == "tuned"
            else [block_on(key) for key in KEYS]
        ),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection)
    linker = Linker(api.register("records"), settings)
    linker.training.estimate_probability_two_random_records_match(list(CERTAIN), recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("phone"), block_on("name_brand", "city")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.01)
    connection.execute(
        f"COPY (SELECT n_l AS l, n_r AS r, match_probability AS probability FROM "
        f"{found.physical_name}) TO '{out}' (FORMAT parquet)"
    )
    print(json.dumps({"imports_s": imported, "work_s": time.process_time() - imported}))


if __name__ == "__main__":
    main()
