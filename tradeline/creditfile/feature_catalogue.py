"""All features, in one tuple, and how the catalogue is shown."""

from tradeline.creditfile.bank_features import BANK_FEATURES
from tradeline.creditfile.feature_spec import Feature
from tradeline.creditfile.invoice_features import INVOICE_FEATURES
from tradeline.creditfile.order_features import ORDER_FEATURES

CATALOGUE: tuple[Feature, ...] = (*INVOICE_FEATURES, *ORDER_FEATURES, *BANK_FEATURES)
"""Every feature, by source; names are unique."""
