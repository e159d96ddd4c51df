"""Expected losses with creditriskengine, loan by loan; run by the interpreter that has it.

`creditriskengine_losses.py LOANS LOSSES`: LOANS (.npz) has stage, pds, exposure, owed, lgd and
rate_annual, as benchmarks.provisions makes them, and days past due. Writes the losses and the
stages by days past due (.npz); prints the processor time of the losses as a line of JSON.
"""

import json
import sys
import time

import numpy as np
from creditriskengine.ecl.ifrs9.ecl_calc import ecl_lifetime
from creditriskengine.ecl.ifrs9.staging import assign_stage


def main() -> None:
    """Work out each loan and say what it takes."""
    with np.load(sys.argv[1]) as file:
        given = {name: file[name] for name in file.files}
    stages, pds, exposure = given["stage"], given["pds"], given["exposure"]
    start = time.process_time()
    losses = np.zeros(len(stages))
    for row, stage in enumerate(stages):
        if stage == 3:
            losses[row] = ecl_lifetime(
                np.ones(1), float(given["lgd"][row]), float(given["owed"][row])
            )
            continue
        months = 12 if stage == 1 else pds.shape[1]
        marginal = np.diff(pds[row, :months], prepend=0.0)
        monthly = (1 + float(given["rate_annual"][row])) ** (1 / 12) - 1
        losses[row] = ecl_lifetime(
            marginal, float(given["lgd"][row]), exposure[row, :months], monthly
        )
    seconds = time.process_time() - start
    found = [
        assign_stage(int(days), is_defaulted=bool(days >= 90)).value
        for days in given["days_past_due"]
    ]
    np.savez(sys.argv[2], losses=losses, stages=np.array(found, dtype=str))
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
