"""How firms, persons and places are called, and how people get it wrong when they write it down."""

from collections.abc import Sequence

KEYS_NEAR = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o",
    "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip
"""Keys beside a key."""
SCANNED_AS = {"o": "0", "l": "1", "i": "l", "m": "rn", "e": "c", "s": "5", "b": "6", "g": "9"}
"""What a scanner reads for a sign."""

ONSETS = [
    "b", "br", "c", "cr", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n",
    "p", "pr", "qu", "r", "s", "st", "t", "tr", "v", "w", "z",
]  # fmt: skip
VOWELS = [
    "a", "e", "i", "o", "u", "ai", "eo", "ia",
]  # fmt: skip
CODAS = ["", "", "n", "r", "l", "s", "m", "x"]
ENDINGS = [
    "a", "ano", "ek", "er", "ex", "ia", "is", "o", "ora", "um", "us", "ix",
]  # fmt: skip
FIRST_SIGNS = {
    "华": "hua", "宏": "hong", "鑫": "xin", "恒": "heng", "瑞": "rui", "金": "jin", "永": "yong",
    "嘉": "jia", "泰": "tai", "德": "de", "万": "wan", "丰": "feng", "东": "dong", "新": "xin",
    "盛": "sheng", "博": "bo", "朗": "lang", "凯": "kai", "天": "tian", "海": "hai", "安": "an",
    "启": "qi", "星": "xing", "云": "yun", "锦": "jin", "卓": "zhuo", "远": "yuan", "中": "zhong",
    "立": "li", "元": "yuan",
}  # fmt: skip
"""Signs of Chinese brands and how they sound."""
TRADES = (
    ("Textiles", "Text", "纺织"), ("Garments", "Garm", "服装"), ("Foods", "Food", "食品"),
    ("Furniture", "Furn", "家具"), ("Electronics", "Electr", "电子"), ("Machinery", "Mach", "机械"),
    ("Logistics", "Log", "物流"), ("Hotels", "Htl", "酒店"), ("Consulting", "Cons", "咨询"),
    ("Building", "Bldg", "建材"), ("Chemicals", "Chem", "化工"), ("Plastics", "Plast", "塑料"),
    ("Packaging", "Pack", "包装"), ("Printing", "Print", "印刷"), ("Trading", "Trad", "贸易"),
    ("Technology", "Tech", "科技"), ("Media", "Med", "传媒"), ("Tea", "Tea", "茶业"),
    ("Toys", "Toys", "玩具"), ("Medical", "Medic", "医疗"),
)  # fmt: skip
"""Lines of trade: as a word, abbreviated, in Chinese."""
FORMS = (
    ("Co., Ltd.", "Co Ltd", "Company Limited"), ("Ltd.", "Limited", "LTD"),
    ("GmbH", "G.m.b.H.", "GMBH"), ("S.r.l.", "Srl", "SRL"), ("LLC", "L.L.C.", "Llc"),
    ("Inc.", "Incorporated", "INC"),
)  # fmt: skip
"""Legal forms, each with the ways in which it is written."""
FORMS_CHINESE = (
    ("有限公司", "有限责任公司", "有限公司 "), ("股份有限公司", "股份公司", "股份有限公司 "),
    ("合伙企业", "合伙企业 ", "(有限合伙)"),
)  # fmt: skip
"""Legal forms in Chinese, likewise."""
CITIES = (
    ("Hangzhou", "杭州"), ("Ningbo", "宁波"), ("Shenzhen", "深圳"), ("Guangzhou", "广州"),
    ("Yiwu", "义乌"), ("Suzhou", "苏州"), ("Chengdu", "成都"), ("Qingdao", "青岛"),
    ("Xiamen", "厦门"), ("Foshan", "佛山"), ("Wuhan", "武汉"), ("Nanjing", "南京"),
    ("Tianjin", "天津"), ("Dalian", "大连"), ("Wenzhou", "温州"), ("Jinhua", "金华"),
)  # fmt: skip
FAMILIES = {
    "Wang": "王", "Li": "李", "Zhang": "张", "Liu": "刘", "Chen": "陈", "Yang": "杨",
    "Huang": "黄", "Zhao": "赵", "Wu": "吴", "Zhou": "周", "Xu": "徐", "Sun": "孙", "Ma": "马",
    "Zhu": "朱", "Hu": "胡", "Guo": "郭", "He": "何", "Lin": "林", "Gao": "高", "Luo": "罗",
    "Zheng": "郑", "Liang": "梁", "Xie": "谢", "Song": "宋", "Tang": "唐", "Deng": "邓",
}  # fmt: skip
GIVEN = {
    "Wei": "伟", "Fang": "芳", "Na": "娜", "Min": "敏", "Jing": "静", "Qiang": "强", "Lei": "磊",
    "Jun": "军", "Yang": "洋", "Yong": "勇", "Yan": "艳", "Jie": "杰", "Tao": "涛", "Ming": "明",
    "Chao": "超", "Xia": "霞", "Ping": "平", "Gang": "刚", "Hui": "辉", "Hong": "红", "Bin": "斌",
    "Lan": "兰", "Yu": "宇", "Mei": "梅", "Xin": "欣", "Peng": "鹏", "Hao": "浩", "Ting": "婷",
    "Rui": "瑞", "Kai": "凯", "Bo": "波", "Liang": "亮", "Dan": "丹", "Feng": "峰", "Guo": "国",
    "Hua": "华", "Jian": "建", "Ling": "玲", "Long": "龙", "Ning": "宁", "Qing": "青", "Rong": "荣",
    "Shan": "珊", "Sheng": "胜", "Wen": "文", "Xue": "雪", "Yi": "怡", "Yue": "月", "Zhen": "珍",
    "Zhi": "志",
}  # fmt: skip
ROADS = (("Road", "Rd"), ("Street", "St."), ("Avenue", "Ave"), ("Lane", "Ln"))


def one(choices: Sequence[str], draw: int) -> str:
    """The choice that a draw falls on."""
    return choices[draw % len(choices)]


def misspelt(text: str, draw: int) -> str:
    """A text with one slip: a key beside the right one, two signs swapped, one lost, a bad scan.

    In a script without keys for its signs, a sign is lost or two are swapped.
    """
    places = [at for at, sign in enumerate(text) if sign.isalnum()]
    if len(places) < 3:
        return text
    # People seldom get the first sign wrong.
    at = places[1 + draw % (len(places) - 1)]
    sign, kind = text[at].lower(), draw // 1024 % 4
    if kind == 0 and sign in KEYS_NEAR:
        return text[:at] + one(KEYS_NEAR[sign], draw // 4096) + text[at + 1 :]
    if kind == 1 and sign in SCANNED_AS:
        return text[:at] + SCANNED_AS[sign] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at + 1 :]
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
