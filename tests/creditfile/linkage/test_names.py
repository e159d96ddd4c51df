"""Names taken apart: what a name says, whatever its script, spelling and order."""

import csv
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.data import data_folder
from tradeline.creditfile.linkage.lexicon import lexicon
from tradeline.creditfile.linkage.name_reading import NameReader
from tradeline.creditfile.linkage.names import NameParts, name_columns, parts_of, trades_of
from tradeline.creditfile.linkage.scripts import folded

PLACES = ("", "Shenzhen", "深圳市", "Berlin", "(Thailand)", "广东省", "香港", "India")
BRANDS = (
    "Huaxin",
    "华信",
    "華信",
    "Müller",
    "A.B.C.",
    "J G",
    "Ромашка",
    "トヨタ",
    "L'Or",
    "三一",
    "X",
)
TRADES = (
    "",
    "Trading",
    "贸易",
    "Logistics",
    "国际物流",
    "Trdg",
    "科技",
    "Real Estate",
    "supply chain",
)
FORMS = (
    "",
    "Co., Ltd.",
    "有限公司",
    "GmbH & Co. KG",
    "B.V.",
    "S.p.A.",
    "Sp. z o.o.",
    "股份有限公司",
    "AS",
)
ENDS = (
    "",
    "No. 2",
    "No. 3",
    "第二",
    "Shanghai Branch",
    "北京分公司",
    "II",
    "Inh. Maria",
    "(Head Office)",
    "二店",
)


def says(name: str) -> dict[str, object]:
    """What a name is not silent about."""
    parts = parts_of(name)
    found = {field: getattr(parts, field) for field in NameParts.__slots__}
    return {field: value for field, value in found.items() if value and field != "regions"}


@pytest.mark.parametrize(
    "name",
    [
        "Shenzhen Huaxin Trading Co., Ltd.",
        "SHENZHEN HUAXIN TRADING CO LTD",
        "Ｓｈｅｎｚｈｅｎ　Ｈｕａｘｉｎ　Ｔｒａｄｉｎｇ　Ｃｏ．，Ｌｔｄ．",
        "Huaxin Trading (Shenzhen) Company Limited",
        "Shenzhen City Hua Xin Trdg. Co.,Ltd",
        "Shen\u200bzhen Huaxin\x07 Tradnig Co. Ltd",
    ],
)
def test_spellings_of_one_latin_name_say_the_same(name: str) -> None:
    found = parts_of(name)
    assert (found.sound, found.trades, found.form, found.place) == (
        "huaxin", ("trading",), "co ltd", "shenzhen",
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["深圳市华信贸易有限公司", "深圳市華信貿易有限公司", "华信(深圳)贸易有限公司",
     "广东省深圳市华信贸易有限责任公司", "深圳華信貿易有限公司", "深圳市 华信 贸易 有限公司"],
)  # fmt: skip
def test_a_chinese_name_meets_its_latin_one(name: str) -> None:
    found, latin = parts_of(name), parts_of("Shenzhen Huaxin Trading Ltd")
    assert found.brand == ("华信",)
    assert (found.sound, found.trades, found.form, found.place) == (
        latin.sound, latin.trades, latin.form, latin.place,
    )  # fmt: skip
    assert found.regions == ("china", "guangdong", "shenzhen")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("北京第二机床厂", {"brand": ("beijing",), "number": "2", "place": "beijing",
                            "trades": ("machinery", "manufacturing")}),
        ("义乌市华信日用品商行", {"brand": ("华信",), "place": "yiwu",
                                  "trades": ("household goods and gifts", "shop")}),
        ("张三（个体工商户）", {"brand": ("张三",), "form": "sole trader"}),
        ("深圳市南山区华信超市", {"brand": ("华信",), "place": "shenzhen", "trades": ("shop",)}),
        ("华城市政工程有限公司", {"brand": ("华城",), "form": "limited",
                                  "trades": ("engineering", "construction")}),
        ("株式会社日立製作所", {"brand": ("日立制作所",), "form": "joint stock"}),
        ("㈱日立製作所", {"brand": ("日立制作所",), "form": "joint stock"}),
        ("주식회사 삼성전자", {"brand": ("삼성전자",), "form": "joint stock"}),
        ("华信贸易有限公司第二分公司", {"brand": ("华信",), "form": "limited", "branch": "2",
                                        "trades": ("trading",)}),
        ("华信贸易有限公司朝阳分公司", {"brand": ("华信",), "form": "limited",
                                        "branch": "chaoyang", "trades": ("trading",)}),
        ("华信贸易第二有限公司", {"brand": ("华信",), "number": "2", "form": "limited",
                                  "trades": ("trading",)}),
        ("华信贸易 第十二", {"brand": ("华信",), "number": "12", "trades": ("trading",)}),
        ("华信科技贸易", {"brand": ("华信",), "trades": ("trading", "technology")}),
        ("贸易有限公司", {"brand": ("贸易",), "trades": ("trading",), "form": "limited"}),
    ],
)  # fmt: skip
def test_names_without_blanks_are_taken_apart(name: str, said: dict[str, object]) -> None:
    found = says(name)
    del found["script"], found["sound"]
    assert found == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Huaxin Trading Co Ltd Shanghai Branch",
         {"brand": ("huaxin",), "trades": ("trading",), "form": "co ltd", "branch": "shanghai"}),
        ("Müller Maschinenbau GmbH & Co. KG",
         {"brand": ("muller",), "trades": ("machinery",), "form": "gmbh co kg"}),
        ("Dr. H.C.L.V. Kock B.V.", {"brand": ("dr", "hclv", "kock"), "form": "bv"}),
        ("Plan B B V", {"brand": ("plan", "b"), "form": "bv"}),
        ("K A Malle Pharmaceuticals Ltd.",
         {"brand": ("ka", "malle"), "trades": ("pharmaceuticals",), "form": "limited"}),
        ("Shijiazhuang No. 4 Pharmaceutical Co., Ltd.",
         {"brand": ("shijiazhuang",), "place": "shijiazhuang", "number": "4", "form": "co ltd",
          "trades": ("pharmaceuticals",)}),
        ("J. Smith t/a Golden Cafe",
         {"brand": ("golden",), "trades": ("catering",), "owner": ("j", "smith")}),
        ("Cafe Rosa Inh. Maria Schmidt",
         {"brand": ("rosa",), "trades": ("catering",), "owner": ("maria", "schmidt")}),
        ("Stichting Pieter Haverkorn", {"brand": ("pieter", "haverkorn"), "form": "foundation"}),
        ("PT. Altinex", {"brand": ("altinex",), "form": "pt"}),
        ("ООО «Ромашка»", {"brand": ("ромашка",), "form": "ooo"}),
        ("Test Sp. z o.o.", {"brand": ("test",), "form": "sp zoo"}),
        ("Müller S.A. Paris", {"brand": ("muller",), "form": "sa", "place": "paris"}),
        ("Jansen en Zonen V.O.F.", {"brand": ("jansen", "zonen"), "form": "vof"}),
        ("Hijos y Compañía, S.L.U.", {"brand": ("hijos",), "form": "srl"}),
        ("Huaxin Trading II Ltd",
         {"brand": ("huaxin",), "trades": ("trading",), "number": "2", "form": "limited"}),
        ("Hong Kong Real Estate Services Ltd",
         {"brand": ("hongkong",), "place": "hongkong", "form": "limited",
          "trades": ("real estate", "services")}),
        ("360 Ltd", {"brand": ("360",), "form": "limited"}),
        ("AS", {"brand": ("as",)}),
        ("The and of", {}),
    ],
)  # fmt: skip
def test_latin_and_other_names_are_taken_apart(name: str, said: dict[str, object]) -> None:
    found = says(name)
    found.pop("script")
    found.pop("sound", None)
    assert found == said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ltd", "LIMITED"), ("Ltd.", "有限公司"), ("B.V.", "BV"), ("B.V.", "b v"),
        ("Pvt. Ltd.", "Private Limited"), ("GmbH", "G.m.b.H."), ("S.A.R.L.", "S.à r.l."),
        ("Sp. z o.o.", "SP ZOO"), ("s.r.o.", "S R O"), ("A/S", "AS"), ("S.p.A.", "SPA"),
        ("GmbH & Co. KG", "GmbH und Co KG"), ("Co., Ltd.", "Company Limited"),
        ("Sdn. Bhd.", "SDN BHD"), ("Pty Ltd", "Proprietary Limited"), ("Inc.", "Incorporated"),
        ("e.K.", "eK"), ("Kft.", "KFT"), ("d.o.o.", "DOO"), ("Oy", "OY"), ("O.H.G.", "OHG"),
    ],
)  # fmt: skip
def test_a_legal_form_is_one_however_it_is_spelled(one: str, other: str) -> None:
    assert parts_of(f"Zanros {one}").form == parts_of(f"Zanros {other}").form != ""
    assert parts_of(f"Zanros {one}").brand == parts_of(f"Zanros {other}").brand == ("zanros",)


@pytest.mark.parametrize("word", ["Tradng", "Tradingg", "Trasing", "Tradnig"])
def test_a_word_with_one_slip_is_known(word: str) -> None:
    assert says(f"Zanros {word} Limitedd") == says("Zanros Trading Limited")


@pytest.mark.parametrize("word", ["Grading", "Tradig Post", "Wods", "Trawling", "Tradinggg"])
def test_other_words_stay_in_the_brand(word: str) -> None:
    assert parts_of(f"Zanros {word}").brand != ("zanros",)


def test_what_is_written_in_two_scripts_counts_once() -> None:
    found = parts_of("华信 Hua Xin Trading 贸易 有限公司")
    assert (found.script, found.sound, found.trades) == ("mixed", "huaxin", ("trading",))


@st.composite
def made_names(draw: st.DrawFn) -> str:
    words = [draw(st.sampled_from(words)) for words in (PLACES, BRANDS, BRANDS, TRADES, TRADES)]
    words = [*words, draw(st.sampled_from(FORMS)), draw(st.sampled_from(ENDS))]
    if draw(st.integers(0, 3)) == 0:
        words = draw(st.permutations(words))
    return draw(st.sampled_from((" ", "", "  "))).join(words)


def one_by_one(name: str) -> NameParts:
    """The parts of a name, read word by word without any pattern."""
    reader = NameReader(lexicon())
    found = reader.reading(reader.items(folded(name).split()))
    regions = tuple(found.regions.split("|")[1:-1])
    return NameParts(
        parts_of(name).script, found.brand, reader.sound(found.brand),
        trades_of(found.trades, lexicon()), found.form, found.place, regions, found.number,
        found.branch, found.owner,
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(made_names(), made_names(), st.text(max_size=20)), max_size=8))
def test_a_column_read_by_patterns_says_what_each_name_says(names: list[str]) -> None:
    columns = name_columns(names)
    for row, name in enumerate(names):
        expected = one_by_one(name)
        assert parts_of(name) == expected
        assert columns.brand[row] == " ".join(expected.brand)
        assert trades_of(int(columns.trades[row]), lexicon()) == expected.trades
        for field in ("script", "sound", "form", "place", "number", "branch"):
            assert getattr(columns, field)[row] == getattr(expected, field)
        assert columns.owner[row] == " ".join(expected.owner)


@settings(max_examples=150, deadline=None)
@given(made_names())
def test_folding_case_width_and_blanks_change_nothing(name: str) -> None:
    found = parts_of(name)
    wide = "".join(chr(ord(s) + 0xFEE0) if "!" <= s <= "~" else s for s in name)
    for other in (folded(name), name.upper(), name.lower(), wide, f" {name.replace(' ', '  ')}\t"):
        assert parts_of(other) == found


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.text(), st.text(alphabet=string.printable), st.characters().map(lambda c: c * 3))
)
@example("x" * 10_000)
@example("\ud800\udfff Ltd")
@example("\u202eDTL gnidarT nixauH")
@example("深圳" * 5_000)
@example("." * 10_000)
@example("9" * 10_000)
@example("\x00\x01\x1b[31m")
@example("א ב שלום בע״מ")
@example("\ue000 Ltd \ue001")
def test_any_text_has_parts(name: str) -> None:
    found = parts_of(name)
    assert found == parts_of(name)
    assert bool(found.brand) == bool(found.sound)
    assert "\ue000" not in found.sound


def test_a_missing_name_says_nothing() -> None:
    columns = name_columns([None, "", "Zanros Ltd"])
    assert columns.brand.tolist() == ["", "", "zanros"]
    assert columns.form.tolist() == ["", "", "limited"]
    assert columns.script.tolist() == ["none", "none", "latin"]
    assert name_columns([]).trades.tolist() == []


def test_real_exhibitors_keep_a_brand_and_mostly_show_trade_and_form() -> None:
    path = data_folder("trade_show_exhibitors") / "exhibitors.csv"
    with path.open(encoding="utf-8") as file:
        names = [row["Company Name"] for row in csv.DictReader(file)]
    columns = name_columns(names)
    assert all(columns.brand)
    stated = [
        name for name in names if name.lower().rstrip(".").endswith(("ltd", "limited", "gmbh"))
    ]
    missed = [name for name in stated if not parts_of(name).form]
    assert missed == []
    assert (columns.trades > 0).mean() > 0.7
