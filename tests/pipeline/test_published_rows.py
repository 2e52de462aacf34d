"""The 360 from a published version is the 360 from the warehouse, of every customer, masked and revealed."""

import pytest
from sqlalchemy import event

from bank360.bank.calendar import to_datetime
from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import RiskTier
from bank360.features.families.spending import CATEGORY_MAP
from bank360.pipeline.profile import profile
from bank360.pipeline.published_rows import published_profile
from bank360.storage.customer_features import customer_ids
from bank360.storage.published_lists import (
    CustomerFilter,
    count_customers,
    found_customers,
    owed_by_customers,
    published_alerts,
)


@pytest.mark.parametrize("reveal", [False, True])
def test_everybody_looks_the_same_from_the_version_and_from_the_warehouse(read_bank, reveal):
    warehouse = read_bank.night.warehouse
    with read_bank.published.current() as version:
        at = to_datetime(version.meta.as_of)
        for customer_id in customer_ids(warehouse):
            expected = profile(
                warehouse, customer_id, at, version.meta.zone, version.meta.currency, version.meta.country, reveal
            )
            assert published_profile(version, customer_id, reveal) == expected


def test_a_version_says_by_which_category_map_its_features_were_made(read_bank):
    with read_bank.published.current() as version:
        assert version.meta.category_map == CATEGORY_MAP


def test_a_source_key_leads_to_the_same_customer_and_nobody_to_none(read_bank):
    with read_bank.published.current() as version:
        one = found_customers(version, most=1).rows[0].customer_id
        (key, *_) = version.keys_of(one)
        assert published_profile(version, key).customer_id == one
        with pytest.raises(NotFound, match="No customer and no source key"):
            published_profile(version, "nobody")


def test_pages_hold_everybody_once_those_in_default_first_and_then_the_riskiest(read_bank):
    with read_bank.published.current() as version:
        pages, after = [], -1
        while True:
            page = found_customers(version, after=after, most=37)
            pages.append(page.rows)
            if page.next is None:
                break
            after = page.next
        everybody = [row for rows in pages for row in rows]
    assert sorted(row.customer_id for row in everybody) == sorted(customer_ids(read_bank.night.warehouse))
    risks = [
        (row.tier == RiskTier.IN_DEFAULT, -1.0 if row.probability is None else row.probability) for row in everybody
    ]
    assert risks == sorted(risks, reverse=True)
    assert (risks[0][0], risks[-1][0]) == (True, False)


def test_pages_by_id_hold_everybody_once_and_follow_from_an_id(read_bank):
    with read_bank.published.current() as version:
        ids, last = [], ""
        while True:
            page = found_customers(version, most=41, by_id=True, after_id=last)
            ids += [row.customer_id for row in page.rows]
            if page.next is None:
                break
            last = ids[-1]
        assert count_customers(version) == len(ids)
    assert ids == sorted(customer_ids(read_bank.night.warehouse))


def test_names_are_masked_in_lists_and_found_by_their_beginning(read_bank):
    rows = read_bank.night.warehouse.query(
        "SELECT family_name FROM customer_personal WHERE family_name IS NOT NULL ORDER BY 1 LIMIT 1"
    )
    family = rows["family_name"][0].as_py()
    with read_bank.published.current() as version:
        found = found_customers(version, CustomerFilter(family[:4].upper())).rows
        assert found
        for row in found:
            names = {v.name: v.value for v in published_profile(version, row.customer_id, True).blocks[0].values}
            assert str(names["family_name"]).casefold().startswith(family[:4].casefold())
            assert row.name is not None
            assert family not in row.name


def test_alerts_are_those_of_the_night_in_their_order(read_bank):
    from bank360.pipeline.find_alerts import find_alerts

    with read_bank.published.current() as version:
        at = to_datetime(version.meta.as_of)
        expected = find_alerts(read_bank.night.warehouse, at, version.meta.zone, version.meta.currency)
        got = published_alerts(version, most=10_000)
        assert [(a.customer_id, a.rule, a.severity, a.evidence) for a in got] == [
            (a.customer_id, a.rule, str(a.severity), a.evidence) for a in expected
        ]
        if got:
            own = published_alerts(version, customer_id=got[0].customer_id)
            assert {a.customer_id for a in own} == {got[0].customer_id}


@pytest.mark.parametrize("search", [found_customers, count_customers, owed_by_customers])
def test_no_search_reads_a_table_of_the_version_from_end_to_end(read_bank, search):
    asked = []

    def note(connection, cursor, statement, parameters, context, many):
        asked.append((statement, parameters))

    with read_bank.published.current() as version, version.reading() as connection:
        event.listen(connection.engine, "before_cursor_execute", note)
        for typed in ("Smith", "de89 3704 0044 0532 0130 00", "A0000012"):
            search(version, CustomerFilter(typed, tokens=True))
            search(version, CustomerFilter(typed, whole_names=True))
        event.remove(connection.engine, "before_cursor_execute", note)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in asked]
    assert len(plans) == 6
    assert all(any("numbers_by_number" in row.detail for row in plan) for plan in plans)
    assert [row.detail for plan in plans for row in plan if row.detail.startswith("SCAN")] == []
