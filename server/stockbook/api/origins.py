"""Web pages of other origins, such as a partner's board: they may ask when the operator has named them."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

ASKED_WITH = ("authorization", "content-type", "last-event-id", "x-request-id")
ANSWERED_WITH = ("retry-after", "x-request-id")


def opened(app: ASGIApp, origins: str) -> ASGIApp:
    """Return the application as pages of these origins may ask it; as it is when none are named.

    A page has to send a token like everybody else: there are no cookies that a
    stranger's page could make use of.
    """
    named = [each.strip() for each in origins.split(",") if each.strip()]
    if not named:
        return app
    return CORSMiddleware(
        app,
        allow_origins=named,
        allow_methods=("GET", "POST"),
        allow_headers=ASKED_WITH,
        expose_headers=ANSWERED_WITH,
        max_age=3600,
    )
