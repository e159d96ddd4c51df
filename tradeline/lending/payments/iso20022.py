"""Parts that all files of ISO 20022 share, as they are written."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tradeline.kernel.money import amount_text, minor_digits
from tradeline.lending.payments.references import is_iban


def put(parent: Element, path: str, text: str) -> None:
    """A text in a new element at a path of names below the parent."""
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text


def put_amount(parent: Element, name: str, amount_minor: int, currency: str) -> None:
    """An amount with its currency."""
    SubElement(parent, name, Ccy=currency).text = amount_text(amount_minor, minor_digits(currency))


def put_account(parent: Element, number: str) -> None:
    """The number of an account, as IBAN if it is one."""
    put(parent, "Id/IBAN" if is_iban(number) else "Id/Othr/Id", number)


def as_file(root: Element) -> bytes:
    """The document as a file, indented, in UTF-8."""
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
