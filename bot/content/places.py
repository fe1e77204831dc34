"""Where an account is on its network: a server, a handle, a channel; how each is written."""

from __future__ import annotations

import re

from bot.content.findings import MistakeError
from bot.content.values import quoted, read_name

#: Scheme and host, perhaps a port; `http` is for a server on this machine.
SERVER = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?")
#: A handle is a domain name: "Handle" in Bluesky's AT Protocol specification (read 2026-11-21).
HANDLE = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
#: `chat_id` in Bot API 10.0: "@channelusername", or the number, which begins with -100 for a channel.
CHANNEL = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}|-100[0-9]{5,13}")
_HERE = re.compile(r"http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?/?")


def read_server(value: object) -> str:
    """Give the server's address without a slash at its end."""
    text = read_name(value)
    if SERVER.fullmatch(text) is None or not _has_a_port_or_none(text):
        raise MistakeError(
            f"{quoted(text)} is no address of a server", "write it without a path: https://social.example"
        )
    if text.startswith("http:") and not _HERE.fullmatch(text):
        raise MistakeError(
            f"{quoted(text)} is not encrypted", "http is for this machine only: write https://"
        )
    return text.lower().rstrip("/")


def _has_a_port_or_none(address: str) -> bool:
    """Whether no number beyond those of ports stands behind the host."""
    _, _, port = address.removeprefix("https:").removeprefix("http:").partition(":")
    return not port or 0 < int(port.rstrip("/")) < 65_536


def read_handle(value: object) -> str:
    text = read_name(value).lower()
    if HANDLE.fullmatch(text) is None:
        raise MistakeError(
            f"{quoted(text)} is no handle", "write the whole name, without @: campaign.example.org"
        )
    return text


def read_channel(value: object) -> str:
    text = read_name(value)
    if CHANNEL.fullmatch(text) is None:
        raise MistakeError(
            f"{quoted(text)} is no channel",
            'write its public name with @, or its number, in quotes: "@my_campaign" or "-1001234567890"',
        )
    return text
