"""What is seen: a photograph, the camera's finder, goods with their face, a shelf with a grid over it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from kivy.clock import Clock
from kivy.graphics import Color, Line
from kivy.graphics.texture import Texture
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget
from PIL import Image

from handheld.screens.kit.buttons import KPress
from handheld.screens.kit.text import KText
from handheld.vision.grid import Row, board_moved, edge_moved

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

FRAMES_A_SECOND = 12
AIM = 0.9
"""Of the finder's shorter side: what the model will look at is within it."""
GRASP, STILL = 26, 8
"""dp from a line within which a finger takes it; and how far it goes before that is meant."""
HALO, LINE, CORNER = 2.6, 1.3, 28


def texture(picture: Image.Image | None) -> Texture | None:
    """Return a picture as the screen draws it."""
    if picture is None:
        return None
    made = Texture.create(size=picture.size, colorfmt="rgba")
    made.blit_buffer(picture.convert("RGBA").tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    made.flip_vertical()
    return made


class KPhoto(Widget):
    """A photograph, whole, as large as there is room; without one an icon."""

    ground = ColorProperty((1, 1, 1, 1))
    texture = ObjectProperty(None, allownone=True)
    icon = StringProperty("")
    spot = ListProperty([0, 0])
    extent = ListProperty([1, 1])
    """Where the photograph is drawn, and how large."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(pos=self.fit, size=self.fit, texture=self.fit)

    def show(self, picture: Image.Image | None) -> None:
        """Show a photograph, or none."""
        self.texture = texture(picture)

    def fit(self, *_: Any) -> None:
        """Find the largest place of the photograph's shape."""
        wide, high = self.texture.size if self.texture else self.size
        share = min(self.width / max(1, wide), self.height / max(1, high))
        self.extent = wide * share, high * share
        self.spot = self.x + (self.width - wide * share) / 2, self.y + (self.height - high * share) / 2


class KFinder(KPhoto):
    """What the camera sees, while it is open; the square is what will be looked at."""

    whole = BooleanProperty(False)
    """Whether all of it will be looked at; else the square in its middle, which is drawn."""

    def __init__(self, **kwargs: Any) -> None:
        self.camera: Any = None
        self._decode: Callable[[bytes, Callable[[Image.Image | None], None]], Any] | None = None
        self._waits = False
        super().__init__(**kwargs)

    def look(self, camera: Any, decode: Callable[[bytes, Callable[[Image.Image | None], None]], Any]) -> None:
        """Open a camera; `decode` makes pictures of its frames, elsewhere than on the screen's thread."""
        self.rest()
        self.camera, self._decode, self._waits = camera, decode, False
        camera.open()
        Clock.schedule_interval(self._next, 1 / FRAMES_A_SECOND)
        self._next(0)

    def rest(self) -> None:
        """Give the camera back."""
        Clock.unschedule(self._next)
        if self.camera is not None:
            self.camera.close()
            self.camera = None
        self.show(None)

    def _next(self, _seconds: float) -> None:
        if self._waits or self.camera is None or self._decode is None:
            return
        frame = self.camera.frame()
        if frame is not None:
            self._waits = True
            self._decode(frame, self._drawn)

    def _drawn(self, picture: Image.Image | None) -> None:
        self._waits = False
        if self.camera is not None:
            self.show(picture)

    def fit(self, *_: Any) -> None:
        """Place the picture, and the corners of the square in its middle."""
        super().fit()
        self.canvas.after.clear()
        if self.texture is None or self.whole:
            return
        half = AIM * min(self.extent) / 2
        x, y = self.spot[0] + self.extent[0] / 2, self.spot[1] + self.extent[1] / 2
        with self.canvas.after:
            for shade, width in (((0, 0, 0, 0.7), HALO), ((1, 1, 1, 1), LINE)):
                Color(*shade)
                for right, up in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
                    left, low = x + right * half, y + up * half
                    points = [left - right * dp(CORNER), low, left, low, left, low - up * dp(CORNER)]
                    Line(points=points, width=dp(width), cap="round", joint="round")


class KCandidate(KPress):
    """Goods that it may be: face, name, how sure. A touch chooses them."""

    tone = StringProperty("")
    name = StringProperty("")
    sub = StringProperty("")
    sure = StringProperty("")


class KThumb(KPress):
    """One of several photographs; a touch chooses it."""

    fresh = BooleanProperty(False)
    """Whether it is not kept yet."""
    chosen = BooleanProperty(False)


class KMark(KText):
    """What a facing is, on the photograph."""

    ground = ColorProperty((1, 1, 1, 1))
    tone = StringProperty("accent")


class Mark(NamedTuple):
    """How a facing is marked."""

    text: str
    tone: str


class KShelf(KPhoto):
    """A photograph of a shelf with the grid of its facings: lines are dragged, facings touched."""

    __events__ = ("on_facing",)
    grid = ObjectProperty(())
    """Rows of `handheld.vision.grid`."""
    row = ObjectProperty(None, allownone=True)
    """The row that is drawn strongly."""
    marks = ObjectProperty({})
    """By row and column a `Mark`; while there are any, nothing is dragged."""

    def __init__(self, **kwargs: Any) -> None:
        self._dragged: tuple[int, int | None] | None = None
        super().__init__(**kwargs)
        self.bind(spot=self.draw, extent=self.draw, grid=self.draw, row=self.draw, marks=self.draw)

    def on_facing(self, row: int, column: int) -> None:
        """Be told that a facing was touched."""

    # drawing

    def draw(self, *_: Any) -> None:
        """Draw the lines and the marks."""
        self.canvas.after.clear()
        self.clear_widgets()
        if self.texture is None:
            return
        with self.canvas.after:
            for number, row in enumerate(self.grid):
                lines = [*self._across(row), *self._along(row)]
                strong = number == self.row
                for shade, width in (((0, 0, 0, 0.7), HALO), ((1, 1, 1, 1) if not strong else (1, 0.82, 0.2, 1), LINE)):
                    Color(*shade)
                    for points in lines:
                        Line(points=points, width=dp(width + (0.7 if strong else 0)))
        for (number, column), mark in self.marks.items():
            row = self.grid[number]
            label = KMark(text=mark.text, tone=mark.tone)
            middle = self._x((row.edges[column] + row.edges[column + 1]) / 2)
            label.center_x, label.y = middle, self._y(row.bottom) + dp(4)
            label.bind(size=lambda each, _size, middle=middle: setattr(each, "center_x", middle))
            self.add_widget(label)

    def _across(self, row: Row) -> list[list[float]]:
        left, right = self._x(row.edges[0]), self._x(row.edges[-1])
        return [[left, self._y(at), right, self._y(at)] for at in (row.top, row.bottom)]

    def _along(self, row: Row) -> list[list[float]]:
        return [[self._x(edge), self._y(row.top), self._x(edge), self._y(row.bottom)] for edge in row.edges]

    def _x(self, share: float) -> float:
        left: float = self.spot[0]
        wide: float = self.extent[0]
        return left + wide * share

    def _y(self, share: float) -> float:
        """Of a share from the top."""
        bottom: float = self.spot[1]
        high: float = self.extent[1]
        return bottom + high * (1 - share)

    # touching

    def on_touch_down(self, touch: Any) -> bool:
        """Take the line under the finger."""
        if self.texture is None or not self.collide_point(*touch.pos):
            return False
        self._dragged = None if self.marks else self._line_at(*touch.pos)
        touch.grab(self)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Draw it along."""
        if touch.grab_current is not self or self._dragged is None or self._still(touch):
            return False
        x, y = self._share(*touch.pos)
        row, edge = self._dragged
        self.grid = board_moved(self.grid, row, y) if edge is None else edge_moved(self.grid, row, edge, x)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Leave it there; a finger that dragged nothing has touched a facing."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        dragged = self._dragged is not None and not self._still(touch)
        if not dragged and (at := self.facing_at(*touch.pos)) is not None:
            self.dispatch("on_facing", *at)
        return True

    @staticmethod
    def _still(touch: Any) -> bool:
        return bool(max(abs(touch.x - touch.ox), abs(touch.y - touch.oy)) < dp(STILL))

    def _share(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.spot[0]) / self.extent[0], 1 - (y - self.spot[1]) / self.extent[1]

    def _line_at(self, x: float, y: float) -> tuple[int, int | None] | None:
        """Return the nearest line that a finger would mean: an edge of a row, or with None a board."""
        near: list[tuple[float, int, int | None]] = []
        for number, row in enumerate(self.grid):
            if self._y(row.bottom) <= y <= self._y(row.top):
                near += [(abs(x - self._x(edge)), number, at) for at, edge in enumerate(row.edges)]
        boards = [*(row.top for row in self.grid), *(row.bottom for row in self.grid[-1:])]
        near += [(abs(y - self._y(board)), number, None) for number, board in enumerate(boards)]
        distance, row_number, edge_number = min(near, key=lambda each: each[0], default=(dp(GRASP) + 1, 0, None))
        return (row_number, edge_number) if distance <= dp(GRASP) else None

    def facing_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and column of the facing at a point of the window."""
        across, down = self._share(x, y)
        for number, row in enumerate(self.grid):
            if row.top <= down <= row.bottom:
                for column, (left, right) in enumerate(zip(row.edges[:-1], row.edges[1:], strict=True)):
                    if left <= across <= right:
                        return number, column
        return None
