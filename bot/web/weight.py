"""Makes answers light: compresses what a slow phone has to wait for."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

#: Smaller ones gain nothing.
_SMALLEST = 600
_KINDS = ("text/html", "text/css", "text/javascript", "image/svg+xml", "application/json")


def compress(flask_app: Flask) -> None:
    """Compress every text that the browser can unpack.

    A page's length tells nothing of the token in its forms to another site: the session's cookie does not
    travel with requests that other sites make.
    """

    @flask_app.after_request
    def _compress(response: Response) -> Response:
        if "Content-Disposition" in response.headers and response.direct_passthrough:
            # A file of its own: the server sends it as it lies on the disk.
            return response
        response.vary.add("Accept-Encoding")
        kind = response.mimetype
        # A static file is handed over as it lies on the disk, until it is read here.
        response.direct_passthrough = False
        if response.is_streamed or kind not in _KINDS or "Content-Encoding" in response.headers:
            return response
        if request.accept_encodings.quality("gzip") <= 0 or len(response.get_data()) < _SMALLEST:
            return response
        response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        return response
