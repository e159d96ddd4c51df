"""Products and software as two shops write them, made from a seed."""

from benchmarks.made_sheets import MadeTables, Row, Sheets, sides
from benchmarks.made_words import WORDS, Draw

BRANDS = WORDS["brands"]
THINGS = (
    ("digital camera", ("megapixel", "optical zoom", "lens", "LCD"), (90, 700)),
    ("LCD TV", ("flat panel", "HDTV", "widescreen", "1080p"), (300, 2500)),
    ("headphones", ("noise cancelling", "in-ear", "stereo", "wireless"), (15, 350)),
    (
        "microwave oven",
        ("countertop", "stainless steel", "over-the-range", "1000 watts"),
        (60, 500),
    ),
    ("wireless router", ("gigabit", "dual band", "4-port switch", "802.11n"), (30, 200)),
    ("home theater system", ("5.1 channel", "surround", "DVD", "subwoofer"), (150, 1200)),
    ("car stereo", ("bluetooth", "CD receiver", "USB", "touchscreen"), (80, 600)),
    ("refrigerator", ("side-by-side", "bottom freezer", "energy star", "ice maker"), (500, 3000)),
    ("memory card", ("SDHC", "high speed", "class 6", "compact flash"), (10, 120)),
    ("laser printer", ("duplex", "monochrome", "network", "color"), (90, 900)),
)
COLOURS = (("black", "B"), ("white", "W"), ("silver", "S"), ("red", "R"), ("blue", "L"))


def _code(draw: Draw) -> str:
    letters = "".join(draw.one("ABCDEFGHKLMNPRSTVWX") for _ in range(draw.number(2, 3)))
    tail = draw.one(("", "", "A", "K", "X", "HD"))
    return (
        f"{letters}{draw.one(('-', '', '-'))}{draw.one('ABCDFGHRSTW')}{draw.number(10, 999)}{tail}"
    )


def _next_code(draw: Draw, code: str) -> str:
    """The model beside it: the same letters and another number."""
    digits = "".join(sign for sign in code if sign.isdigit())
    return code.replace(digits, str(int(digits) + draw.one((1, 5, 10, 20, 100))))


def products(seed: int, size: int) -> MadeTables:
    """Titles, brands, prices and descriptions in two shops' words."""
    draw = Draw(seed, 1)
    sheets = Sheets(draw)
    code, brand, thing = "", "", THINGS[0]
    for _ in range(size):
        if code and draw.true(0.45):
            code = _next_code(draw, code)
        else:
            brand, thing, code = draw.often(BRANDS), draw.one(THINGS), _code(draw)
        price = draw.number(*thing[2]) + 0.99
        marks = draw.some(thing[1], 3)
        amount = f"{draw.number(2, 60)}{draw.one((' inch', 'GB', ' cu. ft.', 'MP', ' ft.'))}"
        for colour in draw.some(COLOURS, 2 if draw.true(0.15) else 1):
            left, right = sides(draw, 0.6)
            sheets.add(
                _shop_one(draw, brand, thing[0], code, colour, marks, amount, price)
                if left
                else None,
                _shop_two(draw, brand, thing[0], code, colour, marks, amount, price)
                if right
                else None,
            )
    return sheets.done()


def _shop_one(
    draw: Draw, brand: str, thing: str, code: str, colour: tuple[str, str], marks: list[str],
    amount: str, price: float,
) -> Row:  # fmt: skip
    full = code + colour[1]
    title = f"{brand} {colour[0].title()} {amount} {marks[0].title()} {thing.title()} - {full}"
    told = ". ".join([f"{brand} {thing.title()} - {full}", amount, *marks, f"{colour[0]} finish"])
    return {
        "name": title,
        "description": draw.or_none(told, 0.1),
        "price": draw.or_none(f"${price:,.2f}", 0.4),
    }


def _shop_two(
    draw: Draw, brand: str, thing: str, code: str, colour: tuple[str, str], marks: list[str],
    amount: str, price: float,
) -> Row:  # fmt: skip
    written = draw.one((code, code.replace("-", ""), code.replace("-", " "))) + draw.one(
        (colour[1], f"/{colour[1]}", "")
    )
    words = [*draw.some(marks, draw.number(0, 2)), draw.or_none(amount, 0.5), draw.worn(thing, 0.1)]
    shown = [brand, draw.or_none(written, 0.12), *words, draw.or_none(f"({colour[0]})", 0.4)]
    if draw.true(0.3):
        shown = [*shown[2:], shown[0], shown[1]]
    sold = price * (1 + 0.12 * draw.rng.standard_normal())
    return {
        "title": " ".join(word for word in shown if word),
        "manufacturer": draw.or_none(draw.one((brand, brand.upper())), 0.3),
        "details": draw.or_none(" ".join(draw.some(marks, 2)), 0.5),
        "list_price": draw.or_none(f"{max(sold, 1):.2f}", 0.25),
    }


SOFTWARE = WORDS["software"]
EDITIONS = ("Standard", "Professional", "Premier", "Deluxe", "Home", "Small Business", "Academic")


def software(seed: int, size: int) -> MadeTables:
    """Software whose version and edition decide, in shops of uneven care."""
    draw = Draw(seed, 2)
    makers = [draw.word(2) for _ in range(max(size // 25, 4))]
    sheets = Sheets(draw)
    while len(sheets.left) + len(sheets.right) < 1.4 * size:
        maker, name = draw.often(makers), f"{draw.word(2)} {draw.one(SOFTWARE)}"
        for _ in range(draw.number(1, 4)):
            version = draw.one((str(draw.number(2, 12)), f"{draw.number(3, 11)}.0", "2007", "XP"))
            edition, price = draw.one(EDITIONS), draw.number(15, 600)
            left, right = sides(draw, 0.5)
            upgrade = draw.true(0.2)
            sheets.add(
                _boxed(draw, maker, name, version, edition, price, upgrade) if left else None,
                _listed(draw, maker, name, version, edition, price, upgrade) if right else None,
            )
    return sheets.done()


def _boxed(
    draw: Draw, maker: str, name: str, version: str, edition: str, price: int, upgrade: bool
) -> Row:
    title = f"{draw.or_none(maker, 0.4)} {name} {version} {edition} {'upgrade' if upgrade else ''}"
    return {
        "title": " ".join(title.lower().split()),
        "manufacturer": maker.lower(),
        "price": f"{price - 0.01:.2f}",
    }


def _listed(
    draw: Draw, maker: str, name: str, version: str, edition: str, price: int, upgrade: bool
) -> Row:
    short = {"Professional": "Pro", "Standard": "Std", "Small Business": "SB"}.get(edition, edition)
    words = [maker, name, draw.one((version, f"v{version}")), draw.one((edition, short, ""))]
    if draw.true(0.25):
        words = [name, draw.one(("for Windows", "Mac", "CD-ROM", "[PC]")), *words[2:], maker]
    if upgrade:
        words.append(draw.one(("Upgrade", "upg")))
    return {
        "name": " ".join(word for word in words if word),
        "manufacturer": draw.or_none(maker, 0.85),
        "price": f"{price * (1 + 0.15 * draw.rng.standard_normal()):.2f}",
    }
