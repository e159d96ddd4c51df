"""Numbers of registers that python-stdnum does not know, judged as it judges others.

Sources: GB 11714-1997 (organisation code); GS 15-2006 of the State Administration for Industry and
Commerce (registration number); gov.uk, "company registration numbers"; kvk.nl.
"""

import re

CODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CODE_SIGNS = "0123456789X"
SEPARATORS = {ord(sign): None for sign in " -"}


class NoSuchNumber(ValueError):
    """A text is no number of its kind."""


class _Pattern:
    """A number that is known by how it is written: separators dropped, capitals."""

    pattern = ""

    def validate(self, number: str) -> str:
        """The number in its normal form; NoSuchNumber if it is none."""
        found = number.translate(SEPARATORS).upper()
        if not re.fullmatch(self.pattern, found) or not self.fits(found):
            raise NoSuchNumber(number)
        return found

    def fits(self, number: str) -> bool:
        """Whether the check digit is right, where there is one."""
        return bool(number)

    def is_valid(self, number: str) -> bool:
        """Whether it is a number of this kind."""
        try:
            return bool(self.validate(number))
        except NoSuchNumber:
            return False


class OrganisationCode(_Pattern):
    """China's code of organisations, since 2015 within the USCC: eight signs and a check sign."""

    pattern = "[0-9A-Z]{8}[0-9X]"

    def fits(self, number: str) -> bool:
        """Whether the check sign makes the weighted sum of all divisible by 11."""
        values = (int(sign, 36) for sign in number[:8])
        total = sum(value * weight for value, weight in zip(values, CODE_WEIGHTS, strict=True))
        return CODE_SIGNS[-total % 11] == number[8]


class RegistrationNumber(_Pattern):
    """China's number of a business licence before 2015: 15 digits, ISO 7064 MOD 11,10."""

    pattern = "[0-9]{15}"

    def fits(self, number: str) -> bool:
        """Whether the last digit is the check digit of those before it."""
        check = 5
        for digit in number:
            check = ((check or 10) * 2 % 11 + int(digit)) % 10
        return check == 1


class TaxNumber(_Pattern):
    """China's tax number before 2015: six digits of the region and the organisation code."""

    pattern = "[0-9]{6}[0-9A-Z]{8}[0-9X]"

    def fits(self, number: str) -> bool:
        """Whether the organisation code in it is one."""
        return OrganisationCode().fits(number[6:])


class BritishCompanyNumber(_Pattern):
    """A number of Companies House: eight digits, or two letters and six digits."""

    pattern = "[0-9]{8}|(?:[A-Z]{2}|R0)[0-9]{6}|R[0-9]{7}"

    def validate(self, number: str) -> str:
        """The number in its normal form, leading zeros given back where a table lost them."""
        return super().validate(number.strip().zfill(8))


class KvkNumber(_Pattern):
    """A number of the Dutch chamber of commerce: eight digits."""

    pattern = "[0-9]{8}"
