"""Requests that are answered with an error alone."""

from collections.abc import Iterable


class Refused(Exception):
    """The document or its variables can't be answered; `code` goes to `extensions.code`.

    `places` are the lines and columns of the document that are meant.
    """

    def __init__(
        self, code: str, message: str, path: tuple[str, ...] = (), places: Iterable[tuple[int, int]] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path
        self.places = tuple(places)

    def entry(self) -> dict[str, object]:
        """Return the entry of `errors`."""
        said: dict[str, object] = {"message": self.message, "extensions": {"code": self.code}}
        if self.path:
            said["path"] = list(self.path)
        if self.places:
            said["locations"] = [{"line": line, "column": column} for line, column in self.places]
        return said


class Unplanned(Exception):
    """The planner leaves this document to the ordinary executor."""


def forbidden(path: tuple[str, ...]) -> Refused:
    """Return the entry for a field that the asker's roles never see."""
    return Refused("FIELD_FORBIDDEN", "your roles do not show this field", path)
