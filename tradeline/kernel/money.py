"""Money in minor units: how many digits a currency's minor unit has."""

# ISO 4217: the currencies whose minor unit is no hundredth.
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "UGX": 0, "XAF": 0, "XOF": 0}
MINOR_DIGITS |= {"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3}


def minor_digits(currency: str) -> int:
    """How many digits the minor unit of a currency (ISO 4217) has."""
    return MINOR_DIGITS.get(currency, 2)


def minor_per_unit(currency: str) -> int:
    """How many minor units make one unit of a currency."""
    return int(10 ** minor_digits(currency))
