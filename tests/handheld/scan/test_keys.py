"""What a scanner types is a scan; what a person types is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handheld.scan.keys import GS, Keys, Typed
from handheld.scan.scan import Scan, Source

LEFT_SHIFT, ENTER, TAB, ESCAPE, BRACKET = 304, 13, 9, 27, 93
UNSHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`", strict=True))


class Keyboard:
    """Presses keys as a device does, at its own pace."""

    def __init__(self, *, keys=True, texts=True, pace=0.004):
        self.reader, self.now, self.said = Keys(), 100.0, []
        self.keys, self.texts, self.pace = keys, texts, pace

    def press(self, character, wait=None):
        self.pass_(self.pace if wait is None else wait)
        low = UNSHIFTED.get(character, character.lower())
        shift = low != character
        if self.keys:
            if shift:
                self.said += self.reader.down(LEFT_SHIFT, None, ["shift"], self.now)
            if character == GS:
                self.said += self.reader.down(BRACKET, "]", ["ctrl"], self.now)
            else:
                self.said += self.reader.down(ord(low), low, ["shift"] if shift else [], self.now)
            if shift:
                self.reader.up(LEFT_SHIFT)
        if self.texts and character != GS:
            self.said += self.reader.text(character, self.now)
        return self

    def type(self, text, wait=None):
        for character in text:
            self.press(character, wait)
        return self

    def enter(self, key=ENTER, wait=None):
        self.pass_(self.pace if wait is None else wait)
        self.said += self.reader.down(key, "\r", [], self.now)
        return self

    def pass_(self, seconds, *, awake=True):
        """Let time pass; an app that is awake looks at every frame."""
        end = self.now + seconds
        while awake and self.now + 0.016 < end:
            self.now += 0.016
            self.said += self.reader.poll(self.now)
        self.now = end

    @property
    def scans(self):
        return [each.text for each in self.said if isinstance(each, Scan)]

    @property
    def typed(self):
        return "".join(each.character for each in self.said if isinstance(each, Typed))


WAYS = pytest.mark.parametrize("way", [{"keys": True, "texts": False}, {"keys": False, "texts": True}, {}], ids=str)


@WAYS
def test_a_code_and_enter_is_a_scan(way):
    keyboard = Keyboard(**way).type("6921168509256").enter()
    assert keyboard.scans == ["6921168509256"]
    assert keyboard.typed == ""
    assert keyboard.said[0] == Scan("6921168509256", "", keyboard.now, Source.KEYS)


@WAYS
def test_capitals_and_signs_are_as_they_were_printed(way):
    assert Keyboard(**way).type("LOC-A_3/b:C+$$%").enter().scans == ["LOC-A_3/b:C+$$%"]


@pytest.mark.parametrize("way", [{"texts": False}, {}], ids=str)
def test_the_separator_is_kept(way):
    assert Keyboard(**way).type(f"0106921168509256{'10B2611'}{GS}17261211").enter().scans == [
        f"0106921168509256{'10B2611'}{GS}17261211"
    ]


def test_a_separator_told_as_its_own_key_code_is_kept():
    keys = Keys()
    for number, character in enumerate("ab\x1dcd"):
        keys.down(
            29 if character == "\x1d" else ord(character), "" if character == "\x1d" else character, (), number / 99
        )
    assert keys.down(ENTER, "", (), 0.06)[0].text == "ab\x1dcd"


def test_caps_lock_is_seen_where_keys_alone_are_told():
    keys = Keys()
    for number, character in enumerate("abc1"):
        keys.down(ord(character), character, ["capslock"], number / 100)
    assert keys.down(ENTER, "", (), 0.05)[0].text == "ABC1"


def test_tab_ends_a_scan_too():
    assert Keyboard().type("6921168509256").enter(TAB).scans == ["6921168509256"]


@WAYS
@pytest.mark.parametrize("pace", [0.12, 0.18, 0.4])
def test_what_a_person_types_is_given_back_key_by_key(way, pace):
    keyboard = Keyboard(**way, pace=pace).type("1250").enter()
    assert keyboard.scans == []
    assert keyboard.typed == "1250\n"


def test_a_key_of_a_person_is_told_soon_without_another_key():
    keyboard = Keyboard().press("7")
    keyboard.pass_(0.13)
    assert keyboard.typed == "7"


def test_keys_without_a_character_are_told_at_once():
    keyboard = Keyboard()
    assert keyboard.reader.down(ESCAPE, "", (), 1.0) == [Typed("", ESCAPE)]


def test_digits_typed_before_a_scan_are_no_part_of_it():
    keyboard = Keyboard(pace=0.15).type("12")
    keyboard.pace = 0.004
    keyboard.pass_(0.3)
    keyboard.type("6921168509256").enter()
    assert (keyboard.typed, keyboard.scans) == ("12", ["6921168509256"])


@pytest.mark.parametrize("at", [1, 2, 5, 12])
@pytest.mark.parametrize("stall", [0.1, 0.5, 3.0])
def test_a_device_that_pauses_in_the_middle_of_a_scan_loses_nothing(at, stall):
    code = "6921168509256"
    keyboard = Keyboard()
    keyboard.pass_(0.2)
    keyboard.type(code[:at])
    keyboard.pass_(stall, awake=False)
    keyboard.said += keyboard.reader.poll(keyboard.now)
    keyboard.type(code[at:]).enter()
    assert (keyboard.scans, keyboard.typed) == ([code], "")


@pytest.mark.parametrize("at", [2, 5, 12])
def test_a_scanner_that_stutters_loses_nothing(at):
    code = "6921168509256"
    keyboard = Keyboard().type(code[:at])
    keyboard.pass_(0.09)
    keyboard.type(code[at:]).enter()
    assert (keyboard.scans, keyboard.typed) == ([code], "")


def test_a_scanner_that_sends_no_enter_is_ended_by_silence():
    keyboard = Keyboard().type("6921168509256")
    keyboard.pass_(0.2)
    assert keyboard.scans == []
    keyboard.pass_(0.2)
    keyboard.type("A03-05")
    keyboard.pass_(0.4)
    assert keyboard.scans == ["6921168509256", "A03-05"]


@WAYS
def test_a_hundred_scans_at_twenty_a_second_are_a_hundred(way):
    keyboard = Keyboard(**way, pace=0.002)
    codes = [f"69211685{number:05}" for number in range(100)]
    for code in codes:
        keyboard.type(code).enter()
        keyboard.pass_(0.05 - 14 * 0.002)
    assert (keyboard.scans, keyboard.typed) == (codes, "")


printable = "".join(chr(each) for each in range(33, 127))
labels = st.lists(st.text(printable, min_size=3, max_size=40), min_size=1, max_size=5)


@given(
    st.lists(st.text(printable, min_size=3, max_size=40), min_size=1, max_size=5), st.booleans(), st.floats(0.001, 0.03)
)
def test_whatever_is_scanned_comes_out_as_it_was(codes, texts, pace):
    keyboard = Keyboard(texts=texts, pace=pace)
    for code in codes:
        keyboard.type(code).enter()
    assert keyboard.scans == codes
