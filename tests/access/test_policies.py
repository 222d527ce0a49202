"""The folder that we ship: reviewed table = masks = Casbin's own answers, for every question there is."""

import csv
from pathlib import Path

from stockbook.access import review
from stockbook.access.actions import ACTIONS, TOPICS
from stockbook.access.enforcer import Judge
from stockbook.access.masks import Relation
from stockbook.access.policies import Policies
from stockbook.graph.schema import disclosed

FOLDER = Path(__file__).parents[2] / "policies"
POLICIES = Policies.load(FOLDER)
ROLES = {
    "network_admin",
    "org_admin",
    "storekeeper",
    "counter",
    "shop_staff",
    "buyer",
    "finance",
    "supplier",
    "carrier_driver",
    "producer",
    "board",
    "auditor",
    "program",
}


def alone(role):
    return POLICIES.mask(frozenset({role}))


def test_the_roles_of_the_trade_are_all_there():
    assert set(POLICIES.roles) == ROLES | {"member", "worker", "condemned_device"}


def test_the_reviewed_table_is_what_the_policies_come_to():
    text = review.table(POLICIES.fields, POLICIES.roles, POLICIES.mask)
    assert (FOLDER / "expected.csv").read_text() == text, "stockbook policies check --write, then read what changed"


def test_the_reviewed_fields_are_those_of_the_graph():
    """One that is missing shows to nobody until it is reviewed: stockbook policies check --write."""
    assert POLICIES.fields == disclosed()


def test_casbin_answers_every_question_as_the_reviewed_table_does():
    judge = Judge(FOLDER, "fields")
    with (FOLDER / "expected.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = []
    for row in rows:
        for role in POLICIES.roles:
            shown = row[role].split()
            for relation in Relation:
                expected = shown == ["all"] or relation.name in shown
                if judge.allows({role}, row["field"], relation.name) != expected:
                    wrong.append((role, row["field"], relation.name))
    assert len(rows) > 100
    assert wrong == []


def test_casbin_answers_for_actions_and_topics_as_the_masks_do():
    for kind, names in (("actions", ACTIONS), ("topics", TOPICS)):
        judge = Judge(FOLDER, kind)
        for role in POLICIES.roles:
            assert {name for name in names if judge.allows({role}, name)} == getattr(alone(role), kind), role


def test_several_roles_together_as_casbin_sees_them():
    judge = Judge(FOLDER, "fields")
    for roles in ({"board", "finance"}, {"supplier", "shop_staff"}, {"carrier_driver", "buyer", "finance"}):
        mask = POLICIES.mask(frozenset(roles))
        for field in POLICIES.fields:
            for relation in Relation:
                assert judge.allows(roles, field, relation.name) == (relation in mask.relations(field)), field


def seen(role, type_name):
    return {field.partition(".")[2] for field in alone(role).fields if field.startswith(type_name + ".")}


def test_a_board_shows_what_can_be_bought_here_and_nothing_else():
    assert {field.partition(".")[0] for field in alone("board").fields} == {"Availability", "Item", "Me", "Place"}
    own = Relation.SELLER | Relation.HOST
    assert all(alone("board").relations(f"Availability.{name}") in own for name in seen("board", "Availability"))
    assert not alone("board").actions


def test_prices_and_costs_are_for_those_who_deal_in_them():
    for role in ROLES - {"buyer", "finance", "supplier", "auditor", "org_admin", "network_admin"}:
        assert "Listing.cost" not in alone(role).fields, role
    assert "price" in seen("shop_staff", "Listing")
    assert "price" not in seen("storekeeper", "Listing")


def test_a_driver_knows_his_load_and_not_whose_it_is():
    assert not {"owner", "seller", "disposer", "claimed"} & seen("carrier_driver", "Position")
    assert alone("carrier_driver").relations("Position.quantity") == Relation.CUSTODIAN
    assert not seen("carrier_driver", "Charge") | seen("carrier_driver", "Availability")


def test_a_supplier_follows_his_goods_but_not_the_shops_customers():
    assert alone("supplier").relations("Position.quantity") == Relation.OWNER | Relation.VIEWER
    assert not {"reserved", "sellable", "sellableNow"} & seen("supplier", "Availability")
    assert "claimed" not in seen("supplier", "Position")


def test_an_auditor_sees_every_field_and_changes_nothing():
    assert set(alone("auditor").fields) == set(POLICIES.fields)
    assert alone("auditor").actions == {"adhoc", "introspect", "playground"}
