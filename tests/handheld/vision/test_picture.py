"""A picture comes to the model upright, square and whole, whatever the camera made of it."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handheld.vision.picture import KEPT_SIDE, Box, cropped, digest, kept, opened, prepared, square, turned

shares = st.floats(0, 1)


def written(image, kind="PNG", **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def halves(width=40, height=20):
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (0, 0, width, height // 2))
    return image


@given(st.integers(1, 500), st.integers(1, 500), st.tuples(shares, shares, shares, shares))
def test_the_square_lies_within_the_picture_and_over_the_box_s_middle(width, height, corners):
    x, y = sorted(corners[:2]), sorted(corners[2:])
    box = Box(x[0], y[0], x[1], y[1])
    left, top, right, bottom = square(width, height, box)
    assert -1e-9 <= left <= right <= width + 1e-9
    assert -1e-9 <= top <= bottom <= height + 1e-9
    assert right - left == pytest.approx(bottom - top)
    assert left - 1e-9 <= (box.left + box.right) / 2 * width <= right + 1e-9
    assert top - 1e-9 <= (box.top + box.bottom) / 2 * height <= bottom + 1e-9


@given(st.integers(1, 300), st.integers(1, 300))
def test_without_a_box_the_middle_square_is_looked_at(width, height):
    left, top, right, bottom = square(width, height)
    assert right - left == min(width, height)
    assert (left + right, top + bottom) == (width, height)


def test_every_pixel_counts_when_a_picture_is_made_smaller():
    stripes = Image.fromarray(np.tile(np.array([0, 255], np.uint8)[None, :, None], (64, 32, 3)))
    assert np.abs(prepared(stripes, 8) - 127.5).max() < 8


def test_a_picture_of_the_right_size_is_given_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    assert np.array_equal(prepared(Image.fromarray(pixels), 16), pixels)


def test_what_the_camera_noted_of_how_it_was_held_is_heeded():
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    image = opened(written(halves(), "JPEG", exif=exif))
    assert image.getpixel((0, 0))[0] > 200 > image.getpixel((0, 19))[0]


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "I;16", "LA"])
def test_pictures_of_every_kind_become_red_green_and_blue(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new(mode, (8, 8)) if mode in {"I;16", "LA"} else halves(8, 8).convert(mode)
    assert opened(written(image, kind)).mode == "RGB"


@given(st.binary(max_size=200), st.integers(0, 400))
def test_damaged_pictures_are_none_and_never_a_fault(junk, cut):
    for whole in (written(halves(), "PNG"), written(halves(), "JPEG")):
        for bytes_ in (junk, whole[:cut] + junk, whole[:cut]):
            image = opened(bytes_)
            assert image is None or image.mode == "RGB"


def test_a_picture_too_large_for_the_device_is_none():
    assert opened(written(Image.new("1", (10_000, 6_000)))) is None


def test_a_crop_is_the_middle_of_the_square():
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (20, 30, 3), np.uint8)
    assert np.array_equal(prepared(Image.fromarray(pixels), 10, crop=0.5), pixels[5:15, 10:20])
    both = cropped(Image.fromarray(pixels), 10, (1.0, 0.5))
    assert np.array_equal(both[0], prepared(Image.fromarray(pixels), 10))
    assert np.array_equal(both[1], pixels[5:15, 10:20])
    assert np.array_equal(turned(both)[1], pixels[5:15, 10:20][::-1, ::-1])


def test_a_box_is_looked_at_once_and_whole():
    box = Box(0, 0, 0.5, 1)
    assert np.array_equal(cropped(halves(), 8, (1.0, 0.8), box), prepared(halves(), 8, box)[None])


def test_half_a_turn_twice_is_none():
    pixels = prepared(halves(), 8)
    assert np.array_equal(turned(turned(pixels)), pixels)
    assert turned(pixels)[0, 0, 0] == 255


def test_a_photograph_is_kept_small_and_nearly_as_it_was():
    rng = np.random.default_rng(1)
    large = Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8)).resize((1600, 1200), Image.Resampling.BICUBIC)
    again = opened(kept(large))
    assert again.size == (KEPT_SIDE, KEPT_SIDE)
    assert np.abs(prepared(again, 224) - prepared(large, 224)).mean() < 3


def test_two_photographs_are_told_apart():
    assert digest(kept(halves())) == digest(kept(halves())) != digest(kept(halves().rotate(180)))
