"""Settings: read once from the environment and `.env`, frozen, every problem reported at once."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.core.errors import ConfigError, Problem
from bot.core.post import Mode

T = TypeVar("T")

#: An account's secret is named after the account: `not_hostages_x` reads `NOT_HOSTAGES_X_API_KEY`.
_FILE_SUFFIX = "_FILE"
#: What variables with a secret are called, whoever named them.
_SECRET_NAME = re.compile(r"(KEY|SECRET|TOKEN|PASSWORD|BOT_DATABASE_URL|BOT_ALERT_URLS)(_FILE)?$")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
#: Shorter ones would hit ordinary words.
_SHORTEST_SECRET = 6


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the environment says. `repr` shows no secret."""

    data_dir: Path
    database_url: str = field(repr=False)
    content_dir: Path
    templates_dir: Path
    mode: Mode
    plan_ahead_days: int
    x_api_url: str
    #: The Bluesky accounts' own server (PDS).
    bluesky_url: str = "https://bsky.social"
    telegram_api_url: str = "https://api.telegram.org"
    #: What posts on X may cost in a month of UTC, in millionths of a US dollar. None: no ceiling.
    x_monthly_budget_usd_micros: int | None = None
    #: Where alerts go; each may hold a token or a password.
    alert_urls: tuple[str, ...] = field(default=(), repr=False)
    #: `ar`, `en` or `tr`.
    alert_language: str = "en"
    console_host: str = "127.0.0.1"
    #: 0: any free one.
    console_port: int = 8000
    #: Where people reach the console when it is not there, e.g. behind a proxy: `https://bot.example.org`.
    console_url: str | None = None
    #: The file with the console's key. None: one in the data folder, made when it is first needed.
    console_key_file: Path | None = None
    #: The variables as read, for the accounts' secrets.
    _values: Mapping[str, str] = field(repr=False)

    def secrets_of(self, account: str, names: Sequence[str]) -> Mapping[str, str]:
        """The account's secrets by name. Raises ConfigError naming every variable that is missing."""
        found: dict[str, str] = {}
        problems: list[Problem] = []
        for name in names:
            variable = f"{account.upper()}_{name}"
            try:
                secret = self._secret(variable)
            except OSError as error:
                problems.append(
                    Problem(
                        where=variable + _FILE_SUFFIX,
                        what=f"the file cannot be read ({error.strerror})",
                        remedy="name a file that this user may read",
                    )
                )
                continue
            if secret is None:
                problems.append(
                    Problem(
                        where=variable,
                        what=f"is not set, and the account {account} is live",
                        remedy=f"set it, or {variable}{_FILE_SUFFIX}, or give the account dry_run: true",
                    )
                )
            else:
                found[name] = secret
        if problems:
            raise ConfigError(problems)
        return found

    @property
    def console_address(self) -> str:
        """Where people find the console, for links to it. Port 0 says nothing: `run` prints the real one."""
        if self.console_url is not None:
            return self.console_url
        # What listens everywhere is asked here.
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.console_host, self.console_host)  # noqa: S104
        return f"http://[{host}]:{self.console_port}" if ":" in host else f"http://{host}:{self.console_port}"

    def hide_secrets(self, text: str) -> str:
        """The text without the secrets that the environment names, in whatever form they stand there."""
        # Only what goes wrong needs it.
        from bot.publishing.secrecy import Scrubber

        return Scrubber(self._all_secrets())(text)

    def _all_secrets(self) -> Iterator[str]:
        for name in sorted(self._values):
            if _SECRET_NAME.search(name) is None:
                continue
            try:
                secret = self._secret(name.removesuffix(_FILE_SUFFIX))
            except (OSError, UnicodeDecodeError):
                continue
            if secret is not None:
                yield secret
        yield from _pieces(self.alert_urls)
        if password := urlsplit(self.database_url).password:
            yield from (password, unquote(password))

    def _secret(self, variable: str) -> str | None:
        value = self._values.get(variable, "").strip()
        if value:
            return value
        path = self._values.get(variable + _FILE_SUFFIX, "").strip()
        return Path(path).read_text(encoding="utf-8").strip() or None if path else None


def load_settings(environment: Mapping[str, str] | None = None, *, env_file: Path | None = None) -> Settings:
    """Read the settings. The environment wins over `.env`. Raises ConfigError with every problem."""
    settings, problems = read_settings(environment, env_file=env_file)
    if problems:
        raise ConfigError(problems)
    return settings


def read_settings(
    environment: Mapping[str, str] | None = None, *, env_file: Path | None = None
) -> tuple[Settings, list[Problem]]:
    """Read the settings, with the default in place of each unreadable one, and every problem."""
    path = Path(".env") if env_file is None else env_file
    from_file, problems = _read_env_file(path)
    outer = os.environ if environment is None else environment  # noqa: TID251  (the one place)
    values = {**from_file, **outer}
    reader = _Reader(values)
    data_dir = reader.read("BOT_DATA_DIR", "data", _folder)
    settings = Settings(
        data_dir=data_dir,
        database_url=reader.read("BOT_DATABASE_URL", "", _database_url)
        or f"sqlite:///{data_dir / 'campaign-bot.sqlite3'}",
        content_dir=reader.read("BOT_CONTENT_DIR", "content", _folder),
        templates_dir=reader.read("BOT_TEMPLATES_DIR", "templates", _folder),
        mode=reader.read("BOT_MODE", Mode.DRY_RUN.value, _mode),
        plan_ahead_days=reader.read("BOT_PLAN_AHEAD_DAYS", "7", _days),
        x_api_url=reader.read("BOT_X_API_URL", "https://api.x.com", _http_url),
        bluesky_url=reader.read("BOT_BLUESKY_URL", "https://bsky.social", _http_url),
        telegram_api_url=reader.read("BOT_TELEGRAM_API_URL", "https://api.telegram.org", _http_url),
        x_monthly_budget_usd_micros=reader.read("BOT_X_MONTHLY_BUDGET_USD", "", _dollars),
        alert_urls=reader.read("BOT_ALERT_URLS", "", _alert_urls),
        alert_language=reader.read("BOT_ALERT_LANGUAGE", "en", _alert_language),
        console_host=reader.read("BOT_CONSOLE_HOST", "127.0.0.1", _host),
        console_port=reader.read("BOT_CONSOLE_PORT", "8000", _port),
        console_url=reader.read("BOT_CONSOLE_URL", "", _console_url),
        console_key_file=reader.read("BOT_CONSOLE_KEY_FILE", "", _file),
        _values=values,
    )
    return settings, [*problems, *reader.problems, *_unknown(values)]


def _read_env_file(path: Path) -> tuple[dict[str, str], list[Problem]]:
    if not path.exists():
        return {}, []
    # Its warnings name no remedy; ours do.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    try:
        with path.open(encoding="utf-8") as lines:
            # python-dotenv drops a line that it cannot read, and the bot would go on with another database.
            unread = [binding.original for binding in parse_stream(lines) if binding.error]
        found = dotenv_values(path, encoding="utf-8")
    except OSError as error:
        remedy = "let this user read it, or remove it"
        return {}, [Problem(where=str(path), what=f"cannot be read ({error.strerror})", remedy=remedy)]
    except UnicodeDecodeError:
        return {}, [Problem(where=str(path), what="is no UTF-8 text", remedy="save it as UTF-8")]
    problems = [
        Problem(
            where=str(path),
            line=original.line + len(original.string) - len(original.string.lstrip("\n")),
            what="this line cannot be read",
            remedy='write NAME=value, with both quotes around a value that has any: NAME="a value"',
        )
        for original in unread
    ]
    return {name: value for name, value in found.items() if value is not None}, problems


def wants_colour(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the user allows colours (no-color.org)."""
    outer = os.environ if environment is None else environment  # noqa: TID251  (the one place)
    return not outer.get("NO_COLOR")


#: Every setting there is, as `config.example.env` and `docs/settings.md` list them.
NAMES = (
    "BOT_DATA_DIR",
    "BOT_DATABASE_URL",
    "BOT_CONTENT_DIR",
    "BOT_TEMPLATES_DIR",
    "BOT_MODE",
    "BOT_PLAN_AHEAD_DAYS",
    "BOT_X_API_URL",
    "BOT_BLUESKY_URL",
    "BOT_TELEGRAM_API_URL",
    "BOT_X_MONTHLY_BUDGET_USD",
    "BOT_ALERT_URLS",
    "BOT_ALERT_LANGUAGE",
    "BOT_CONSOLE_HOST",
    "BOT_CONSOLE_PORT",
    "BOT_CONSOLE_URL",
    "BOT_CONSOLE_KEY_FILE",
)


class _Reader:
    """Reads one variable after another and keeps what is wrong for later."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[Problem] = []

    def read(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        value = self._values.get(name, "").strip() or default
        try:
            return parse(value)
        except ValueError as error:
            # These may hold a password or a token, and so may what stands before an @.
            may_hold_one = name in ("BOT_DATABASE_URL", "BOT_ALERT_URLS") or "@" in value
            shown = "the value" if may_hold_one else repr(value)
            self.problems.append(Problem(where=name, what=f"{shown} {error}"))
            return parse(default)


def _unknown(values: Mapping[str, str]) -> Iterator[Problem]:
    for name in sorted(values):
        if name.startswith("BOT_") and name not in NAMES:
            yield Problem(
                where=name,
                what="there is no such setting",
                remedy="see docs/settings.md for those that exist",
            )


def _folder(value: str) -> Path:
    return Path(value).expanduser()


def _mode(value: str) -> Mode:
    try:
        return Mode(value)
    except ValueError:
        raise ValueError("is no mode: write dry-run or live") from None


def _days(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", value) or not 1 <= int(value) <= 366:
        raise ValueError("is no number of days: write a whole number from 1 to 366, e.g. 7")
    return int(value)


def _http_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise ValueError("is no web address (a port goes up to 65535): write e.g. https://api.example.org")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise ValueError("would send secrets unencrypted: write https:// (http:// only for this machine)")
    return value.rstrip("/")


def _dollars(value: str) -> int | None:
    """An amount in millionths of a dollar."""
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,6})?", value):
        raise ValueError("is no amount in US dollars: write e.g. 25 or 12.50; nothing for no ceiling")
    return int(Decimal(value) * 1_000_000)


def _alert_urls(value: str) -> tuple[str, ...]:
    # A comma inside an address parts nothing: mailto:// takes several receivers.
    urls = tuple(url for url in re.split(r"\s+|,\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)|,\s*$", value) if url)
    urls = tuple(url.rstrip(",") for url in urls)
    wrong = [place for place, url in enumerate(urls, start=1) if not _ADDRESS.fullmatch(url)]
    if wrong:
        raise ValueError(
            f"has no Apprise address at place {wrong[0]}: write e.g. tgram://TOKEN/CHAT, a blank between two"
        )
    return urls


def _pieces(urls: Sequence[str]) -> list[str]:
    """The addresses, and whatever in them may be a token or a password, longest first."""
    found = set(urls)
    for url in urls:
        for piece in re.split(r"[/?&=:@#,]+", url.partition("://")[2]):
            found |= {form for form in (piece, unquote(piece)) if len(form) >= _SHORTEST_SECRET}
    return sorted(found, key=len, reverse=True)


def _alert_language(value: str) -> str:
    if value not in ("ar", "en", "tr"):
        raise ValueError("is no language of alerts: write ar, en or tr")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z.:-]+", value):
        raise ValueError("is no name or address of this machine: write e.g. 127.0.0.1")
    return value


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 65_535:
        raise ValueError("is no port: write a whole number from 0 to 65535, e.g. 8000; 0 is any free one")
    return int(value)


def _console_url(value: str) -> str | None:
    if not value:
        return None
    parts = urlsplit(value)
    try:
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_one = False
    if not is_one or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("is no address of a console: write e.g. https://bot.example.org, without a path")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _file(value: str) -> Path | None:
    return Path(value).expanduser() if value else None


def _database_url(value: str) -> str:
    if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        # The value may hold a password: it is not repeated.
        raise ValueError("is no database address: write sqlite:///path or postgresql://user@host/name")
    return value
