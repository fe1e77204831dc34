"""Keep secrets out of messages and log records, whatever libraries do."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

_SHOWN = "[secret]"
_PERCENT = re.compile("%[0-9A-F]{2}")
#: Shorter ones would hit ordinary words; the networks' own have 25 characters and more.
_SHORTEST = 6


class Scrubber:
    """Replaces secrets in a text: as they are, and in each form that programs give to a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Replace these too from now on."""
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        # Longest first: a short form inside a longer one would leave the rest of it standing.
        self._forms = tuple(sorted(forms.union(self._forms), key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, _SHOWN)
        return text

    def __repr__(self) -> str:
        return f"Scrubber(<{len(self._forms)} forms>)"


def silence(families: Iterable[str], secrets: Iterable[str]) -> None:
    """Let the libraries' loggers say nothing below WARNING, and no secret at all, from now on.

    Levels alone do not hold: a program that sets every logger to DEBUG would set them back. A filter
    stays. It sits on each logger that exists now, so call this after the library is imported.
    """
    _filter.scrub.learn(secrets)
    for family in families:
        logging.getLogger(family).setLevel(logging.WARNING)
        for name, logger in list(logging.root.manager.loggerDict.items()):
            if isinstance(logger, logging.Logger) and (name == family or name.startswith(family + ".")):
                logger.addFilter(_filter)


class _SecretFilter(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self.scrub = Scrubber()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return False
        record.msg, record.args = self.scrub(record.getMessage()), None
        if record.exc_info:
            record.exc_text = self.scrub("".join(traceback.format_exception(*record.exc_info)).rstrip())
            record.exc_info = None
        return True


#: One for the process, as loggers are.
_filter = _SecretFilter()


def _forms(secret: str) -> set[str]:
    """The secret as it is, URL-encoded once and twice, in JSON, HTML, a traceback, hex and base64."""
    once = quote(secret, safe="")
    encoded = {once, quote(once, safe=""), quote_plus(secret), quote(secret)}
    forms = {secret, *encoded, *(_PERCENT.sub(lambda code: code[0].lower(), form) for form in encoded)}
    for text in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
        # Escaped once more: a traceback within JSON, JSON within a traceback.
        forms |= {text, repr(text)[1:-1], json.dumps(text)[1:-1], text.replace("/", "\\/")}
    forms |= {html.escape(secret), html.escape(secret, quote=False)}
    for text in (secret, once):
        forms |= {*_in_base64(text.encode()), text.encode().hex(), text.encode().hex().upper()}
    return forms


def _in_base64(secret: bytes) -> Iterator[str]:
    for offset in range(3):
        # Inside a longer text the same bytes look different in base64 at each of three offsets; the
        # characters shared with the neighbours are left out.
        encoded = base64.b64encode(b"\0" * offset + secret).decode().rstrip("=")
        start = (0, 2, 3)[offset]
        end = len(encoded) - (1 if (offset + len(secret)) % 3 else 0)
        core = encoded[start:end]
        yield core
        yield core.replace("+", "-").replace("/", "_")
