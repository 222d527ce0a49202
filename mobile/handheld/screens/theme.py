"""Which colours stand on which? Two palettes, and the contrast of every pair that the screens use.

Each colour has a job, so that a screen names the job: `stop` is what is drawn
for a refusal, `on_stop` what is written on it, `stop_ink` the same meaning as
text on a card, `stop_pale` its quiet ground. Every pair keeps 7:1 (WCAG AAA),
because a loading bay at noon and a cold store at night are where it is read.
"""

from dataclasses import dataclass, fields

Rgba = tuple[float, float, float, float]
CONTRAST_LEAST = 7.0


def colour(text: str) -> Rgba:
    """Return a colour as Kivy takes it.

    >>> colour("#ff0000")
    (1.0, 0.0, 0.0, 1.0)
    """
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, 1.0


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme, by their jobs."""

    name: str
    paper: Rgba
    card: Rgba
    ink: Rgba
    mute: Rgba
    rule: Rgba
    """Hairlines and the shade under a card; never text."""
    bar: Rgba
    on_bar: Rgba
    bar_mute: Rgba
    bar_warn: Rgba
    """Offline and limits, on the bar."""
    accent: Rgba
    on_accent: Rgba
    accent_ink: Rgba
    accent_pale: Rgba
    good: Rgba
    on_good: Rgba
    good_ink: Rgba
    good_pale: Rgba
    warn: Rgba
    on_warn: Rgba
    warn_ink: Rgba
    warn_pale: Rgba
    stop: Rgba
    on_stop: Rgba
    stop_ink: Rgba
    stop_pale: Rgba
    quiet: Rgba
    on_quiet: Rgba


def _palette(name: str, text: str) -> Palette:
    colours = dict(pair.split("=") for pair in text.split())
    return Palette(name, **{job: colour(shade) for job, shade in colours.items()})


DAY = _palette(
    "day",
    """
    paper=#eef1f3 card=#ffffff ink=#0f1a22 mute=#3c4853 rule=#d3dae0
    bar=#0c2836 on_bar=#ffffff bar_mute=#c3d3dc bar_warn=#ffc94d
    accent=#0b4f75 on_accent=#ffffff accent_ink=#0a4668 accent_pale=#e2eff7
    good=#0a5a35 on_good=#ffffff good_ink=#0a5130 good_pale=#dff2e7
    warn=#f5b820 on_warn=#1c1400 warn_ink=#5e3c00 warn_pale=#fff2cf
    stop=#a40f1d on_stop=#ffffff stop_ink=#930c19 stop_pale=#fde6e6
    quiet=#dde4e9 on_quiet=#0f1a22
    """,
)
NIGHT = _palette(
    "night",
    """
    paper=#0a1014 card=#151d23 ink=#eef3f6 mute=#b3c0ca rule=#27323b
    bar=#04080b on_bar=#eef3f6 bar_mute=#a9b8c3 bar_warn=#ffc94d
    accent=#86ccf2 on_accent=#04202f accent_ink=#9bd5f5 accent_pale=#12303f
    good=#62d597 on_good=#03210f good_ink=#7fe0ab good_pale=#10301f
    warn=#f7c244 on_warn=#1c1400 warn_ink=#ffd477 warn_pale=#33290e
    stop=#ff9089 on_stop=#2a0406 stop_ink=#ffb5b0 stop_pale=#3d1518
    quiet=#28343d on_quiet=#eef3f6
    """,
)
PALETTES = {palette.name: palette for palette in (DAY, NIGHT)}

PAIRS = (
    ("ink", ("card", "paper", "accent_pale", "good_pale", "warn_pale", "stop_pale")),
    ("mute", ("card", "paper", "accent_pale", "good_pale", "warn_pale", "stop_pale")),
    ("on_bar", ("bar",)),
    ("bar_mute", ("bar",)),
    ("bar_warn", ("bar",)),
    ("on_accent", ("accent",)),
    ("accent_ink", ("card", "paper", "accent_pale")),
    ("on_good", ("good",)),
    ("good_ink", ("card", "paper", "good_pale")),
    ("on_warn", ("warn",)),
    ("warn_ink", ("card", "paper", "warn_pale")),
    ("on_stop", ("stop",)),
    ("stop_ink", ("card", "paper", "stop_pale")),
    ("on_quiet", ("quiet",)),
)
"""What is written on what. The tests of the screens find no other pair."""


def luminance(shade: Rgba) -> float:
    """Return the relative luminance (WCAG 2)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shade[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgba, other: Rgba) -> float:
    """Return the contrast of two colours, 1 to 21.

    >>> contrast(colour("#000000"), colour("#ffffff"))
    21.0
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 2)


def jobs() -> list[str]:
    """Return the names of the colours."""
    return [each.name for each in fields(Palette) if each.name != "name"]


TONES = ("accent", "good", "warn", "stop", "quiet")
"""What a surface says: go on, right, take care, no; quiet says nothing."""


def fill(palette: Palette, tone: str) -> Rgba:
    """Return the strong ground of a tone."""
    shade: Rgba = getattr(palette, tone or "card")
    return shade


def on(palette: Palette, tone: str) -> Rgba:
    """Return what is written on `fill`."""
    shade: Rgba = getattr(palette, f"on_{tone}" if tone else "ink")
    return shade


def pale(palette: Palette, tone: str) -> Rgba:
    """Return the calm ground of a tone."""
    shade: Rgba = getattr(palette, {"": "card", "quiet": "quiet"}.get(tone, f"{tone}_pale"))
    return shade


def ink(palette: Palette, tone: str) -> Rgba:
    """Return what is written on a card, or on `pale`, in a tone."""
    shade: Rgba = getattr(palette, {"": "ink", "quiet": "on_quiet"}.get(tone, f"{tone}_ink"))
    return shade


def pressed(shade: Rgba) -> Rgba:
    """Return a ground while a finger is on it: nearer to grey, so that both themes show it."""
    red, green, blue = (part * 0.82 + 0.09 for part in shade[:3])
    return red, green, blue, 1.0
