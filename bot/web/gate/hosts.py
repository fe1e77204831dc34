"""By which names the console may be asked, and which pages count as its own."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: What a browser leaves out of an origin and of the Host header.
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Hosts:
    """The names of one console.

    A page elsewhere may have its own name resolve to this machine (DNS rebinding): a browser then asks
    here, and names that host. Only loopback names and those of the settings are answered.
    """

    def __init__(self, *, host: str, url: str | None) -> None:
        public = None if url is None else urlsplit(url)
        self._public_name = None if public is None else (public.hostname or "").lower()
        self._public_origin = None if url is None else _origin(url)
        self._names = _LOOPBACK | {host.lower()} | ({self._public_name} if self._public_name else set())
        #: Whether the public address is one whose cookies may travel encrypted only.
        self.is_encrypted = public is not None and public.scheme == "https"
        #: Whether the console is for this very machine: nothing in the settings leads here from elsewhere.
        self.are_loopback = is_loopback(host) and (not self._public_name or is_loopback(self._public_name))

    def know(self, host_header: str) -> bool:
        """Whether it may be asked by that name."""
        return _name_in(host_header) in self._names

    def own(self, origin: str, *, host_header: str) -> bool:
        """Whether a page of that origin is the console's own: it was asked by that very name and port."""
        given = _origin(origin)
        return given is not None and given in {_origin(f"http://{host_header}"), self._public_origin}


def is_loopback(host: str) -> bool:
    """Whether a name or an address stands for this very machine."""
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _name_in(host_header: str) -> str:
    """The name without its port; empty when there is none."""
    host = host_header.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, name and port; None for what is no origin of a page, e.g. `null`."""
    try:
        parts = urlsplit(url.strip().lower())
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if (
        parts.scheme not in _DEFAULT_PORTS
        or not parts.hostname
        or parts.path.strip("/")
        or "@" in parts.netloc
    ):
        return None
    return parts.scheme, parts.hostname, port
