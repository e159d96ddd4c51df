"""Names of firms as they stand in registers: Chinese and Latin, full width, typos, stray blanks."""

from collections.abc import Sequence

import numpy as np

from tradeline.world.population import Population
from tradeline.world.sectors import CHINESE_SPEAKING, COUNTRIES, SECTOR_NAMES

MESSY_SHARE = 0.35
ROMANISED_SHARE = 0.15

CITIES = ("杭州", "宁波", "深圳", "广州", "义乌", "苏州", "成都", "青岛", "厦门", "佛山")
CITIES_ROMANISED = ("Hangzhou", "Ningbo", "Shenzhen", "Guangzhou", "Yiwu", "Suzhou", "Chengdu",
                    "Qingdao", "Xiamen", "Foshan")  # fmt: skip
FIRST_SIGNS = "华宏鑫恒瑞金永嘉泰德万丰东新盛"
SECOND_SIGNS = "达利源昌盛通和信隆顺兴诚茂联美"
SYLLABLES = ("bel", "cor", "dan", "fer", "gal", "kor", "lin", "mar", "nor", "pol", "ros", "sar",
             "tor", "ver", "win", "zan")  # fmt: skip
ENDINGS = ("a", "ano", "ek", "er", "ia", "is", "o", "us")

TRADES_CHINESE = {
    "apparel": "服饰", "electronics": "电子科技", "machinery": "机械设备",
    "building materials": "建材", "food wholesale": "食品", "furniture": "家具",
    "logistics": "物流", "hospitality": "酒店管理", "business services": "商务咨询",
    "farm produce": "农产品",
}  # fmt: skip
TRADES_LATIN = {
    "apparel": "Textile", "electronics": "Electronics", "machinery": "Machinery",
    "building materials": "Building Materials", "food wholesale": "Foods",
    "furniture": "Furniture", "logistics": "Logistics", "hospitality": "Hotels",
    "business services": "Consulting", "farm produce": "Agro",
}  # fmt: skip
FORMS_CHINESE = ("有限公司", "有限责任公司", "股份有限公司")
FORMS_CHINESE_SOLE = ("商行", "经营部", "个体工商户", "工作室")
FORMS = {
    "CN": ("Co., Ltd.", "Co.,Ltd", "Ltd."), "HK": ("Limited", "Ltd."), "VN": ("JSC", "Co., Ltd."),
    "IT": ("S.r.l.", "SRL", "S.p.A."), "DE": ("GmbH", "GmbH & Co. KG", "UG"),
    "TR": ("A.Ş.", "Ltd. Şti."), "FR": ("SARL", "SAS"), "US": ("Inc.", "LLC", "Corp."),
}  # fmt: skip
FORMS_SOLE = {"IT": "di {} & C.", "DE": "e.K.", "FR": "EI", "TR": "Ticaret"}

# Full-width forms of the printable Latin signs stand at a fixed distance in Unicode.
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def draw_names(firms: Population, rng: np.random.Generator) -> list[str]:
    """The name of every firm, as someone wrote it down; names may repeat."""
    draws = rng.integers(0, 1 << 30, (len(firms), 8))
    messy = rng.random(len(firms)) < MESSY_SHARE
    romanised = rng.random(len(firms)) < ROMANISED_SHARE
    return [
        _name(country, SECTOR_NAMES[sector], sole, latin, words if mess else words[:6])
        for country, sector, sole, latin, words, mess in zip(
            firms.country.tolist(), firms.sector.tolist(), firms.sole_trader.tolist(),
            romanised.tolist(), draws.tolist(), messy.tolist(), strict=True,
        )
    ]  # fmt: skip


def _name(country: int, sector: str, sole: bool, latin: bool, words: Sequence[int]) -> str:
    """One name; `words` are draws, of which the last two, if there, make a mess of it."""
    if CHINESE_SPEAKING[country] and not latin:
        name = _chinese(sector, sole, words)
    else:
        name = _latin(COUNTRIES[country], sector, sole, words)
    return _mess(name, words[6], words[7]) if len(words) > 6 else name


def _chinese(sector: str, sole: bool, words: Sequence[int]) -> str:
    forms = FORMS_CHINESE_SOLE if sole else FORMS_CHINESE
    brand = _one(FIRST_SIGNS, words[1]) + _one(SECOND_SIGNS, words[2])
    city, trade = _one(CITIES, words[0]), TRADES_CHINESE[sector]
    if words[4] % 4 == 0:
        return f"{brand}{trade}({city}){_one(forms, words[3])}"
    return f"{city}{brand}{trade}{_one(forms, words[3])}"


def _latin(country: str, sector: str, sole: bool, words: Sequence[int]) -> str:
    brand = (
        _one(SYLLABLES, words[1]) + _one(SYLLABLES, words[2]) + _one(ENDINGS, words[3])
    ).title()
    place = _one(CITIES_ROMANISED, words[0]) + " " if country == "CN" else ""
    form = FORMS_SOLE.get(country, "Trading") if sole else _one(FORMS[country], words[4])
    return f"{place}{brand} {TRADES_LATIN[sector]} {form.format(brand)}"


def _one(choices: Sequence[str], word: int) -> str:
    return choices[word % len(choices)]


def _mess(name: str, kind: int, place: int) -> str:
    """One way in which a name goes wrong on its way into a register."""
    at = place % (len(name) - 1)
    return (
        name.translate(FULL_WIDTH),
        name.upper(),
        name.replace(" ", "  ") + " ",
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        name[:at] + name[at + 1 :],
        name.replace("(", "（").replace(")", "）").replace(".", ""),
    )[kind % 6]
