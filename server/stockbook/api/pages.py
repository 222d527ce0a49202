"""The playground: GraphiQL in the browser, of files built from pinned npm packages.

The sources are in `playground/`; `build.py` there makes `playground/dist/`,
which the wheel carries. No page asks another server for anything.
"""

from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

DIST = Path(__file__).parent / "playground" / "dist"
_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:;"
    " style-src 'self' 'unsafe-inline'; script-src 'self'; worker-src 'self' blob:; font-src 'self' data:;"
    " frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


async def page(scope: Any, receive: Any, send: Any) -> None:
    """Answer a browser's GET /graphql."""
    index = DIST / "index.html"
    answer: Response = (
        FileResponse(index, media_type="text/html", headers=_HEADERS)
        if index.exists()
        else PlainTextResponse("The playground has not been built: run `make playground`.\n", 501)
    )
    await answer(scope, receive, send)


def assets() -> StaticFiles:
    """Return what the page is made of."""
    return StaticFiles(directory=DIST, check_dir=False)
