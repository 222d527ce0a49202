"""Everything is readable at noon on the loading bay and at night in the cold store."""

import pytest

from handheld.screens.theme import CONTRAST_LEAST, DAY, NIGHT, PAIRS, TONES, contrast, fill, ink, jobs, on, pale

PALETTES = pytest.mark.parametrize("palette", (DAY, NIGHT), ids=lambda palette: palette.name)


@PALETTES
@pytest.mark.parametrize(("upper", "ground"), [(upper, ground) for upper, grounds in PAIRS for ground in grounds])
def test_every_pair_keeps_seven_to_one(palette, upper, ground):
    assert contrast(getattr(palette, upper), getattr(palette, ground)) >= CONTRAST_LEAST


@PALETTES
@pytest.mark.parametrize("tone", ("", *TONES))
def test_every_tone_is_readable_strong_and_pale(palette, tone):
    assert contrast(on(palette, tone), fill(palette, tone)) >= CONTRAST_LEAST
    assert contrast(ink(palette, tone), pale(palette, tone)) >= CONTRAST_LEAST


def test_no_colour_is_without_a_pair():
    written = {upper for upper, _ in PAIRS} | {ground for _, grounds in PAIRS for ground in grounds}
    assert set(jobs()) - written == {"rule"}


def test_contrast_is_that_of_wcag():
    grey = (0x77 / 255,) * 3 + (1.0,)
    assert contrast(grey, (1, 1, 1, 1)) == pytest.approx(4.48, abs=0.01)  # the W3C's own example
