"""Money in minor units: which currencies there are, their digits, and amounts as texts."""

# ISO 4217: currencies in which firms trade; funds, metals and testing codes are left out.
CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD "
    "BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB "
    "EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK "
    "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK "
    "PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST "
    "XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"  # codespell:ignore zar
)
CURRENCIES = frozenset(CODES.split())
# ISO 4217: the currencies whose minor unit is no hundredth.
WITHOUT_MINOR = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
                 "VUV", "XAF", "XOF", "XPF")  # fmt: skip
MINOR_DIGITS = dict.fromkeys(WITHOUT_MINOR, 0)
MINOR_DIGITS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)


def minor_digits(currency: str) -> int:
    """How many digits the minor unit of a currency (ISO 4217) has."""
    return MINOR_DIGITS.get(currency, 2)


def minor_per_unit(currency: str) -> int:
    """How many minor units make one unit of a currency."""
    return int(10 ** minor_digits(currency))


def amount_text(minor: int, digits: int) -> str:
    """An amount in units with all its digits, such as -1250.00."""
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}" + (f".{rest:0{digits}}" if digits else "")


def grouped_amount(minor: int, digits: int) -> str:
    """An amount in units with all its digits and thousands apart, such as -1,250.00."""
    whole, _, rest = amount_text(minor, digits).partition(".")
    return f"{'-' if whole[0] == '-' else ''}{abs(int(whole)):,}" + (f".{rest}" if rest else "")
