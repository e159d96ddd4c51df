"""Records of the same firms in two sources, with the slips of those who wrote them; truth known.

Drawn to be hard where enterprises are hard to tell apart. Of all firms:

- 75 % stand in each source, every firm at least in one, none twice in a source;
- 15 % are sister firms of another one: same brand, person, phone and city; half share the address;
  60 % of them differ in the line of trade, 20 % in the legal form, 20 % in a number in the name;
- 5 % are namesakes: the brand of a stranger, half of them in his line of trade;
- 25 % have Chinese names, of which sources romanise some.

Of all records: the registration number is missing in 55 % and misspelt in 0.5 %. The name has a
slip in 10 %, an abbreviated line of trade in 8 %, none in 3 %, no legal form in 8 %, and one
written otherwise in 30 %. The person is missing in 5 %, turned round in 10 %, has a slip in 5 %.
The phone is missing in 5 %, another in 8 %, has a slip in 3 %; for 4 % of firms it is the agent's
who registered hundreds of them. The address is missing in 5 %, of before a move in 8 %, has a slip
in 8 %; the city is missing in 5 %.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.world.settings import Flags, Ints
from tradeline.world.written_names import (
    CITIES,
    CODAS,
    ENDINGS,
    FAMILIES,
    FIRST_SIGNS,
    FORMS,
    FORMS_CHINESE,
    GIVEN,
    ONSETS,
    ROADS,
    TRADES,
    VOWELS,
    misspelt,
    one,
)

SOURCES = ("register", "platform")
SISTERS, NAMESAKES, CHINESE = 0.15, 0.05, 0.25
IN_SOURCE = 0.75
AGENT_SHARE, FIRMS_PER_AGENT = 0.04, 300
Columns = dict[str, list[str | None]]


@dataclass(frozen=True, slots=True)
class Firms:
    """Firms as they are. All are numbers into the lists of `written_names`, or draws.

    `owner` is the first firm of a group of sisters; `namesake` the first firm of that brand.
    """

    owner: Ints
    namesake: Ints
    brand: Ints
    trade: Ints
    form: Ints
    number: Ints
    chinese: Flags
    person: Ints
    phone: Ints
    street: Ints
    city: Ints
    registration: Ints


@dataclass(frozen=True, slots=True)
class Registers:
    """Records by column, and of each the firm that it speaks of, that firm's owner and its brand.

    Sisters have one owner, and one brand. Namesakes have other owners and a brand that sounds the
    same, drawn so or by chance: of three Chinese signs there are not so many.
    """

    columns: Columns
    firm: Ints
    owner: Ints
    brand: Ints


def draw_registers(records: int, seed: int) -> Registers:
    """About so many records of two sources together; equal arguments give equal records."""
    rng = np.random.default_rng(seed)
    # A firm in neither source is put into the first.
    each = 2 * IN_SOURCE + (1 - IN_SOURCE) ** 2
    firms = _draw_firms(round(records / each), rng)
    inside = rng.random((len(SOURCES), len(firms.owner))) < IN_SOURCE
    inside[0] |= ~inside.any(axis=0)
    source, firm = np.nonzero(inside)
    order = rng.permutation(len(firm))
    source, firm = source[order], firm[order]
    columns = _write(firms, source, firm, rng)
    return Registers(columns, firm, firms.owner[firm], _brands(firms)[firm])


def _brands(firms: Firms) -> Ints:
    """The brand of each firm, by how it sounds."""
    drawn = zip(firms.brand.tolist(), firms.chinese.tolist(), strict=True)
    places: dict[str, int] = {}
    return np.array([places.setdefault(_brand(*each), len(places)) for each in drawn], np.int64)


def _draw_firms(count: int, rng: np.random.Generator) -> Firms:
    numbers = np.arange(count)
    kind = rng.random(count)
    sister = (kind < SISTERS) & (numbers > 0)
    namesake = (kind >= SISTERS) & (kind < SISTERS + NAMESAKES) & (numbers > 0)
    # Whom a sister or namesake goes with: a firm that is neither.
    first = np.flatnonzero(~sister & ~namesake)
    model = np.where(sister | namesake, rng.choice(first, count), numbers)
    draws = rng.integers(0, 1 << 40, (9, count))
    agents = max(count // FIRMS_PER_AGENT, 1)
    phone = np.where(
        rng.random(count) < AGENT_SHARE, draws[3] % agents, agents + draws[3] % 899_999_999
    )
    shares_address = rng.random(count) < 0.5
    differs = rng.random(count)
    trade, form = draws[1] % len(TRADES), np.minimum(draws[2] % 9, 5)
    other_trade = (trade[model] + 1 + draws[7] % (len(TRADES) - 1)) % len(TRADES)
    number = np.zeros(count, np.int64)
    same_trade = namesake & (rng.random(count) < 0.5)
    mine = {
        "trade": np.where(
            sister, np.where(differs < 0.6, other_trade, trade[model]),
            np.where(same_trade, trade[model], trade),
        ),
        "form": np.where(
            sister & (differs >= 0.6) & (differs < 0.8), _other(form[model], draws[8]),
            np.where(sister, form[model], form),
        ),
        "number": np.where(sister & (differs >= 0.8), 2 + draws[6] % 8, number),
    }  # fmt: skip
    related = sister | namesake
    chinese = rng.random(count) < CHINESE
    return Firms(
        owner=np.where(sister, model, numbers),
        namesake=np.where(namesake, model, numbers),
        brand=np.where(related, draws[0][model], draws[0]),
        chinese=np.where(related, chinese[model], chinese),
        person=np.where(sister, draws[4][model], draws[4]),
        phone=np.where(sister, phone[model], phone),
        street=np.where(sister & shares_address, draws[5][model], draws[5]),
        city=np.where(sister, draws[6][model] % len(CITIES), draws[6] % len(CITIES)),
        registration=rng.permutation(10 * count)[:count],
        **mine,
    )


def _other(form: Ints, draws: Ints) -> Ints:
    """Another legal form, of those that both scripts tell apart."""
    others: Ints = (form + 1 + draws % 2) % 3
    return np.where(others == form, (form + 1) % 3, others)


def _write(firms: Firms, source: Ints, firm: Ints, rng: np.random.Generator) -> Columns:
    chances = rng.random((len(firm), 12))
    draws = rng.integers(0, 1 << 40, (len(firm), 8))
    agent = max(len(firms.owner) // FIRMS_PER_AGENT, 1)
    facts = np.stack(
        [
            firms.brand, firms.trade, firms.form, firms.number, firms.chinese, firms.person,
            firms.phone, firms.street, firms.city, firms.registration,
        ],
        axis=1,
    )[firm]  # fmt: skip
    columns: Columns = {
        "record": [f"R{number:08d}" for number in range(len(firm))],
        "source": [SOURCES[place] for place in source.tolist()],
        "name": [],
        "person": [],
        "phone": [],
        "address": [],
        "city": [],
        "registration": [],
    }
    for fact, chance, draw in zip(_rows(facts), _rows(chances), _rows(draws), strict=True):
        brand, trade, form, number, chinese, person, phone, street, city, registration = fact
        latin = not chinese or chance[0] < 0.04
        columns["name"].append(
            _name(brand, trade, form, number, chinese, latin, city, chance, draw)
        )
        columns["person"].append(_person(person, latin, chance[5], draw))
        columns["phone"].append(_phone(phone, agent, chance[6], draw))
        columns["address"].append(_address(street, latin, chance[7], draw))
        columns["city"].append(CITIES[city][0 if latin else 1] if chance[8] > 0.05 else None)
        columns["registration"].append(_registration(registration, chance[9], draw[6]))
    return columns


def _rows(values: NDArray[Any]) -> list[list[Any]]:
    rows: list[list[Any]] = values.tolist()
    return rows


def _name(
    brand: int, trade: int, form: int, number: int, chinese: bool, latin: bool, city: int,
    chance: list[float], draw: list[int],
) -> str:  # fmt: skip
    word, short, sign = TRADES[trade]
    style = 1 + draw[0] % 2 if chance[1] < 0.3 else 0
    if latin:
        told = "" if chance[2] < 0.03 else short if chance[2] < 0.11 else word
        legal = "" if chance[3] < 0.08 else FORMS[form][style]
        parts = [_brand(brand, chinese), told, str(number) if number else "", legal]
        name = " ".join(part for part in parts if part)
    else:
        told = "" if chance[2] < 0.03 else sign
        legal = "" if chance[3] < 0.08 else FORMS_CHINESE[form % 3][style]
        place = CITIES[city][1] if chance[11] < 0.7 else ""
        name = place + _signs(brand) + told + (str(number) if number else "") + legal
    if chance[4] < 0.1:
        name = misspelt(name, draw[1])
    return name.upper() if chance[10] < 0.1 else name


def _brand(draw: int, chinese: bool) -> str:
    if chinese:
        return "".join(FIRST_SIGNS[sign] for sign in _signs(draw)).title()
    first = one(ONSETS, draw) + one(VOWELS, draw >> 5) + one(CODAS, draw >> 8)
    return first.title() + _word(draw >> 11).lower()


def _word(draw: int) -> str:
    return (one(ONSETS, draw) + one(VOWELS, draw >> 5) + one(CODAS, draw >> 8)).title() + one(
        ENDINGS, draw >> 11
    )


def _signs(draw: int) -> str:
    signs = "".join(FIRST_SIGNS)
    return one(signs, draw) + one(signs, draw >> 8) + one(signs, draw >> 16)


def _person(draw: int, latin: bool, chance: float, slip: list[int]) -> str | None:
    if chance < 0.05:
        return None
    # Some family names are far more common than others.
    families, given = list(FAMILIES), list(GIVEN)
    family = families[(draw % 97) * ((draw >> 8) % 97) * len(families) // 97**2]
    names = one(given, draw >> 14), one(given, draw >> 20)
    if not latin:
        return FAMILIES[family] + GIVEN[names[0]] + GIVEN[names[1]]
    last = "" if draw >> 30 & 1 else names[1].lower()
    first = names[0] + last
    name = f"{family} {first}" if chance < 0.15 else f"{first} {family}"
    return misspelt(name, slip[2]) if chance > 0.95 else name


def _phone(number: int, agents: int, chance: float, draw: list[int]) -> str | None:
    if chance < 0.05:
        return None
    if chance < 0.13:
        number = agents + draw[3] % 899_999_999
    digits = f"1{3 + number % 7}{number:09d}"
    if chance > 0.97:
        at = 2 + draw[3] % 9
        digits = digits[:at] + str((int(digits[at]) + 1 + draw[4] % 9) % 10) + digits[at + 1 :]
    return one((digits, f"+86 {digits}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"), draw[3] >> 20)


def _address(street: int, latin: bool, chance: float, draw: list[int]) -> str | None:
    if chance < 0.05:
        return None
    if chance < 0.13:
        street = draw[5]
    house, road = 1 + street % 400, ROADS[(street >> 9) % len(ROADS)]
    if not latin:
        return f"{_signs(street >> 11)[:2]}路{house}号"
    name = f"{house} {_word(street >> 11)} {road[draw[5] >> 30 & 1]}"
    return misspelt(name, draw[4]) if chance > 0.92 else name


# GB 32100-2015: the signs of the unified social credit code and the weight of each place.
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _registration(number: int, chance: float, slip: int) -> str | None:
    if chance < 0.55:
        return None
    body = f"91330100{'MA'}{number:07d}"
    check = -sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body)) % 31
    code = body + SIGNS[check]
    if chance > 0.9978:
        at = 10 + slip % 7
        code = code[:at] + str((int(code[at]) + 1 + slip // 8 % 9) % 10) + code[at + 1 :]
    return code
