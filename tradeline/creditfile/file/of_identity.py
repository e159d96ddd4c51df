"""The part on identity: names, registrations, owners."""

from tradeline.creditfile.features.events import Compare
from tradeline.creditfile.file.declaration import Count, Dataset, Figure, Listing, Part, Rows

OWNED = Rows("owners", last_of=("owner_no",), standing=(Compare("owned_share", ">", 0),))

IDENTITY = Part(
    "identity",
    "Identity",
    "Under which name and number the enterprise is known, since when, and who owns it.",
    (
        Dataset("enterprises", "a list that names it", "the list of enterprises of any source"),
        Dataset("registrations", "registrations", "an extract of the company registry"),
        Dataset("owners", "owners", "an extract of the company registry"),
    ),
    (
        Figure("owners", "Owners", "How many hold a share, as last told.", Count(OWNED)),
    ),
    (
        Listing("name_list", "Names", "What it is called, and by whom.", Rows("enterprises"),
                ("enterprise", "name", "industry", "country")),
        Listing("registration_list", "Registrations", "Each holds until the next one of its "
                "number.", Rows("registrations"),
                ("registration_no", "legal_form", "status", "registered_capital_minor",
                 "incorporated_on", "address", "representative")),
        Listing("owner_list", "Owners", "Each as last told; whoever left has no share.", OWNED,
                ("owner", "owner_kind", "owned_share", "paid_in_minor", "controls")),
    ),
)  # fmt: skip
