"""The plain model beside ours: ridge logistic regression on a dozen features that anyone takes.

It shows what the scorecard adds, or does not, on the same folds. No decision uses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from tradeline.risk.scoring.cross_fit import pds_on_folds

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

FROM_INVOICES = (
    "sales_12m_minor",
    "purchases_12m_minor",
    "sales_growth_12m",
    "sales_volatility_12m",
    "sales_active_share_36m",
    "margin_12m",
    "tax_burden_12m",
    "sales_void_share_12m",
    "sales_reversal_share_12m",
    "buyers_12m",
    "largest_buyer_share_12m",
    "supplier_hhi_12m",
)
FROM_ORDERS = (
    "orders_12m_minor",
    "orders_12m",
    "orders_growth_12m",
    "orders_volatility_12m",
    "products_12m",
    "order_buyers_12m",
    "largest_order_buyer_share_12m",
    "orders_cancelled_share_12m",
    "refund_share_12m",
    "payment_coverage_12m",
    "late_delivery_share_12m",
    "mean_stars_12m",
)


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """What the plain model is called, and its out-of-fold PD of each firm at the sample's rate."""

    name: str
    pds: Floats


def peer_on_folds(X: Floats, names: Sequence[str], bad: Flags, fold: Ints) -> Peer | None:
    """The plain model on the folds of the main one; X is firms x features, NaN where missing.

    It takes the dozen of the invoices, or that of the orders where no firm has invoices, less what
    `names` lacks: leave suspicious features out of both. None if it has none of them.
    """
    taken = hand_made(X, names)
    if not taken:
        return None
    # Sums of BLAS depend on the number of threads.
    with threadpool_limits(limits=1):
        pds = pds_on_folds(_plain_model(), signed_log(X[:, taken]), bad, fold)
    return Peer(f"ridge logistic on {len(taken)} hand-made features", pds)


def hand_made(X: Floats, names: Sequence[str]) -> list[int]:
    """The columns that the plain model takes."""
    known: Flags = np.asarray(~np.isnan(X).all(axis=0))
    dozens = (
        [list(names).index(name) for name in dozen if name in names]
        for dozen in (FROM_INVOICES, FROM_ORDERS)
    )
    return next((columns for columns in dozens if known[columns].any()), [])


def signed_log(X: Floats) -> Floats:
    """Sign times log(1 + size): tames amounts and growth, leaves shares nearly as they are."""
    tamed: Floats = np.sign(X) * np.log1p(np.abs(X))
    return tamed


def _plain_model() -> Pipeline:
    return make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(),
    )
