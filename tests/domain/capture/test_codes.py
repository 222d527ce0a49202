"""Codes are read as people would read the label, and what is in doubt is told."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from stockbook.domain.capture import codes, gs1, hibc, udi
from stockbook.domain.capture.reading import Kind, Problem

GS = "\x1d"
ROWS = [
    [cell.replace("<GS>", GS) for cell in line.split(None, 1)]
    for line in Path(__file__).with_name("codes.txt").read_text().splitlines()[3:]
    if line.strip() and not line.startswith("#")
]


def said(reading):
    """Print a reading as the table does."""
    words = [reading.kind.name.lower()]
    words += ["HIBC"] if reading.scheme == "HIBC" else []
    words += [reading.gtin] if reading.gtin else []
    words += [
        f"{name}={reading.weight.normalize() if name == 'weight' else getattr(reading, name)}"
        for name in ("reference", "sscc", "lot", "expiry", "produced", "serial", "quantity", "weight", "link")
        if getattr(reading, name)
    ]
    words += ["·", reading.problem.name] if reading.problem else []
    return " ".join(words)


@pytest.mark.parametrize(("label", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_label_says(label, expected):
    assert said(codes.read(label)) == expected


def test_nothing_read_is_told():
    assert codes.read(" \r\n").problem is Problem.EMPTY


def test_a_lot_that_looks_like_a_swallowed_separator_is_believed_of_a_scanner_that_sends_them():
    label = "]C1010692116850925610B261117261211"
    assert codes.read(label).problem is Problem.SEPARATOR_LOST
    assert codes.read(label, keeps_separators=True).lot == "B261117261211"


def test_the_symbology_may_come_apart_from_the_code():
    assert codes.read("17261211", "]C1").expiry == date(2026, 12, 11)
    assert codes.read("96385074", "]E4").gtin == "00000096385074"
    assert codes.read("]C117261211") == codes.read("17261211", "]C1")


def test_a_device_of_class_two_needs_its_production_identifier():
    whole = codes.read(f"]d201069012345678921125110117281031{'10LOT7'}{GS}21S123")
    assert udi.split(whole) == ("GS1", "06901234567892", "LOT7", "S123", date(2028, 10, 31), date(2025, 11, 1))
    without_separator = codes.read("]d2010690123456789210LOT717281031")
    bare, health = codes.read("]d20106901234567892"), codes.read("+A123BJC5D6E71G")
    for blocked in (without_separator, bare, health):
        assert udi.lacks_production(blocked, "II")
        assert udi.lacks_production(blocked, "III")
        assert not udi.lacks_production(blocked, "I")
    assert not udi.lacks_production(whole, "III")
    assert udi.split(health).device == "A123BJC5D6E71"
    assert udi.split(codes.read("SB:B:A03-05")) is None


def test_two_health_codes_of_one_label_are_joined_by_their_link_and_others_are_not():
    primary = codes.read("+A123BJC5D6E71G")
    own = "+$$52001510X3G"
    stranger = "+$$52001510X3Z"
    both = hibc.joined(primary, codes.read(own + hibc.check(own)))
    assert (both.reference, both.lot, both.kind) == ("A123BJC5D6E71", "10X3", Kind.ITEM)
    assert hibc.joined(primary, codes.read(stranger + hibc.check(stranger))) is None
    assert hibc.joined(primary, primary) is None


digits = st.text("0123456789", min_size=13, max_size=13)
days = st.dates(date(2000, 1, 1), date(2049, 12, 31))
element = "".join(chr(each) for each in range(33, 127) if chr(each) not in "#$@[\\]^`{|}~")
value = st.text(element, min_size=1, max_size=20)


def gtin(body):
    """Complete 13 digits by their check digit: an independent sum."""
    total = sum(int(each) * (3 if place % 2 == 0 else 1) for place, each in enumerate(body))
    return body + str(-total % 10)


def six(day):
    return f"{day:%y%m%d}"


@given(digits, value, days, days, value, st.integers(0, 99_999_999), st.integers(0, 999_999))
@example("0" * 13, "<GS>", date(2026, 1, 1), date(2026, 1, 1), "x", 1, 1)
def test_what_is_printed_with_separators_is_read_as_it_was(body, lot, expiry, produced, serial, count, grams):
    assume("<GS>" not in lot + serial)
    printed = f"]C101{gtin(body)}10{lot}{GS}17{six(expiry)}11{six(produced)}21{serial}{GS}3103{grams:06}30{count}"
    reading = codes.read(printed, keeps_separators=True)
    assert reading.problem is None
    assert (reading.gtin, reading.lot, reading.serial) == (gtin(body), lot, serial)
    assert (reading.expiry, reading.produced) == (expiry, produced)
    assert (reading.quantity, reading.weight) == (Decimal(count), Decimal(grams) / 1000)


@given(digits, st.text("ABCDEFGHJK", min_size=1, max_size=8), days.filter(lambda day: day.year >= 2020), value)
def test_a_swallowed_separator_before_a_date_never_goes_unseen(body, lot, expiry, serial):
    reading = codes.read(f"]C101{gtin(body)}10{lot}17{six(expiry)}21{serial}")
    assert (reading.problem, reading.lot, reading.serial) == (Problem.SEPARATOR_LOST, "", "")
    assert reading.gtin == gtin(body)


@given(digits)
def test_one_wrong_digit_is_always_told(body):
    right = gtin(body)
    for place in range(14):
        for other in "0123456789":
            if other != right[place]:
                assert gs1.number(right[:place] + other + right[place + 1 :]) is None
    assert gs1.number(right) == right


@given(st.sampled_from(sorted(codes.OWN.values(), key=str)), st.text(min_size=1, max_size=60))
def test_a_label_of_our_own_reads_as_what_it_names(kind, reference):
    assume(reference == reference.strip().strip("\0"))
    reading = codes.read(codes.label(kind, reference))
    assert (reading.kind, reading.reference, reading.problem) == (kind, reference, None)


labeller = st.from_regex(r"[A-Z][A-Z0-9]{3}", fullmatch=True)
product = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=18)
health_lot = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=18)


def written(day, flag):
    return {
        "2": f"2{day:%m%d%y}",
        "3": f"3{day:%y%m%d}",
        "4": f"4{day:%y%m%d}11",
        "5": f"5{day:%y%j}",
        "6": f"6{day:%y%j}11",
    }[flag]


@given(
    labeller,
    product,
    st.integers(0, 9),
    st.sampled_from("23456"),
    days,
    health_lot,
    st.booleans(),
    st.none() | st.integers(0, 99_999),
)
def test_a_health_code_is_read_as_it_was_printed(lic, pcn, unit, flag, expiry, lot, serial, count):
    counted = "" if count is None else f"8{count:02}" if count < 100 else f"9{count:05}"
    text = f"+{lic}{pcn}{unit}/$${'+' if serial else ''}{counted}{written(expiry, flag)}{lot}"
    reading = codes.read(text + hibc.check(text))
    assert (reading.problem, reading.reference, reading.expiry) == (None, f"{lic}{pcn}{unit}", expiry)
    assert (reading.serial if serial else reading.lot) == lot
    assert reading.quantity == count


@given(st.text(max_size=120))
def test_no_text_whatever_breaks_the_reader(text):
    assert codes.read(text).code is not None


@given(st.from_regex(r"(01|10|17|21|00|02|37|310[0-9]|\+\$\$|\+A|https?://a/01/|\()[!-~\x1d]{0,40}", fullmatch=True))
def test_nothing_that_begins_like_a_code_breaks_the_reader(text):
    for symbology in ("", "]C1", "]d2", "]Q1"):
        codes.read(text, symbology)
