"""Restaurants, companies and persons in two registers, made from a seed."""

from benchmarks.made_sheets import MadeTables, Row, Sheets, sides
from benchmarks.made_words import CITIES, GIVEN, WORDS, Draw

CUISINES = (
    ("American", ("American", "American (New)", "Continental")), ("Italian", ("Italian", "Pizza")),
    ("French", ("French", "French (New)", "Bistro")), ("Asian", ("Chinese", "Japanese", "Thai")),
    ("Steakhouses", ("Steak Houses", "American")), ("Mexican", ("Mexican", "Southwestern")),
    ("Seafood", ("Seafood", "American")), ("Delis", ("Delicatessens", "Coffee Shops")),
)  # fmt: skip
STREETS = WORDS["streets"]
WAYS = (
    ("Blvd.", "Boulevard"),
    ("St.", "Street"),
    ("Ave.", "Ave"),
    ("Rd.", "Road"),
    ("Dr.", "Drive"),
)


def restaurants(seed: int, size: int) -> MadeTables:
    """Two guides to restaurants, with branches of chains."""
    draw = Draw(seed, 5)
    sheets = Sheets(draw)
    name = ""
    for _ in range(size):
        if not name or draw.true(0.8):
            stem = draw.word(2) if draw.true(0.7) else draw.one(FAMILY_PLACES)
            name = draw.one(("{}", "Cafe {}", "{}'s", "The {} Grill", "Chez {}", "{} Deli")).format(
                stem
            )
        city = draw.one(CITIES)
        street, way, number = draw.one(STREETS), draw.one(WAYS), draw.number(10, 9999)
        phone = (draw.number(201, 818), draw.number(200, 999), draw.number(1000, 9999))
        cuisine, side = draw.one(CUISINES), draw.or_none(draw.one(("s. ", "w. ")), 0.7)
        left, right = sides(draw, 0.35)
        first: Row = {
            "name": name.lower(),
            "addr": f"{number} {side}{street} {way[0]}".lower(),
            "city": city[0].lower(),
            "phone": f"{phone[0]}/{phone[1]}-{phone[2]}",
            "type": cuisine[0].lower(),
        }
        second: Row = {
            "name": _other_name(draw, name),
            "addr": f"{number} {street} {draw.one(way)}{draw.or_none(' at 3rd', 0.8)}",
            "city": draw.one(city),
            "phone": draw.one(("{}-{}-{}", "({}) {}-{}", "{} {} {}")).format(*phone),
            "type": draw.one(cuisine[1]),
        }
        if draw.true(0.05):
            second["phone"] = ""
        sheets.add(first if left else None, second if right else None)
    return sheets.done()


FAMILY_PLACES = ("Pacific", "Golden", "Garden", "Palm", "Union", "Harbor", "Palace", "Corner")


def _other_name(draw: Draw, name: str) -> str:
    if draw.true(0.25):
        name = name.replace("Deli", "Delicatessen").replace("Cafe ", "Caffe ").replace("The ", "")
    if draw.true(0.12):
        name = f"{name} {draw.one(('Restaurant', '(The)', 'Bar & Grill', 'on the Park'))}"
    return draw.worn(name, 0.08)


TRADES = WORDS["trades"]
FORMS = (
    ("Inc.", "Incorporated"),
    ("Ltd", "Limited"),
    ("GmbH", "GmbH"),
    ("S.A.", "SA"),
    ("Corp.", "Corporation"),
)


def companies(seed: int, size: int) -> MadeTables:
    """A register of companies, and what the web says of them; sister firms share a brand."""
    draw = Draw(seed, 8)
    sheets = Sheets(draw)
    while len(sheets.left) + len(sheets.right) < 1.4 * size:
        brand = (
            draw.word(draw.number(2, 3))
            if draw.true(0.7)
            else f"{draw.one(FAMILY_PLACES)} {draw.word(1)}"
        )
        for trade in draw.some(TRADES, 1 if draw.true(0.7) else draw.number(2, 3)):
            form, place, home = draw.one(FORMS), draw.one(CITIES), draw.number(1, 400)
            left, right = sides(draw, 0.55)
            name = f"{brand} {trade}"
            street = draw.one(STREETS)
            first: Row = {
                "company_name": f"{name} {form[0]}",
                "address": f"{home} {street} St., {place[0]}",
                "country": draw.one(("US", "US", "DE", "FR")),
            }
            site = f"http://www.{brand.replace(' ', '').lower()}{draw.one(('', trade.lower()))}.com"
            second: Row = {
                "name": draw.worn(
                    draw.one((name, f"{name} {form[1]}", name.upper(), f"{name} Group")), 0.08
                ),
                "street": draw.or_none(f"{home} {street} Street", 0.3),
                "city": draw.or_none(place[0], 0.2),
                "website": draw.or_none(site, 0.3),
            }
            sheets.add(first if left else None, second if right else None)
    return sheets.done()


def people(seed: int, size: int) -> MadeTables:
    """Persons in two registers, with families that share a name and an address."""
    draw = Draw(seed, 9)
    sheets = Sheets(draw)
    for _ in range(size):
        family, street, number = draw.person()[1], draw.one(STREETS), draw.number(1, 300)
        for given in draw.some(GIVEN, 1 if draw.true(0.6) else 2):
            year, month, day = draw.number(1930, 2004), draw.number(1, 12), draw.number(1, 28)
            left, right = sides(draw, 0.4)
            first: Row = {
                "first name": given, "surname": family, "dob": f"{year}-{month:02d}-{day:02d}",
                "street": f"{number} {street} Street", "town": draw.one(CITIES)[0],
            }  # fmt: skip
            moved = draw.true(0.2)
            late = draw.number(1, 3) if draw.true(0.05) else 0
            born = f"{day:02d}/{month:02d}/{year + late}"
            written = (f"{given} {family}", f"{family}, {given}", f"{given[0]}. {family}")
            place = f"{draw.number(1, 300)} {draw.one(STREETS)}" if moved else f"{number} {street}"
            second: Row = {
                "full_name": draw.worn(draw.one(written), 0.15),
                "date_of_birth": draw.or_none(born, 0.1),
                "address": f"{place} St",
                "city": first["town"],
            }  # fmt: skip
            sheets.add(first if left else None, second if right else None)
    return sheets.done()
