"""Pairs of tables of several kinds, made from a seed, that tell of the same things in other words.

Each kind has its own hard negatives: products of one brand with other model numbers, papers of the
same authors in another year, branches of one chain, other versions of one song. The truth is known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.made_words import CITIES, Draw

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class MadeTables:
    """Two tables, each with a column `id`, and the pairs of ids that are the same thing."""

    left: list[Row]
    right: list[Row]
    truth: frozenset[tuple[str, str]]


class _Sheets:
    """Two tables as they grow."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.left: list[Row] = []
        self.right: list[Row] = []
        self.truth: list[tuple[int, int]] = []

    def add(self, left: Row | None, right: Row | None) -> None:
        if left is not None:
            self.left.append(left)
        if right is not None:
            self.right.append(right)
        if left is not None and right is not None:
            self.truth.append((len(self.left) - 1, len(self.right) - 1))

    def again(self, right: Row) -> None:
        """One more row on the right for the last row on the left."""
        self.right.append(right)
        self.truth.append((len(self.left) - 1, len(self.right) - 1))

    def done(self) -> MadeTables:
        """Both tables in an order of chance."""
        left, lefts = self._numbered(self.left, "a")
        right, rights = self._numbered(self.right, "b")
        return MadeTables(left, right, frozenset((lefts[i], rights[j]) for i, j in self.truth))

    def _numbered(self, rows: list[Row], letter: str) -> tuple[list[Row], list[str]]:
        order = [int(place) for place in self.draw.rng.permutation(len(rows))]
        names = [""] * len(rows)
        for number, place in enumerate(order):
            names[place] = f"{letter}{number}"
        return [{"id": names[place]} | rows[place] for place in order], names


def _sides(draw: Draw, both: float) -> tuple[bool, bool]:
    """Whether a thing stands in the left table, and whether in the right one."""
    if draw.true(both):
        return True, True
    left = draw.true(0.3)
    return left, not left


BRANDS = (
    "Sony Panasonic Canon Nikon Bosch Samsung Garmin Philips Linksys Netgear Denon Yamaha Whirlpool "
    "Frigidaire Olympus Toshiba Kenwood Pioneer Logitech Belkin Electrolux Sharp JVC Bose"
).split()
THINGS = (
    ("digital camera", ("megapixel", "optical zoom", "lens", "LCD"), (90, 700)),
    ("LCD TV", ("flat panel", "HDTV", "widescreen", "1080p"), (300, 2500)),
    ("headphones", ("noise cancelling", "in-ear", "stereo", "wireless"), (15, 350)),
    ("microwave oven", ("countertop", "stainless steel", "over-the-range", "1000 watts"), (60, 500)),
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
    return f"{letters}{draw.one(('-', '', '-'))}{draw.one('ABCDFGHRSTW')}{draw.number(10, 999)}{tail}"


def _next_code(draw: Draw, code: str) -> str:
    """The model beside it: the same letters and another number."""
    digits = "".join(sign for sign in code if sign.isdigit())
    return code.replace(digits, str(int(digits) + draw.one((1, 5, 10, 20, 100))))


def products(seed: int, size: int) -> MadeTables:
    """Titles, brands, prices and descriptions in two shops' words."""
    draw = Draw(seed, 1)
    sheets = _Sheets(draw)
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
            left, right = _sides(draw, 0.6)
            sheets.add(
                _shop_one(draw, brand, thing[0], code, colour, marks, amount, price) if left else None,
                _shop_two(draw, brand, thing[0], code, colour, marks, amount, price) if right else None,
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


SOFTWARE = (
    "Photo Studio|Office Suite|Antivirus|Tax Planner|Language Tutor|Video Editor|Accounting|Backup|"
    "Web Designer|Encyclopedia|Typing Coach|Flight Simulator|Greeting Cards|Data Recovery|Chess"
).split("|")
EDITIONS = ("Standard", "Professional", "Premier", "Deluxe", "Home", "Small Business", "Academic")


def software(seed: int, size: int) -> MadeTables:
    """Software whose version and edition decide, in shops of uneven care."""
    draw = Draw(seed, 2)
    makers = [draw.word(2) for _ in range(max(size // 25, 4))]
    sheets = _Sheets(draw)
    while len(sheets.left) + len(sheets.right) < 1.4 * size:
        maker, name = draw.often(makers), f"{draw.word(2)} {draw.one(SOFTWARE)}"
        for _ in range(draw.number(1, 4)):
            version = draw.one((str(draw.number(2, 12)), f"{draw.number(3, 11)}.0", "2007", "XP"))
            edition, price = draw.one(EDITIONS), draw.number(15, 600)
            left, right = _sides(draw, 0.5)
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


TOPICS = (
    "query optimization|data streams|view maintenance|data integration|schema matching|data mining|"
    "spatial indexing|transaction recovery|similarity search|XML processing|parallel joins|caching|"
    "access control|semistructured data|workflow management|approximate answers|OLAP cubes|"
    "sensor networks|information extraction|concurrency control|selectivity estimation|web services"
).split("|")
FRAMES = (
    "Efficient {a} for {b}|On the {a} of {b}|{a} in {b}: a survey|Scalable {a} over {b}|"
    "A framework for {a} and {b}|{a} meets {b}|Towards adaptive {a} in {b}|"
    "{c}: a system for {a}|Optimizing {a} with {b}|{c}: {a} by {b}|Incremental {a} using {b}"
).split("|")
VENUES = (
    ("SIGMOD Conference", ("International Conference on Management of Data", "ACM SIGMOD", "SIGMOD")),
    ("VLDB", ("Very Large Data Bases", "Proc. of the VLDB Conference", "VLDB")),
    ("ACM Trans. Database Syst.", ("ACM Transactions on Database Systems (TODS)", "TODS")),
    ("SIGMOD Record", ("ACM SIGMOD Record", "SIGMOD Rec.")),
    ("VLDB J.", ("The VLDB Journal", "The International Journal on Very Large Data Bases")),
    ("ICDE", ("Data Engineering, 2002. Proceedings. 18th International Conference on", "IEEE ICDE")),
)


def _paper(draw: Draw) -> tuple[str, list[tuple[str, str]], int, int]:
    first, second = draw.some(TOPICS, 2)
    title = draw.one(FRAMES).format(a=first, b=second, c=draw.word(2))
    authors = [draw.person() for _ in range(draw.number(1, 4))]
    return title[0].upper() + title[1:], authors, draw.number(0, len(VENUES) - 1), draw.number(1994, 2004)


def _beside(
    draw: Draw, paper: tuple[str, list[tuple[str, str]], int, int]
) -> tuple[str, list[tuple[str, str]], int, int]:
    """Another paper of the same authors: a second part, a later version, or one named alike."""
    title, authors, venue, year = paper
    kind = draw.number(0, 3)
    if kind == 0:
        return f"{title}, Part II", authors, venue, year
    if kind == 1:
        return title, authors, (venue + 2) % len(VENUES), year + draw.number(1, 3)
    if kind == 2:
        return "Editorial", authors[:1], venue, year + draw.number(1, 3)
    other = draw.one(TOPICS)
    return f"{title.split(' ')[0]} {other} {' '.join(title.split(' ')[2:])}", authors, venue, year


def papers(seed: int, size: int) -> MadeTables:
    """Two clean bibliographies, each paper once in each."""
    draw = Draw(seed, 3)
    sheets = _Sheets(draw)
    paper = _paper(draw)
    for _ in range(size):
        paper = _beside(draw, paper) if draw.true(0.3) else _paper(draw)
        left, right = _sides(draw, 0.85)
        sheets.add(
            _entry(draw, paper) if left else None, _record(draw, paper) if right else None
        )
    return sheets.done()


def citations(seed: int, size: int) -> MadeTables:
    """A clean bibliography, and citations collected from the web: several for one paper."""
    draw = Draw(seed, 4)
    sheets = _Sheets(draw)
    paper = _paper(draw)
    for _ in range(size):
        paper = _beside(draw, paper) if draw.true(0.3) else _paper(draw)
        if draw.true(0.75):
            sheets.add(None, _cited(draw, paper))
            continue
        sheets.add(_entry(draw, paper), _cited(draw, paper) if draw.true(0.9) else None)
        if draw.true(0.9):
            for _ in range(draw.number(0, 3)):
                sheets.again(_cited(draw, paper))
    return sheets.done()


def _entry(draw: Draw, paper: tuple[str, list[tuple[str, str]], int, int]) -> Row:
    title, authors, venue, year = paper
    return {
        "title": title,
        "authors": ", ".join(f"{given} {family}" for given, family in authors),
        "venue": VENUES[venue][0],
        "year": str(year),
    }


def _record(draw: Draw, paper: tuple[str, list[tuple[str, str]], int, int]) -> Row:
    title, authors, venue, year = paper
    shown = [f"{given[0]}. {family}" if draw.true(0.2) else f"{given} {family}" for given, family in authors]
    return {
        "title": draw.worn(title, 0.05),
        "authors": ", ".join(draw.some(shown, len(shown)) if draw.true(0.2) else shown),
        "venue": draw.one(VENUES[venue][1]),
        "year": str(year),
    }


def _cited(draw: Draw, paper: tuple[str, list[tuple[str, str]], int, int]) -> Row:
    title, authors, venue, year = paper
    words = title.split(" ")
    if draw.true(0.12):
        words = words[: max(len(words) - 2, 2)]
    shown = [f"{given[0]} {family}" for given, family in authors]
    if draw.true(0.2):
        shown = shown[: draw.number(1, len(shown))] + ["..."]
    return {
        "title": draw.worn(draw.worn(" ".join(words), 0.15), 0.05),
        "authors": ", ".join(shown),
        "venue": draw.or_none(draw.one((*VENUES[venue][1], VENUES[venue][0])), 0.4),
        "year": draw.or_none(str(year + (draw.number(-1, 1) if draw.true(0.05) else 0)), 0.45),
    }


CUISINES = (
    ("American", ("American", "American (New)", "Continental")), ("Italian", ("Italian", "Pizza")),
    ("French", ("French", "French (New)", "French Bistro")), ("Asian", ("Chinese", "Japanese", "Thai")),
    ("Steakhouses", ("Steak Houses", "American")), ("Mexican", ("Mexican", "Southwestern")),
    ("Seafood", ("Seafood", "American")), ("Delis", ("Delicatessens", "Coffee Shops")),
)  # fmt: skip
STREETS = "Sunset Main Broadway Melrose Ventura Peachtree Lexington Columbus Mission Wilshire".split()
WAYS = (("Blvd.", "Boulevard"), ("St.", "Street"), ("Ave.", "Ave"), ("Rd.", "Road"), ("Dr.", "Drive"))


def restaurants(seed: int, size: int) -> MadeTables:
    """Two guides to restaurants, with branches of chains."""
    draw = Draw(seed, 5)
    sheets = _Sheets(draw)
    name = ""
    for _ in range(size):
        if not name or draw.true(0.8):
            stem = draw.word(2) if draw.true(0.7) else draw.one(FAMILY_PLACES)
            name = draw.one(("{}", "Cafe {}", "{}'s", "The {} Grill", "Chez {}", "{} Deli")).format(stem)
        city = draw.one(CITIES)
        street, way, number = draw.one(STREETS), draw.one(WAYS), draw.number(10, 9999)
        phone = (draw.number(201, 818), draw.number(200, 999), draw.number(1000, 9999))
        cuisine = draw.one(CUISINES)
        left, right = _sides(draw, 0.35)
        first: Row = {
            "name": name.lower(),
            "addr": f"{number} {draw.or_none(draw.one(('s. ', 'w. ')), 0.7)}{street} {way[0]}".lower(),
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


GENRES = (("Pop", "Pop,Music"), ("Country", "Country,Music,Contemporary Country"), ("Rap", "Hip-Hop/Rap,Music"))


def songs(seed: int, size: int) -> MadeTables:
    """Tracks in two music shops; one song stands on several albums and in several versions."""
    draw = Draw(seed, 6)
    sheets = _Sheets(draw)
    nouns = [draw.word(2) for _ in range(60)] + "Love Night Home Fire Rain Road Heart You".split() * 4
    while len(sheets.left) + len(sheets.right) < 1.5 * size:
        artist = " ".join(draw.person()) if draw.true(0.6) else f"The {draw.word(2)}s"
        for _ in range(draw.number(1, 3)):
            album, year, genre = f"{draw.one(nouns)} {draw.one(nouns)}", draw.number(1999, 2015), draw.one(GENRES)
            deluxe = draw.true(0.3)
            for _ in range(draw.number(3, 8)):
                song = " ".join(draw.some(nouns, draw.number(1, 3)))
                for version in ("", *draw.some(("Live", "Remix", "Acoustic Version"), int(draw.true(0.2)))):
                    left, right = _sides(draw, 0.35)
                    second = draw.number(120, 330)
                    guest = draw.person()[1] if draw.true(0.2) else ""
                    sheets.add(
                        _track(draw, song, version, artist, guest, album, deluxe, year, genre[1], second) if left else None,
                        _download(draw, song, version, artist, guest, album, deluxe, year, genre[0], second) if right else None,
                    )
    return sheets.done()


def _track(
    draw: Draw, song: str, version: str, artist: str, guest: str, album: str, deluxe: bool,
    year: int, genre: str, seconds: int,
) -> Row:  # fmt: skip
    title = song + (f" ( feat . {guest} )" if guest else "") + (f" ( {version} )" if version else "")
    return {
        "Song_Name": title,
        "Artist_Name": artist,
        "Album_Name": album + (" ( Deluxe Version )" if deluxe else ""),
        "Genre": genre,
        "Price": draw.one(("$ 0.99", "$ 1.29", "$ 1.29")),
        "CopyRight": f"{year} {draw.one(('Big', 'Blue', 'North'))} Records",
        "Time": f"{seconds // 60}:{seconds % 60:02d}",
        "Released": f"{draw.number(1, 28)}-{draw.one(('Jan', 'Mar', 'Jul', 'Oct'))}-{year % 100:02d}",
    }


def _download(
    draw: Draw, song: str, version: str, artist: str, guest: str, album: str, deluxe: bool,
    year: int, genre: str, seconds: int,
) -> Row:  # fmt: skip
    title = song + (f" [feat. {guest}]" if guest else "") + (f" - {version}" if version else "")
    seconds += draw.number(-1, 1)
    return {
        "Song_Name": title + draw.or_none(" [Explicit]", 0.85),
        "Artist_Name": artist + (f" feat. {guest}" if guest and draw.true(0.5) else ""),
        "Album_Name": album + (" (Deluxe)" if deluxe and draw.true(0.7) else ""),
        "Genre": genre,
        "Price": draw.one(("$0.99", "$1.29")),
        "CopyRight": f"(C) {year} Records",
        "Time": f"{seconds // 60}:{seconds % 60:02d}",
        "Released": draw.or_none(f"{draw.one(('January', 'March', 'July'))} {draw.number(1, 28)}, {year}", 0.1),
    }


STYLES = "American IPA|Imperial Stout|American Amber / Red Ale|Pale Ale|Porter|Saison|Red Ale|Hefeweizen".split("|")


def beers(seed: int, size: int) -> MadeTables:
    """Beers and their breweries as two sites of drinkers write them."""
    draw = Draw(seed, 7)
    sheets = _Sheets(draw)
    while len(sheets.left) + len(sheets.right) < 1.5 * size:
        brewery = f"{draw.word(2)} {draw.one(('Creek', 'Valley', 'Brothers', ''))}".strip()
        for _ in range(draw.number(1, 6)):
            stem = draw.one((draw.word(2), draw.one(("Hop", "Old", "Big Red", "Winter", "Dark"))))
            style = draw.one(STYLES)
            kept = draw.one(("", "", "Bourbon Barrel Aged", "Imperial", "Organic"))
            name = " ".join(f"{kept} {stem} {draw.one((style.split(' ')[-1], 'Ale', 'Amber'))}".split())
            strength = draw.number(40, 120) / 10
            left, right = _sides(draw, 0.4)
            first: Row = {
                "Beer_Name": name,
                "Brew_Factory_Name": f"{brewery} Brewing Company",
                "Style": style,
                "ABV": f"{strength:.2f} %",
            }
            second: Row = {
                "Beer_Name": draw.worn(draw.one((name, f"{brewery} {name}")), 0.1),
                "Brew_Factory_Name": f"{brewery} {draw.one(('Brewery', 'Brewing Co.', 'Brewing Company'))}",
                "Style": draw.one((style, draw.one(STYLES))),
                "ABV": draw.one((f"{strength:.2f} %", f"{strength:.1f}%", "-")),
            }
            sheets.add(first if left else None, second if right else None)
    return sheets.done()


TRADES = "Logistics|Software|Holding|Trading|Foods|Energy|Consulting|Pharma|Bank|Media|Textiles|Capital".split("|")
FORMS = (("Inc.", "Incorporated"), ("Ltd", "Limited"), ("GmbH", "GmbH"), ("S.A.", "SA"), ("Corp.", "Corporation"))


def companies(seed: int, size: int) -> MadeTables:
    """A register of companies, and what the web says of them; sister firms share a brand."""
    draw = Draw(seed, 8)
    sheets = _Sheets(draw)
    while len(sheets.left) + len(sheets.right) < 1.4 * size:
        brand = draw.word(draw.number(2, 3)) if draw.true(0.7) else f"{draw.one(FAMILY_PLACES)} {draw.word(1)}"
        for trade in draw.some(TRADES, 1 if draw.true(0.7) else draw.number(2, 3)):
            form, place, home = draw.one(FORMS), draw.one(CITIES), draw.number(1, 400)
            left, right = _sides(draw, 0.55)
            name = f"{brand} {trade}"
            street = draw.one(STREETS)
            first: Row = {
                "company_name": f"{name} {form[0]}",
                "address": f"{home} {street} St., {place[0]}",
                "country": draw.one(("US", "US", "DE", "FR")),
            }
            site = f"http://www.{brand.replace(' ', '').lower()}{draw.one(('', trade.lower()))}.com"
            second: Row = {
                "name": draw.worn(draw.one((name, f"{name} {form[1]}", name.upper(), f"{name} Group")), 0.08),
                "street": draw.or_none(f"{home} {street} Street", 0.3),
                "city": draw.or_none(place[0], 0.2),
                "website": draw.or_none(site, 0.3),
            }
            sheets.add(first if left else None, second if right else None)
    return sheets.done()


def people(seed: int, size: int) -> MadeTables:
    """Persons in two registers, with families that share a name and an address."""
    draw = Draw(seed, 9)
    sheets = _Sheets(draw)
    for _ in range(size):
        family, street, number = draw.person()[1], draw.one(STREETS), draw.number(1, 300)
        for given in draw.some(GIVEN_TWICE, 1 if draw.true(0.6) else 2):
            year, month, day = draw.number(1930, 2004), draw.number(1, 12), draw.number(1, 28)
            left, right = _sides(draw, 0.4)
            first: Row = {
                "first name": given, "surname": family, "dob": f"{year}-{month:02d}-{day:02d}",
                "street": f"{number} {street} Street", "town": draw.one(CITIES)[0],
            }  # fmt: skip
            moved = draw.true(0.2)
            second: Row = {
                "full_name": draw.worn(draw.one((f"{given} {family}", f"{family}, {given}", f"{given[0]}. {family}")), 0.15),
                "date_of_birth": draw.or_none(f"{day:02d}/{month:02d}/{year + (draw.number(1, 3) if draw.true(0.05) else 0)}", 0.1),
                "address": f"{draw.number(1, 300) if moved else number} {draw.one(STREETS) if moved else street} St",
                "city": first["town"],
            }  # fmt: skip
            sheets.add(first if left else None, second if right else None)
    return sheets.done()


GIVEN_TWICE = (
    "Anna Peter Maria John Wei Ana Omar Lucia David Sarah Michael Laura Thomas Elena Robert Julia "
    "Daniel Sofia Martin Ingrid Carlos Fatima Andrew Claire Joseph Nina Stefan Emma"
).split()

KINDS: Mapping[str, Callable[[int, int], MadeTables]] = {
    "products": products,
    "software": software,
    "papers": papers,
    "citations": citations,
    "restaurants": restaurants,
    "songs": songs,
    "beers": beers,
    "companies": companies,
    "people": people,
}
