"""The terms of a contract one by one, so that a way to state them can be held to all of them."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from tradeline.lending.loan.contract import Contract


def terms_of_a_contract(value: object, name: str = "") -> Iterator[str]:
    """The names of all terms, such as `grace.arrears_days`; groups that are absent have one."""
    for each in fields(value):  # type: ignore[arg-type]
        inner = getattr(value, each.name)
        if is_dataclass(inner):
            yield from terms_of_a_contract(inner, f"{name}{each.name}.")
        else:
            yield f"{name}{each.name}"


def with_term(contract: Contract, name: str, value: object, stated: Contract) -> Contract:
    """The contract with another term; `stated` has the group where the contract has none."""
    group, _, inner = name.rpartition(".")
    if not group:
        return replace(contract, **{name: value})  # type: ignore[arg-type]
    before = getattr(contract, group) or getattr(stated, group)
    return replace(contract, **{group: replace(before, **{inner: value})})
