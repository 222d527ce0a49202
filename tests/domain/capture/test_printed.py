"""Dates as they are printed on goods, in the trade's own spellings: what can be said is said, nothing is guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockbook.domain.capture.printed import Says, dates, lot, typed

TODAY = date(2026, 11, 28)


def said(*lines):
    return [(each.says, f"{each.on}") for each in dates(lines, TODAY)]


def expiries(*lines):
    return [on for says, on in said(*lines) if says is Says.EXPIRY]


@pytest.mark.parametrize(
    ("lines", "expiry"),
    [
        ("EXP 2026-12-20", "2026-12-20"),
        ("EXP20261220", "2026-12-20"),
        ("EXP: 20.12.2026", "2026-12-20"),
        ("EXP.DATE 20/12/2026", "2026-12-20"),
        ("EXPDATE20261220", "2026-12-20"),
        ("BESTBEFORE20DEC2026", "2026-12-20"),
        ("BBE12/2026L77A", "2026-12-31"),
        ("MFG05JAN2026|SHELFLIFE18MONTHS", "2027-07-05"),
        ("Exp 20 DEC 2026", "2026-12-20"),
        ("EXP 20DEC26", "2026-12-20"),
        ("EXPIRY DATE: DEC 20, 2026", "2026-12-20"),
        ("EXP 12/2026", "2026-12-31"),
        ("EXP 2027/02", "2027-02-28"),
        ("BEST BEFORE END FEB 2028", "2028-02-29"),
        ("Best before: 20.12.26", "2026-12-20"),
        ("BBE 20 12 2026", "2026-12-20"),
        ("BB 20-12-2026 L1234", "2026-12-20"),
        ("USE BY 25 DEC 2026", "2026-12-25"),
        ("MHD 31.12.2026", "2026-12-31"),
        ("有效期至：2026年12月20日", "2026-12-20"),
        ("有效期至2027年3月", "2027-03-31"),
        ("保质期至 20261220", "2026-12-20"),
        ("保质期到 2026/12/20", "2026-12-20"),
        ("限用日期 2026.12.20", "2026-12-20"),
        ("此日期前最佳食用 2026.12.20", "2026-12-20"),
        ("賞味期限 2026.12.20", "2026-12-20"),
        ("ＥＸＰ　２０２６．１２．２０", "2026-12-20"),
        ("EXP 2O.l2.2026", "2026-12-20"),
        ("有效期至|2026.12.20", "2026-12-20"),
        ("2026.12.20 EXP", "2026-12-20"),
        ("生产日期:2026.01.05|保质期：12个月", "2027-01-05"),
        ("生产日期 20261101|保质期 45天", "2026-12-16"),
        ("MFG 05 JAN 2026|SHELF LIFE: 18 MONTHS", "2027-07-05"),
        ("生产日期 2026.06.01 有效期至 2027.06.01", "2027-06-01"),
        ("生产日期/有效期至|2026.06.01 2027.06.01", "2027-06-01"),
        ("PROD 01.06.2026|EXP 01.06.2027", "2027-06-01"),
        ("MFD20260601EXP20270601", "2027-06-01"),
        ("EXP 261220", "2026-12-20"),
    ],
)
def test_an_expiry_is_read_as_the_trade_writes_it(lines, expiry):
    assert expiries(*lines.split("|"))[0] == expiry


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("EXP 03/04/2027", ["2027-04-03", "2027-03-04"]),
        ("EXP 13/04/2027", ["2027-04-13"]),
        ("EXP 04/13/2027", ["2027-04-13"]),
        ("EXP 27.03.04", ["2027-03-04"]),
        ("EXP 05.06.27", ["2027-06-05", "2027-05-06"]),
        ("EXP 26.12.27", ["2027-12-26", "2026-12-27"]),
    ],
)
def test_what_can_be_read_in_several_ways_is_told_in_all_of_them(line, days):
    assert expiries(line) == days


def test_production_and_expiry_are_not_taken_for_each_other():
    assert said("生产日期 2026.06.01", "有效期至 2027.06.01") == [
        (Says.EXPIRY, "2027-06-01"),
        (Says.PRODUCED, "2026-06-01"),
    ]
    assert said("PKD 21.06.2026") == [(Says.PRODUCED, "2026-06-21")]


def test_a_date_beside_no_word_says_not_what_it_is():
    assert said("20.12.2026 14:32 L7") == [(Says.UNSAID, "2026-12-20")]


@pytest.mark.parametrize(
    "line",
    ["", "NET 250 ml", "6907992100012", "TEL 400-6688-1234", "12.5 % VOL", "EXP 2026-13-40", "EXP 31.02.2027",
     "GB/T 25570-2010", "EXP 20.12.2099", "261220", "LOT 2026", "Nutrition 100 g: 20 / 30 / 40"],
)  # fmt: skip
def test_what_is_no_date_of_goods_is_none(line):
    assert said(line) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [("批号：20260105A", "20260105A"), ("LOT: L-77/3 EXP 2026-12-20", "L-77/3"), ("BATCH NO. K1120", "K1120"),
     ("EXP 2026-12-20", ""), ("LOT EXP", ""), ("PARCEL 12", ""), ("LOTK1120", "K1120"), ("LOTEXP2026-12-20", "")],
)  # fmt: skip
def test_a_lot_is_read_where_one_is_named(line, code):
    assert lot([line]) == code


FORMS = {
    "EXP {0:%Y-%m-%d}", "EXP {0:%d.%m.%Y}", "BBE {0:%d %b %Y}", "BB{0:%d%b%y}", "有效期至{0:%Y}年{0.month}月{0.day}日",
    "保质期至 {0:%Y%m%d}", "USE BY {0:%b} {0.day}, {0:%Y}", "EXP {0:%d/%m/%y}",
}  # fmt: skip


@given(
    on=st.dates(TODAY - timedelta(900), TODAY + timedelta(3000)),
    form=st.sampled_from(sorted(FORMS)),
    before=st.sampled_from(["", "250 ml", "生产商 某某食品", "LOT 77"]),
)
def test_every_day_is_found_again_in_every_form(on, form, before):
    assert f"{on}" in expiries(before, form.format(on).upper())


@given(st.lists(st.text(max_size=60), max_size=6))
def test_no_text_breaks_it_and_whatever_is_told_lies_within_the_years_of_goods(lines):
    for each in dates(lines, TODAY):
        assert TODAY.year - 25 <= each.on.year <= TODAY.year + 45
        assert each.text
    lot(lines)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_what_is_typed_is_the_day_that_is_meant(on):
    assert typed(f"{on:%Y%m%d}") == on
