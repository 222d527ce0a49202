"""Which goods are taken for each other: told by photographs, by names, and by what was put right."""

from pathlib import Path

import pytest

from handheld.vision.lookalikes import lookalikes, one_style
from handheld.vision.proposal import Source
from handheld.vision.scoring import indexed
from handheld.vision.settling import By, Settled, Settlements
from tests.handheld.vision.seeing import AT, Catalogue

TABLE = Path(__file__).parent / "tables/lookalikes.txt"
ROWS = [line.split("|") for line in TABLE.read_text().splitlines() if "|" in line]
APART = indexed([("NAPPY-L", [1, 0, 0]), ("MILK", [0, 1, 0]), ("TEA", [0, 0, 1])])


@pytest.mark.parametrize(("how", "one", "other"), [[each.strip() for each in row] for row in ROWS])
def test_names_tell_one_style_as_the_table_says(how, one, other):
    assert one_style(one, other) is one_style(other, one) is (how == "alike")


def test_goods_that_look_different_and_are_called_differently_are_no_lookalikes():
    assert lookalikes("NAPPY-L", {"MILK": 0.03, "TEA": 0.01}, APART, 15, {}) == ()


def test_photographs_of_one_kind_warn_by_themselves():
    index = indexed([("NAPPY-L", [1, 0.1]), ("NAPPY-XL", [1, 0.2]), ("TEA", [0, 1])])
    (warning,) = lookalikes("NAPPY-L", {}, index, 15, {})
    assert (warning.item, warning.sources) == ("NAPPY-XL", {Source.GEOMETRY})


def test_the_closest_pair_of_a_shop_warns_when_the_picture_is_of_both_a_little():
    index = indexed([("NAPPY-L", [1, 0, 0.4]), ("NAPPY-XL", [0.5, 1, 0.4]), ("MILK", [0, 1, -1]), ("TEA", [-1, 0, 1])])
    (warning,) = lookalikes("NAPPY-L", {"NAPPY-XL": 0.06, "MILK": 0.2}, index, 15, {})
    assert (warning.item, warning.sources) == ("NAPPY-XL", {Source.GEOMETRY})
    assert lookalikes("NAPPY-L", {"NAPPY-XL": 0.04}, index, 15, {}) == ()


def test_a_size_that_nobody_photographed_yet_warns_by_its_name():
    names = Catalogue({"NAPPY-L": "Pampers Premium L 52", "NAPPY-XL": "Pampers Premium XL 48", "MILK": "Milk"})
    (warning,) = lookalikes("NAPPY-L", {"MILK": 0.03, "TEA": 0.01}, APART, 15, {}, names)
    assert (warning.item, warning.sources) == ("NAPPY-XL", {Source.CATALOGUE})


def test_one_brand_and_style_warns_though_the_names_have_nothing_in_common():
    names = {"NAPPY-L": "Nappies, large", "DIAPER": "超薄纸尿裤 48片", "MILK": "Milk"}
    looks = {"NAPPY-L": "pampers|premium", "DIAPER": "pampers|premium", "MILK": "arla|standard"}
    (warning,) = lookalikes("NAPPY-L", {"MILK": 0.03}, APART, 15, {}, Catalogue(names, looks))
    assert (warning.item, warning.sources) == ("DIAPER", {Source.CATALOGUE})
    assert lookalikes("MILK", {"NAPPY-L": 0.03}, APART, 15, {}, Catalogue(names, looks)) == ()


def test_names_are_silent_where_brand_and_style_are_said_of_both_and_speak_where_of_one():
    names = {"NAPPY-L": "Pampers Premium L 52", "NAPPY-XL": "Pampers Premium XL 48"}
    apart = {"NAPPY-L": "pampers|premium", "NAPPY-XL": "pampers|premium pants"}
    assert lookalikes("NAPPY-L", {}, APART, 15, {}, Catalogue(names, apart)) == ()
    half = {"NAPPY-L": "pampers|premium"}
    assert [each.item for each in lookalikes("NAPPY-L", {}, APART, 15, {}, Catalogue(names, half))] == ["NAPPY-XL"]


def test_what_people_put_right_warns_both_ways_and_only_when_it_was_often_enough(tmp_path):
    kept = Settlements(tmp_path / "vision.db")
    kept.add(Settled("NAPPY-L", "NAPPY-XL", [0, 1], "m1", 0.9, By.BARCODE, AT))
    for _ in range(30):
        kept.add(Settled("NAPPY-L", "NAPPY-L", [0, 1], "m1", 0.9, By.PERSON, AT))
    for first, other in (("NAPPY-L", "NAPPY-XL"), ("NAPPY-XL", "NAPPY-L")):
        (warning,) = lookalikes(first, {}, APART, 15, kept.mistaken(first))
        assert (warning.item, warning.sources) == (other, {Source.CORRECTIONS})
    for _ in range(30):
        kept.add(Settled("NAPPY-L", "NAPPY-L", [0, 1], "m1", 0.9, By.PERSON, AT))
    assert lookalikes("NAPPY-L", {}, APART, 15, kept.mistaken("NAPPY-L")) == ()
    kept.close()


def test_the_best_founded_warning_comes_first():
    index = indexed([("A", [1, 0.1]), ("B", [1, 0.2]), ("C", [1, 0.15])])
    found = lookalikes("A", {}, index, 15, {"C": 0.5})
    assert [each.item for each in found] == ["C", "B"]
