"""The door for files: models and their manifests in, models out, galleries and sample pictures in and out.

::

    PUT /recognition/models/{sha256}    sku.json or sku.tflite, before `publishModels` names them
    GET /recognition/models/{sha256}    the file of a version; ETag, If-None-Match, Range, If-Range
    PUT /recognition/galleries/{sha256} a gallery pack, before `adoptGalleryPacks` names it
    GET /recognition/galleries/{sha256} that pack, or what devices fetch of it
    PUT /recognition/samples/{sha256}   the picture of a sample that `recordSamples` told of
    GET /recognition/samples/{sha256}   that picture
"""

import asyncio
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from stockbook.access.actions import denied
from stockbook.api.gate import Asker, Gate
from stockbook.api.receiving import answered, body, rejected
from stockbook.api.refusing import Rejected
from stockbook.domain.recognition.manifest import SHA256
from stockbook.domain.refusal import Code, Refusal
from stockbook.flows.recognition.pictures import Pictures
from stockbook.store.files import Files
from stockbook.store.recognition.pictures import PostgresSamples, Who

MODEL_MAX = 16 * 2**20
"""Bytes of a model, or of a gallery: more is too much to carry to every device."""
_SHOWN = {
    "models": "ModelVersion.sha256",
    "galleries": "GalleryPack.sha256",
    "samples": "RecognitionSample.picture",
}
_DOES = {"models": "publishModels", "galleries": "adoptGalleryPacks", "samples": "recordSamples"}
_UNFIT = {"models": Code.MODEL_UNFIT, "galleries": Code.PACK_UNFIT, "samples": Code.PICTURE_TOO_LARGE}


class FileDoor:
    """Answers requests for files."""

    def __init__(self, gate: Gate, folder: Files, pictures: Pictures, samples: PostgresSamples) -> None:
        self._gate, self._folder, self._pictures, self._samples = gate, folder, pictures, samples

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        return await answered(request, self._gate, self._answer)

    async def _answer(self, request: Request, asker: Asker) -> Response:
        kind, wanted = request.path_params["kind"], request.path_params["name"]
        if kind not in _DOES or not SHA256.fullmatch(wanted):
            raise Rejected("NOT_FOUND", "there is no such file")
        return await (self._take if request.method == "PUT" else self._give)(request, asker, kind, wanted)

    async def _give(self, request: Request, asker: Asker, kind: str, name: str) -> Response:
        who = Who(asker.principal.organisation, asker.principal.sites)
        keeper = await self._samples.keeper(who, kind, name) if asker.mask.relations(_SHOWN[kind]) else None
        path = None if keeper is None else self._folder.path(keeper, name)
        if path is None or not await asyncio.to_thread(path.is_file):
            raise Rejected("NOT_FOUND", "there is no such file")
        tag = f'"{name}"'
        headers = {"etag": tag, "cache-control": "private, max-age=31536000, immutable"}
        if tag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        return FileResponse(path, headers=headers, media_type="application/octet-stream")

    async def _take(self, request: Request, asker: Asker, kind: str, name: str) -> Response:
        if (no := denied(asker.mask, _DOES[kind])) is not None:
            raise rejected(no)
        most = self._pictures.picture_max if kind == "samples" else MODEL_MAX
        content = await body(request, most, _UNFIT[kind])
        mine = asker.principal
        if kind == "samples":
            taken = await self._pictures.receive(mine.organisation, mine.id, name, content)
            if isinstance(taken, Refusal):
                raise rejected(taken)
        else:
            if sha256(content).hexdigest() != name:
                raise rejected(Refusal(_UNFIT[kind], "what came is not the file of this name: send it again"))
            taken = await self._folder.size(mine.organisation, name) is None
            await self._folder.put(mine.organisation, content)
        return JSONResponse({"sha256": name, "new": taken}, 201 if taken else 200)
