"""PDs by month with lifelines; run by the interpreter that has it, as one process.

`lifelines_hazard.py LOANS PDS`: LOANS (.npz) has x, months, defaulted, and the months to speak of.
Writes the PDs of each model (.npz, loans x months); prints their processor times as a line of JSON.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter, WeibullAFTFitter


def main() -> None:
    """Fit three models and say what each takes."""
    warnings.simplefilter("ignore")
    given = np.load(sys.argv[1])
    at = given["at"]
    # A loan that was not seen for a whole month says nothing.
    frame = pd.DataFrame(
        {"x": given["x"], "months": given["months"], "bad": given["defaulted"].astype(int)}
    )
    seen = frame[frame["months"] > 0]

    def cox() -> np.ndarray:
        model = CoxPHFitter().fit(seen, "months", "bad")
        return 1 - model.predict_survival_function(frame[["x"]], times=at).to_numpy().T

    def weibull() -> np.ndarray:
        model = WeibullAFTFitter().fit(seen, "months", "bad")
        return 1 - model.predict_survival_function(frame[["x"]], times=at).to_numpy().T

    def kaplan_meier() -> np.ndarray:
        model = KaplanMeierFitter().fit(seen["months"], seen["bad"])
        pds = 1 - model.survival_function_at_times(at).to_numpy()
        return np.tile(pds, (len(frame), 1))

    sides: dict[str, Callable[[], np.ndarray]] = {
        "Cox": cox,
        "Weibull AFT": weibull,
        "Kaplan-Meier": kaplan_meier,
    }
    pds, seconds = {}, {}
    for name, fit in sides.items():
        start = time.process_time()
        pds[name] = fit()
        seconds[name] = time.process_time() - start
    np.savez(sys.argv[2], **pds)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
