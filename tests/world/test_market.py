"""What must hold in every market, whatever the seed."""

import numpy as np
import pytest

from tests.world.conftest import SETTINGS
from tradeline.kernel.findings import InputProblem
from tradeline.lake.contracts import BY_NAME
from tradeline.world.columns import Columns, by_month, keep
from tradeline.world.market import Firms, draw_firms, draw_networks, draw_tables
from tradeline.world.network import PLATFORM
from tradeline.world.sectors import trait
from tradeline.world.settings import Floats, WorldSettings

Tables = dict[str, Columns]


def test_every_table_has_the_fields_of_its_contract(tables: Tables) -> None:
    left_out = {"order_lines": {"counterparty"},
                "bank_transactions": {"account", "value_date", "reference"}}  # fmt: skip
    for name, columns in tables.items():
        declared = {field.name for field in BY_NAME[name].fields} - {"currency"}
        assert set(columns) == declared - left_out.get(name, set()), name


def test_every_key_is_unique(tables: Tables) -> None:
    for name, columns in tables.items():
        rows = np.stack([columns[field] for field in BY_NAME[name].key])
        assert np.unique(rows, axis=1).shape == rows.shape, name


def test_nothing_is_recorded_before_it_happened_or_after_the_as_of_date(
    firms: Firms, tables: Tables
) -> None:
    for name, columns in tables.items():
        assert (columns["recorded_at"] >= columns["occurred_at"]).all(), name
        assert (columns["recorded_at"] <= firms.months.as_of_s).all(), name
        assert (columns["occurred_at"] >= firms.months.edges_s[0] - 86_400).all(), name


def test_recording_takes_time(tables: Tables) -> None:
    lag = tables["sales_invoices"]["recorded_at"] - tables["sales_invoices"]["occurred_at"]
    assert 12 * 3600 < np.median(lag) < 36 * 3600
    assert len(np.unique(lag)) > 1000


def test_net_and_tax_add_up_to_gross(tables: Tables) -> None:
    for name in ("sales_invoices", "purchase_invoices"):
        columns = tables[name]
        assert (columns["net"] + columns["tax"] == columns["gross"]).all(), name


def test_the_lines_add_up_to_the_order(tables: Tables) -> None:
    orders, lines = tables["orders"], tables["order_lines"]
    total: dict[int, int] = {}
    for order, gross in zip(lines["order_no"].tolist(), lines["gross"].tolist(), strict=True):
        total[order] = total.get(order, 0) + gross
    known = zip(orders["order_no"].tolist(), orders["gross"].tolist(), strict=True)
    assert all(total[order] == gross for order, gross in known)


def test_payments_stay_within_the_order_and_refunds_within_the_payments(tables: Tables) -> None:
    paid = _sums(tables["payments"])
    returned = _sums(tables["refunds"])
    value = _sums(tables["order_lines"], "gross")
    assert returned
    assert all(amount <= paid[order] for order, amount in returned.items())
    assert all(amount <= value[order] for order, amount in paid.items())


def test_a_cancelled_order_is_neither_paid_nor_delivered(tables: Tables) -> None:
    orders = tables["orders"]
    cancelled = set(orders["order_no"][orders["status"] == 3].tolist())
    assert cancelled
    for name in ("payments", "deliveries", "refunds", "reviews"):
        assert cancelled.isdisjoint(tables[name]["order_no"].tolist()), name


def test_what_follows_an_order_names_a_known_order_of_the_same_firm(tables: Tables) -> None:
    orders = tables["orders"]
    owner = dict(zip(orders["order_no"].tolist(), orders["enterprise"].tolist(), strict=True))
    for name in ("order_lines", "payments", "refunds", "deliveries", "reviews"):
        rows = zip(
            tables[name]["order_no"].tolist(), tables[name]["enterprise"].tolist(), strict=True
        )
        assert all(owner[order] == firm for order, firm in rows), name


def test_an_order_is_delivered_exactly_when_its_arrival_is_known(tables: Tables) -> None:
    orders, deliveries = tables["orders"], tables["deliveries"]
    arrived = set(deliveries["order_no"][deliveries["status"] == 0].tolist())
    assert set(orders["order_no"][orders["status"] == 2].tolist()) == arrived


def test_the_balance_carries_on_from_entry_to_entry(tables: Tables) -> None:
    bank = tables["bank_transactions"]
    same = np.diff(bank["enterprise"]) == 0
    assert (np.diff(bank["balance"])[same] == bank["amount"][1:][same]).all()


def test_firms_without_data_leave_no_row(firms: Firms, tables: Tables) -> None:
    silent = np.flatnonzero(firms.population.dataless)
    assert len(silent)
    for name, columns in tables.items():
        assert not np.isin(columns["enterprise"], silent).any(), name


def test_a_share_of_the_firms_has_an_outcome(firms: Firms) -> None:
    assert firms.population.labelled.mean() == pytest.approx(0.6, abs=0.05)


def test_the_shocked_sector_can_be_absent_from_the_outcomes() -> None:
    unseen = draw_firms(
        WorldSettings(enterprises=500, shocked_sector="logistics", unseen_sector_shock=True)
    ).population
    assert unseen.shocked.any()
    assert not (unseen.shocked & unseen.labelled).any()
    assert unseen.labelled.any()


def test_the_shock_raises_default_and_lowers_sales(firms: Firms, tables: Tables) -> None:
    shocked = firms.population.shocked
    assert firms.fates.pd[shocked].mean() > 1.5 * firms.fates.pd[~shocked].mean()


def test_most_firms_sell_for_more_than_they_buy_and_the_ill_for_less(
    firms: Firms, tables: Tables
) -> None:
    margin = _margins(firms, tables)
    health = firms.health.total[:, -12:].mean(axis=1)
    assert (margin < 0).mean() < 0.12
    ill, well = (float(np.median(margin[which])) for which in (health < -1, health > 1))
    assert 0.02 < ill < well - 0.08


def test_trades_differ_in_margin(firms: Firms, tables: Tables) -> None:
    margin, sector = _margins(firms, tables), firms.population.sector
    found = [float(np.median(margin[sector == place])) for place in range(len(trait("margin")))]
    assert found == pytest.approx(trait("margin"), abs=0.08)


def test_the_platform_is_billed_monthly_for_what_it_took_less_refunds(
    firms: Firms, tables: Tables
) -> None:
    months = firms.months
    taken, given, billed = (
        by_month(columns, amount, len(firms.population), months)
        for columns, amount in (
            (tables["payments"], "amount"),
            (tables["refunds"], "amount"),
            (_to_the_platform(tables["sales_invoices"]), "gross"),
        )
    )
    # Near the end not all is known yet.
    assert billed[:, 1:-2].sum() > 0
    assert (billed[:, 1:-2] == np.maximum(taken - given, 0)[:, :-3]).all()


def test_nobody_pays_for_invented_sales(firms: Firms, tables: Tables) -> None:
    paid = _sums_by_firm(firms, _positive(tables["bank_transactions"]), "amount")
    sold = _sums_by_firm(firms, tables["sales_invoices"], "gross")
    seen = firms.population.banked & (sold > 0)
    share = [
        np.median(paid[w] / sold[w]) for w in (seen & firms.fabricates, seen & ~firms.fabricates)
    ]
    assert share[0] < 0.9 * share[1]


def test_buyers_are_shared_between_firms_and_no_supplier_is_a_buyer(firms: Firms) -> None:
    buyers, suppliers = draw_networks(SETTINGS, firms.population)
    owners = np.repeat(np.arange(len(buyers.ties)), buyers.ties)
    pairs = np.unique(np.stack([buyers.party, owners]), axis=1)
    sellers = np.unique(pairs[0], return_counts=True)[1]
    assert (sellers > 1).mean() > 0.15
    assert sellers.max() > 20
    assert not set(buyers.party.tolist()) & set(suppliers.party.tolist())


def test_another_seed_makes_another_market(firms: Firms) -> None:
    other = draw_firms(WorldSettings(enterprises=1200, seed=4))
    assert not np.array_equal(other.fates.pd, firms.fates.pd)


def test_a_market_of_one_firm_and_one_month_can_be_made() -> None:
    settings = WorldSettings(enterprises=1, months=1)
    assert len(dict(draw_tables(settings, draw_firms(settings)))) == 9


def test_wrong_settings_make_no_market() -> None:
    with pytest.raises(InputProblem, match="0 firms make no market"):
        draw_firms(WorldSettings(enterprises=0))


def _margins(firms: Firms, tables: Tables) -> Floats:
    """Sales less purchases of the last year in sales; 0 for firms that sold nothing."""
    sold, bought = (
        by_month(columns, "net", len(firms.population), firms.months)[:, -12:].sum(axis=1)
        for columns in map(_valid, (tables["sales_invoices"], tables["purchase_invoices"]))
    )
    return np.asarray(np.where(sold > 0, (sold - bought) / np.maximum(sold, 1), 0))


def _sums_by_firm(firms: Firms, columns: Columns, amount: str) -> Floats:
    total = np.bincount(columns["enterprise"], columns[amount], len(firms.population))
    return total.astype(np.float64)


def _valid(columns: Columns) -> Columns:
    return keep(columns, columns["status"] == 0)


def _positive(columns: Columns) -> Columns:
    return keep(columns, columns["amount"] > 0)


def _to_the_platform(columns: Columns) -> Columns:
    return keep(columns, columns["counterparty"] == PLATFORM)


def _sums(columns: Columns, amount: str = "amount") -> dict[int, int]:
    total: dict[int, int] = {}
    for order, value in zip(columns["order_no"].tolist(), columns[amount].tolist(), strict=True):
        total[order] = total.get(order, 0) + value
    return total
