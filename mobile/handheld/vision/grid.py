"""A photograph of a shelf cut into facings by a grid, which a person lays over it.

Nothing is detected: the grid begins as so many equal cells as the person says,
row by row, and the person drags its edges to where the goods stand. A cell with
two items in it is recognised as one of them, or as neither.
"""

from collections.abc import Sequence
from typing import NamedTuple

from handheld.vision.picture import Box

NARROWEST = 0.01
"""Of the picture: edges don't come nearer to each other."""
BOARDS_MAX, FACINGS_MAX = 6, 12
"""Boards of a shelf, and facings of a board: more are another photograph."""


class Row(NamedTuple):
    """A board of the shelf: from where to where it reaches, and the edges of its facings from left to right."""

    top: float
    bottom: float
    edges: tuple[float, ...]


def grid(columns: Sequence[int]) -> tuple[Row, ...]:
    """Return equal cells, so many in each row from the top.

    >>> [row.edges for row in grid([2, 1])]
    [(0.0, 0.5, 1.0), (0.0, 1.0)]
    """
    if not columns or min(columns) < 1:
        raise ValueError("a shelf has rows, and each of them has facings")
    boards = len(columns)
    return tuple(
        Row(at / boards, (at + 1) / boards, tuple(edge / count for edge in range(count + 1)))
        for at, count in enumerate(columns)
    )


def with_boards(rows: tuple[Row, ...], by: int) -> tuple[Row, ...]:
    """Return the grid with a board more, like the last one, or less; all of one height again.

    >>> [len(row.edges) - 1 for row in with_boards(grid([4, 3]), 1)], len(with_boards(grid([4]), -1))
    ([4, 3, 3], 1)
    """
    counts = [len(row.edges) - 1 for row in rows]
    counts = counts[:-1] if by < 0 else [*counts, counts[-1]]
    return grid(counts) if 1 <= len(counts) <= BOARDS_MAX else rows


def with_facings(rows: tuple[Row, ...], row: int, by: int) -> tuple[Row, ...]:
    """Return the grid with a facing more or less on a board; all of its facings of one width again.

    >>> [len(row.edges) - 1 for row in with_facings(grid([4, 4]), 1, -1)]
    [4, 3]
    """
    count = len(rows[row].edges) - 1 + by
    if not 1 <= count <= FACINGS_MAX:
        return rows
    return (*rows[:row], rows[row]._replace(edges=grid([count])[0].edges), *rows[row + 1 :])


def edge_moved(rows: tuple[Row, ...], row: int, edge: int, to: float) -> tuple[Row, ...]:
    """Return the grid after an edge of a row was dragged; it stays between its neighbours.

    >>> edge_moved(grid([2]), 0, 1, 0.7)[0].edges, edge_moved(grid([2]), 0, 1, 5)[0].edges
    ((0.0, 0.7, 1.0), (0.0, 0.99, 1.0))
    """
    edges = rows[row].edges
    least = edges[edge - 1] + NARROWEST if edge > 0 else 0.0
    most = edges[edge + 1] - NARROWEST if edge + 1 < len(edges) else 1.0
    moved = (*edges[:edge], min(max(to, least), most), *edges[edge + 1 :])
    return (*rows[:row], rows[row]._replace(edges=moved), *rows[row + 1 :])


def board_moved(rows: tuple[Row, ...], board: int, to: float) -> tuple[Row, ...]:
    """Return the grid after a board was dragged: the bottom of the row above it, the top of the one below.

    >>> [(row.top, row.bottom) for row in board_moved(grid([1, 1]), 1, 0.4)]
    [(0.0, 0.4), (0.4, 1.0)]
    """
    least = rows[board - 1].top + NARROWEST if board > 0 else 0.0
    most = rows[board].bottom - NARROWEST if board < len(rows) else 1.0
    at = min(max(to, least), most)
    return tuple(
        row._replace(
            bottom=at if number == board - 1 else row.bottom,
            top=at if number == board else row.top,
        )
        for number, row in enumerate(rows)
    )


def boxes(rows: tuple[Row, ...]) -> tuple[tuple[Box, ...], ...]:
    """Return the facings as parts of the picture, row by row.

    >>> boxes(grid([2]))
    ((Box(left=0.0, top=0.0, right=0.5, bottom=1.0), Box(left=0.5, top=0.0, right=1.0, bottom=1.0)),)
    """
    return tuple(
        tuple(Box(left, row.top, right, row.bottom) for left, right in zip(row.edges[:-1], row.edges[1:], strict=True))
        for row in rows
    )
