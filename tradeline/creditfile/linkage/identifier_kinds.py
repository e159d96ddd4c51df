"""The kinds of numbers by which registers and tax offices know an enterprise.

A kind is named after its module in python-stdnum, `cn.uscc` for `stdnum.cn.uscc`; a few that it
lacks stand in `registry_numbers`. Python-stdnum is an extra, imported where a number is checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Protocol

from tradeline.creditfile.linkage import registry_numbers
from tradeline.kernel.findings import InputProblem, problem


class Rules(Protocol):
    """How python-stdnum judges one number of a kind."""

    def is_valid(self, number: str, /) -> bool:
        """Whether it is a number of this kind."""

    def validate(self, number: str, /) -> str:
        """The number in its normal form; an exception if it is none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of number: who gives it, and whether a slip of the pen breaks it.

    `country` is that of ISO 3166, empty where the number is of no country. A kind without
    `check_digits` accepts nearly every number of its length, so it can be stated but not
    recognised. `holds` are the kinds of other numbers that stand within it, and where; `length` is
    that of all its numbers where python-stdnum does not ask for it (0: it does).
    """

    name: str
    label: str
    country: str
    check_digits: bool = True
    holds: Mapping[str, slice] = field(default_factory=dict)
    length: int = 0


_CHECKED = """
cn.uscc|unified social credit identifier
lei|legal entity identifier
eu.vat|VAT number of the European Union
al.nipt|NIPT|ar.cuit|CUIT|at.uid|UID|au.abn|ABN|au.acn|ACN|be.vat|enterprise number
bg.vat|VAT number|br.cnpj|CNPJ|by.unp|UNP|ca.bn|business number|ch.uid|UID
cl.rut|RUT|co.nit|NIT|cy.vat|VAT number
cz.dic|DIC|de.vat|VAT number|dk.cvr|CVR number|do.rnc|RNC|ec.ruc|RUC|ee.kmkr|KMKR
ee.registrikood|register code|es.cif|CIF|es.nif|NIF|fi.alv|VAT number|fi.ytunnus|Y-tunnus
fr.siren|SIREN|fr.siret|SIRET|fr.tva|VAT number|gb.utr|unique taxpayer reference|gb.vat|VAT number
gr.vat|VAT number|gt.nit|NIT|hr.oib|OIB|hu.anum|VAT number|id.npwp|NPWP|ie.vat|VAT number
il.hp|company number|in.gstin|GSTIN|it.iva|partita IVA|jp.cn|corporate number
kr.brn|business registration number|lt.pvm|VAT number|lu.tva|VAT number|lv.pvn|VAT number|ma.ice|ICE
me.pib|PIB|mk.edb|EDB|mt.vat|VAT number|mx.rfc|RFC|nl.btw|VAT number|no.mva|VAT number
no.orgnr|organisation number|nz.ird|IRD number|pe.ruc|RUC|pl.nip|NIP|pt.nif|NIF|py.ruc|RUC
ro.cui|CUI|rs.pib|PIB|ru.inn|INN|se.orgnr|organisation number|se.vat|VAT number|sg.uen|UEN
si.ddv|VAT number
sk.dph|VAT number|th.tin|TIN|tr.vkn|VKN|tw.ubn|unified business number|ua.edrpou|EDRPOU|uy.rut|RUT
ve.rif|RIF|vn.mst|MST|za.tin|TIN
cn.organisation_code|organisation code|cn.registration_number|business registration number
cn.tax_number|tax registration number of before 2015
"""
_UNCHECKED = """
cr.cpj|CPJ|de.handelsregisternummer|commercial register number|dz.nif|NIF|eg.tn|tax number
gb.company|company number|in.pan|PAN|ke.pin|PIN|nl.kvk|KvK number|sm.coe|COE
tn.mf|MF|us.ein|employer identification number
"""
_HOLDS = {
    "cn.uscc": {"cn.organisation_code": slice(8, 17)},
    "cn.tax_number": {"cn.organisation_code": slice(6, 15)},
    "fr.siret": {"fr.siren": slice(0, 9)},
    "fr.tva": {"fr.siren": slice(2, 11)},
    "in.gstin": {"in.pan": slice(2, 12)},
}
_LENGTHS = {"lei": 20}
OWN = {
    "cn.organisation_code": registry_numbers.OrganisationCode(),
    "cn.registration_number": registry_numbers.RegistrationNumber(),
    "cn.tax_number": registry_numbers.TaxNumber(),
    "gb.company": registry_numbers.BritishCompanyNumber(),
    "nl.kvk": registry_numbers.KvkNumber(),
}
"""The kinds that python-stdnum lacks."""


def _kinds(table: str, *, check_digits: bool) -> dict[str, Kind]:
    words = "|".join(table.split("\n")).strip("|").split("|")
    return {
        name: Kind(
            name,
            label,
            name[:2].upper() if "." in name else "",
            check_digits,
            _HOLDS.get(name, {}),
            _LENGTHS.get(name, 0),
        )
        for name, label in zip(words[::2], words[1::2], strict=True)
    }


KINDS: Mapping[str, Kind] = {
    **_kinds(_CHECKED, check_digits=True),
    **_kinds(_UNCHECKED, check_digits=False),
}
"""Every kind, by name."""


def kind_named(name: str) -> Kind:
    """The kind of that name; InputProblem that names near ones if there is none."""
    if name in KINDS:
        return KINDS[name]
    country = name.split(".")[0]
    near = [known for known in KINDS if known.split(".")[0] == country] or list(KINDS)[:6]
    raise problem(
        "unknown-identifier-kind",
        name,
        "There is no such kind of identifier.",
        f"Name one as {', '.join(near)}; docs/concepts/names-and-identifiers.md lists all.",
    )


@cache
def rules_of(name: str) -> Rules:
    """What judges a number of a kind; InputProblem where python-stdnum is not installed."""
    if name in OWN:
        return OWN[name]
    country, _, rest = name.partition(".")
    path = f"{country}_.{rest}" if country == "in" else name
    try:
        rules: Rules = import_module(f"stdnum.{path}")
    except ImportError as error:
        raise missing_library("python-stdnum", "check identifiers of enterprises") from error
    return rules


def missing_library(library: str, purpose: str) -> InputProblem:
    """What to install where a library of the extra `linkage` is not there."""
    return problem(
        "no-linkage-library",
        library,
        f"It is needed to {purpose}, and is not installed.",
        'Run `pip install "tradeline[linkage]"`.',
    )
