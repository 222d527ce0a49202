"""What each maker's scanner service broadcasts, as data: the Android bridge knows no maker.

A profile says which broadcast carries a scan, in which extras, and what must be
broadcast once so that the device does so. Where a maker gives the name of a
symbology, `AIM` has its identifier; Data Matrix and QR are left unsaid, since
their names don't tell GS1 from others (the code itself does).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from handheld.scan.scan import Scan, Source

ACTION = "app.stockbook.handheld.SCAN"
"""What we ask for where the action is ours to choose."""

AIM: Mapping[str, str] = MappingProxyType({
    "EAN13": "]E0", "EAN8": "]E4", "UPCA": "]E0", "UPCE": "]E0", "UPCE0": "]E0", "UPCE1": "]E0",
    "CODE128": "]C0", "EAN128": "]C1", "UCCEAN128": "]C1", "GS1128": "]C1",
    "ITF": "]I0", "I2OF5": "]I0", "INT25": "]I0", "ITF14": "]I1",
    "CODE39": "]A0", "CODE93": "]G0", "CODABAR": "]F0", "CODEBAR": "]F0", "PDF417": "]L0", "AZTEC": "]z0",
    "GS1DATABAR": "]e0", "GS1DATABARLIM": "]e0", "GS1DATABAREXP": "]e0",
    "RSS14": "]e0", "RSSLIMITED": "]e0", "RSSEXPANDED": "]e0", "RSSFAMILY": "]e0",
    "GS1DATAMATRIX": "]d2", "GS1QRCODE": "]Q3",
})  # fmt: skip
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Broadcast:
    """An intent to send: nested mappings are bundles, lists are arrays."""

    action: str
    extras: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    package: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """How one maker's devices tell of a scan.

    Attributes
    ----------
    text, symbology
        The extras that carry the code and the name (or AIM id) of its symbology.
    sound
        An extra and the value that it has when the scan succeeded.
    begin, end
        What to broadcast when the app comes to the front and when it leaves.
    permission
        What the manifest must ask for.
    """

    maker: str
    action: str
    text: str
    symbology: str = ""
    sound: tuple[str, str] | None = None
    begin: tuple[Broadcast, ...] = ()
    end: tuple[Broadcast, ...] = ()
    permission: str = ""


def _datawedge(package: str) -> Broadcast:
    """Return what makes DataWedge's profile: scans as broadcasts with their separators, and no key strokes."""
    plugins = [
        {"PLUGIN_NAME": "BARCODE", "RESET_CONFIG": "true",
         "PARAM_LIST": {"scanner_selection": "auto", "scanner_input_enabled": "true"}},
        {"PLUGIN_NAME": "INTENT", "RESET_CONFIG": "true",
         "PARAM_LIST": {"intent_output_enabled": "true", "intent_action": ACTION, "intent_delivery": "2"}},
        {"PLUGIN_NAME": "KEYSTROKE", "RESET_CONFIG": "true", "PARAM_LIST": {"keystroke_output_enabled": "false"}},
    ]  # fmt: skip
    profile = {
        "PROFILE_NAME": "Stockbook",
        "PROFILE_ENABLED": "true",
        "CONFIG_MODE": "CREATE_IF_NOT_EXIST",
        "APP_LIST": [{"PACKAGE_NAME": package, "ACTIVITY_LIST": ["*"]}],
        "PLUGIN_CONFIG": plugins,
    }
    return Broadcast("com.symbol.datawedge.api.ACTION", {"com.symbol.datawedge.api.SET_CONFIG": profile})


def profiles(package: str) -> tuple[Profile, ...]:
    """Return every profile; the app listens to all of them, since a device says by which it speaks.

    >>> [each.maker for each in profiles("app.stockbook.handheld")]
    ['Zebra', 'Honeywell', 'Urovo', 'Newland', 'iData']
    """
    honeywell = "com.intermec.datacollectionservice"
    claim = {
        "com.honeywell.aidc.extra.EXTRA_SCANNER": "dcs.scanner.imager",
        "com.honeywell.aidc.extra.EXTRA_PROFILE": "DEFAULT",
        "com.honeywell.aidc.extra.EXTRA_PROPERTIES": {
            "DPR_DATA_INTENT": True,
            "DPR_DATA_INTENT_ACTION": f"{ACTION}.HONEYWELL",
        },
    }
    return (
        Profile("Zebra", ACTION, "com.symbol.datawedge.data_string", "com.symbol.datawedge.label_type",
                begin=(_datawedge(package),)),
        Profile("Honeywell", f"{ACTION}.HONEYWELL", "data", "aimId",
                begin=(Broadcast("com.honeywell.aidc.action.ACTION_CLAIM_SCANNER", claim, honeywell),),
                end=(Broadcast("com.honeywell.aidc.action.ACTION_RELEASE_SCANNER", {}, honeywell),),
                permission="com.honeywell.decode.permission.DECODE"),
        Profile("Urovo", "android.intent.ACTION_DECODE_DATA", "barcode_string"),
        Profile("Newland", "nlscan.action.SCANNER_RESULT", "SCAN_BARCODE1", "SCAN_BARCODE_TYPE_NAME",
                sound=("SCAN_STATE", "ok"),
                begin=(Broadcast("ACTION_BAR_SCANCFG", {"EXTRA_SCAN_POWER": 1, "EXTRA_SCAN_MODE": 3}),)),
        Profile("iData", "android.intent.action.SCANRESULT", "value"),
    )  # fmt: skip


def aim(name: str) -> str:
    """Return the AIM identifier of a maker's name for a symbology, empty when it doesn't tell.

    >>> aim("LABEL-TYPE-EAN128"), aim("GS1_128"), aim("]d2"), aim("LABEL-TYPE-QRCODE"), aim("")
    (']C1', ']C1', ']d2', '', '')
    """
    if _AIM.fullmatch(name):
        return name
    plain = re.sub(r"[^A-Z0-9]", "", name.upper()).removeprefix("LABELTYPE")
    return AIM.get(plain, "")


def scanned(known: tuple[Profile, ...], action: str, extras: Mapping[str, Any], at: float) -> Scan | None:
    """Return the scan that a broadcast carries, or None when it carries none.

    >>> said = {"data": "6921168509256", "aimId": "]E0"}
    >>> scanned(profiles("app"), "app.stockbook.handheld.SCAN.HONEYWELL", said, 1.0)
    Scan(text='6921168509256', symbology=']E0', at=1.0, source=<Source.INTENT: 'intent'>)
    >>> scanned(profiles("app"), "nlscan.action.SCANNER_RESULT", {"SCAN_STATE": "fail"}, 1.0)
    """
    for profile in known:
        text = extras.get(profile.text)
        if action != profile.action or not isinstance(text, str) or not text:
            continue
        if profile.sound and extras.get(profile.sound[0], profile.sound[1]) != profile.sound[1]:
            continue
        return Scan(text, aim(str(extras.get(profile.symbology) or "")), at, Source.INTENT)
    return None
