"""Delivers messages through Apprise, and lets nothing be heard of the addresses, which are secrets."""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.alerting.message import Message

if TYPE_CHECKING:
    from apprise import AppriseAsset

#: How long one address may take, in seconds. Apprise waits 4 s for a connection and 4 s between two bytes
#: (apprise/url.py of 2.2.0), so that only a server that drips goes on for longer.
PATIENCE = 30.0
#: The status with which a server refused: all that is repeated of what Apprise says, since it may quote
#: an address.
_STATUS = re.compile(r"error=(\d{3})\b")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What one address said. `address` is its place in the setting, from 1 on."""

    address: int
    #: `address 2 (tgram)`: nothing of it but its kind.
    name: str
    taken: bool
    #: Why not, without anything of the address; empty when it was taken.
    error: str = ""


class Deliverer:
    """Speaks to the addresses of one setting. Its `repr` shows how many there are."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = tuple(urls)
        #: Addresses that did not come back in time: nobody waits for them twice at once.
        self._hanging: dict[int, threading.Thread] = {}

    def __repr__(self) -> str:
        return f"Deliverer(<{len(self._urls)} addresses>)"

    @property
    def addresses(self) -> Sequence[int]:
        return range(1, len(self._urls) + 1)

    def unreadable(self) -> list[str]:
        """The names of addresses that Apprise does not understand."""
        _load()
        with _silence():
            return [self._name(address) for address in self.addresses if self._service(address) is None]

    def deliver(
        self, message: Message, to: Collection[int] | None = None, *, patience: float = PATIENCE
    ) -> list[Delivery]:
        """Give the message to each address, side by side; wait at most `patience` seconds, raise nothing."""
        _load()
        wanted = [address for address in self.addresses if to is None or address in to]
        said: dict[int, Delivery] = {}
        started = [
            (address, thread)
            for address in wanted
            if (thread := self._start(address, message, said)) is not None
        ]
        over = threading.Event()
        threading.Thread(target=_wait, args=([thread for _, thread in started], over), daemon=True).start()
        over.wait(patience)
        for address, thread in started:
            if thread.is_alive():
                self._hanging[address] = thread
        found = dict(said)
        return [found.get(address) or self._no(address, "it did not answer in time") for address in wanted]

    def _start(self, address: int, message: Message, said: dict[int, Delivery]) -> threading.Thread | None:
        hanging = self._hanging.pop(address, None)
        if hanging is not None and hanging.is_alive():
            self._hanging[address] = hanging
            return None

        def run() -> None:
            said[address] = self._deliver(address, message)

        # A daemon: an address that hangs does not keep the process from ending.
        thread = threading.Thread(target=run, name=f"alert-{address}", daemon=True)
        thread.start()
        return thread

    def _deliver(self, address: int, message: Message) -> Delivery:
        with _silence() as heard:
            try:
                service = self._service(address)
                if service is None:
                    return self._no(address, "it is no address that Apprise understands")
                taken = service.notify(body=message.body, title=message.title, body_format="text")
            except Exception as error:
                # Its words may quote the address: the kind of the error says enough.
                return self._no(address, f"{type(error).__name__} in Apprise")
        if taken:
            return Delivery(address=address, name=self._name(address), taken=True)
        return self._no(address, heard.reason())

    def _service(self, address: int) -> Any:
        import apprise

        service = apprise.Apprise.instantiate(
            self._urls[address - 1], asset=_asset(), suppress_exceptions=True
        )
        if isinstance(service, apprise.NotifyBase):
            # What is too long for a service comes in several messages, none cut.
            service.overflow_mode = apprise.OverflowMode.SPLIT
            return service
        return None

    def _no(self, address: int, error: str) -> Delivery:
        return Delivery(address=address, name=self._name(address), taken=False, error=error)

    def _name(self, address: int) -> str:
        scheme = _SCHEME.match(self._urls[address - 1])
        return f"address {address} ({scheme[0] if scheme else 'no scheme'})"


def _wait(threads: Sequence[threading.Thread], over: threading.Event) -> None:
    for thread in threads:
        thread.join()
    over.set()


@cache
def _load() -> None:
    """Import Apprise and its plugins, once, and before threads want them.

    Some of them import what Python calls deprecated: that is their matter.
    """
    with _silence(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import apprise

        apprise.Apprise.instantiate("json://127.0.0.1/", asset=_asset(), suppress_exceptions=True)


def _asset() -> AppriseAsset:
    from apprise import AppriseAsset

    # Nothing on disk; no redirect, which would carry a token to somewhere else; no attempt to be clever
    # with what stands in a text.
    return AppriseAsset(
        app_id="campaign-bot",
        app_desc="campaign-bot",
        app_url="",
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        interpret_escapes=False,
        storage_mode="memory",
    )


class _Heard:
    """What the libraries said in one thread; of it, only a status is ever repeated."""

    def __init__(self) -> None:
        self._status = ""
        self._connection = False

    def hear(self, text: str) -> None:
        status = _STATUS.search(text)
        if status is not None:
            self._status = status[1]
        self._connection = self._connection or "onnection error" in text

    def reason(self) -> str:
        if self._status:
            return f"it answered with status {self._status}"
        return "it could not be reached" if self._connection else "it was not taken"


_listening = threading.local()


class _Gag(logging.Filter):
    """Swallows every record of a thread that speaks to an address, whatever library it comes from."""

    def filter(self, record: logging.LogRecord) -> bool:
        heard: _Heard | None = getattr(_listening, "heard", None)
        if heard is None:
            return not record.name.startswith("apprise")
        heard.hear(record.getMessage())
        return False


_gag = _Gag()


@contextmanager
def _silence() -> Iterator[_Heard]:
    """Within the block nothing that this thread's libraries log is heard by anybody.

    Levels alone do not hold: a program that sets every logger to DEBUG would set them back.
    """
    for logger in (logging.root, *_loggers()):
        logger.addFilter(_gag)
    heard = _Heard()
    _listening.heard = heard
    try:
        yield heard
    finally:
        _listening.heard = None


def _loggers() -> Iterator[logging.Logger]:
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and not name.startswith("bot."):
            yield logger
