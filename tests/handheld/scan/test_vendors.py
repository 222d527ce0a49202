"""Each maker's broadcasts are understood, and what they don't tell is left unsaid."""

import pytest

from handheld.scan.scan import Source
from handheld.scan.vendors import AIM, profiles, scanned
from stockbook.domain.capture.codes import read

KNOWN = profiles("app.stockbook.handheld")
WEDGE = "com.symbol.datawedge"
CODE = "010692116850925610B2611\x1d17261211"


@pytest.mark.parametrize(
    ("maker", "extras", "symbology"),
    [
        ("Zebra", {f"{WEDGE}.data_string": CODE, f"{WEDGE}.label_type": "LABEL-TYPE-EAN128"}, "]C1"),
        ("Honeywell", {"data": CODE, "aimId": "]C1", "codeId": "I"}, "]C1"),
        ("Urovo", {"barcode_string": CODE, "barcodeType": 28}, ""),
        ("Newland", {"SCAN_BARCODE1": CODE, "SCAN_BARCODE_TYPE_NAME": "GS1_128", "SCAN_STATE": "ok"}, "]C1"),
        ("iData", {"value": CODE}, ""),
    ],
)  # fmt: skip
def test_a_scan_of_each_maker_is_read_whole(maker, extras, symbology):
    profile = next(each for each in KNOWN if each.maker == maker)
    scan = scanned(KNOWN, profile.action, extras, 5.0)
    assert scan == (CODE, symbology, 5.0, Source.INTENT)
    reading = read(scan.text, scan.symbology)
    assert (reading.gtin, reading.lot, reading.problem) == ("06921168509256", "B2611", None)


@pytest.mark.parametrize(
    ("action", "extras"),
    [
        ("nlscan.action.SCANNER_RESULT", {"SCAN_BARCODE1": "x", "SCAN_STATE": "fail"}),
        ("android.intent.action.SCANRESULT", {}),
        ("android.intent.action.SCANRESULT", {"value": ""}),
        ("android.intent.action.SCANRESULT", {"value": 7}),
        ("somebody.else", {"value": "6921168509256"}),
    ],
)
def test_what_is_no_scan_is_none(action, extras):
    assert scanned(KNOWN, action, extras, 5.0) is None


def test_actions_are_told_apart():
    assert len({each.action for each in KNOWN}) == len(KNOWN)


def test_every_identifier_is_one_of_aim():
    assert all(len(each) == 3 and each[0] == "]" for each in AIM.values())


def test_datawedge_is_told_to_broadcast_for_this_app_and_to_type_nothing():
    (begin,) = next(each for each in KNOWN if each.maker == "Zebra").begin
    profile = begin.extras["com.symbol.datawedge.api.SET_CONFIG"]
    plugins = {each["PLUGIN_NAME"]: each["PARAM_LIST"] for each in profile["PLUGIN_CONFIG"]}
    assert profile["APP_LIST"][0]["PACKAGE_NAME"] == "app.stockbook.handheld"
    assert plugins["INTENT"]["intent_action"] == next(each.action for each in KNOWN if each.maker == "Zebra")
    assert plugins["KEYSTROKE"]["keystroke_output_enabled"] == "false"
