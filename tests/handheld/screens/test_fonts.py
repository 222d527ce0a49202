"""No character of the application or of its goods is ever a box."""

import pytest
from fontTools.ttLib import TTFont

from handheld.screens.fonts.build import DIST, LICENCES
from handheld.screens.icons import ICONS
from handheld.screens.words import WORDS
from handheld.vision.sentences import SPOKEN
from handheld.work.saying.sentences import SENTENCES, UNITS

FACES = ("Regular", "Bold")


@pytest.fixture(scope="module", params=FACES)
def drawn(request):
    """The characters that a face can draw."""
    path = DIST / f"NotoSansSC-{request.param}.ttf"
    assert path.exists(), "make screens builds the fonts"
    with TTFont(path) as font:
        return set(map(chr, font.getBestCmap()))


def missing(drawn, texts):
    return {letter for text in texts for letter in text if letter.isprintable()} - drawn


def test_every_sentence_is_drawn(drawn):
    assert not missing(drawn, [part for text in SENTENCES.values() for part in text])
    assert not missing(drawn, [part for text in SPOKEN for part in text])
    assert not missing(drawn, [name for names in UNITS.values() for name in names])


def test_every_word_of_the_screens_is_drawn(drawn):
    assert not missing(drawn, [part for both in WORDS.values() for part in both])


def test_every_icon_is_drawn(drawn):
    assert not missing(drawn, ICONS.values()) and not set(ICONS.values()) - drawn


def test_names_outside_gb2312_are_drawn(drawn):
    """镕 is in people's names and not in GB2312; 喆, 堃 and 瑄 too."""
    assert not missing(drawn, ["朱镕基 喆堃瑄 €12 №7 ½ ℃ Ångström"])


def test_the_licences_go_with_the_fonts():
    assert "SIL OPEN FONT LICENSE" in (DIST / "OFL.txt").read_text().upper()
    assert all((DIST / name).stat().st_size > 500 for name in LICENCES)
