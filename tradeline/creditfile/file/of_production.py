"""The part on production: what the enterprise makes, uses, sends and takes through customs."""

from tradeline.creditfile.features.events import Compare, Window
from tradeline.creditfile.file.declaration import (
    Count,
    Dataset,
    Distinct,
    Figure,
    Monthly,
    Part,
    Ratio,
    Rows,
    Sum,
)

YEAR = Window(12)
OUTPUT = Rows("production_output", (), YEAR)
POWER = Rows("utility_use", (Compare("utility", "=", "power"),))
USED = Rows("utility_use", (), YEAR)
SENT = Rows("shipments", (Compare("status", "<>", "cancelled"),), YEAR)
DECLARED = Compare("status", "<>", "withdrawn")
EXPORTS = Rows("customs_declarations", (DECLARED, Compare("direction", "=", "export")), YEAR)
IMPORTS = Rows("customs_declarations", (DECLARED, Compare("direction", "=", "import")), YEAR)

PRODUCTION = Part(
    "production",
    "Production",
    "What the enterprise makes, what power, water and gas it uses for it, what carriers move and "
    "what passes customs.",
    (
        Dataset("production_output", "records of output", "the books of the workshop"),
        Dataset("utility_use", "power, water, gas and heat", "the bills of the utilities"),
        Dataset("shipments", "shipments", "the carrier's export of consignments"),
        Dataset("customs_declarations", "customs declarations", "the declarations"),
    ),
    (
        Figure("output_12m", "Output, 12 months", "How much was made, by unit.",
               Sum(OUTPUT, "made")),
        Figure("output_scrapped_12m", "Output scrapped, 12 months",
               "How much of what was made was scrapped, by unit.",
               Ratio(Sum(OUTPUT, "scrapped"), Sum(OUTPUT, "made"))),
        Figure("products_made_12m", "Products made, 12 months", "How many different products.",
               Distinct(OUTPUT, "product")),
        Figure("utilities_12m", "Used of utilities, 12 months",
               "How much power, water, gas and heat the meters counted.", Sum(USED, "used")),
        Figure("utilities_billed_12m", "Billed for utilities, 12 months",
               "What the bills for power, water, gas and heat come to.",
               Sum(USED, "amount_minor")),
        Figure("power_by_month", "Power used, month by month",
               "What the meters counted in the periods that ended in each calendar month.",
               Monthly(Sum(POWER, "used"))),
        Figure("shipments_12m", "Shipments, 12 months", "How many were not cancelled.",
               Count(SENT)),
        Figure("shipped_weight_12m", "Weight shipped, 12 months", "Gross weight in kilograms.",
               Sum(SENT, "weight")),
        Figure("exports_12m", "Exports declared, 12 months",
               "What the declared goods are worth; withdrawn declarations do not count.",
               Sum(EXPORTS, "declared_value_minor")),
        Figure("export_countries_12m", "Countries exported to, 12 months",
               "How many different countries.", Distinct(EXPORTS, "partner_country")),
        Figure("imports_12m", "Imports declared, 12 months",
               "What the declared goods are worth; withdrawn declarations do not count.",
               Sum(IMPORTS, "declared_value_minor")),
    ),
)  # fmt: skip
