"""Fixtures for who comes into the console: a store on either database, and people who want in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyotp
import pytest
from argon2 import PasswordHasher

from bot.core.clock import FixedClock
from bot.core.people import Person, Role
from bot.people.passwords import Passwords
from bot.pipeline.people import People, SignIn, Step
from bot.pipeline.register import Register
from bot.store import send_log
from bot.store.database import Database

PASSWORD = "three invented words"
#: From which all try to come in, unless told: an address that documentation may use (RFC 5737).
ADDRESS = "192.0.2.7"


def pytest_configure(config: pytest.Config) -> None:
    # A plugin, not an import: its one PostgreSQL server then serves every folder of tests.
    config.pluginmanager.import_plugin("databases")


@dataclass
class Door:
    """The console's people on a store, and how somebody comes in."""

    db: Database
    clock: FixedClock
    people: People
    register: Register

    def add(self, name: str = "Huda", role: Role = Role.VIEWER, *, password: str = PASSWORD) -> str:
        """A user who has chosen a password; returns the name."""
        token = self.register.add(name, role)
        assert self.people.choose_password(token, password) is None
        return name

    def sign_in(
        self, name: str = "Huda", password: str = PASSWORD, *, address: str | None = ADDRESS
    ) -> SignIn:
        return self.people.sign_in(name, password, address=address)

    def code(self, half: str) -> str:
        """The code that a freshly set up app shows now."""
        asked = self.people.code_asked(half)
        assert asked is not None
        assert asked.secret is not None
        return pyotp.TOTP(asked.secret.replace(" ", "")).at(self.clock.now())

    def enter(self) -> str:
        """A session of the single person."""
        link = self.people.one_time_link("http://127.0.0.1:8000", who="Sami")
        token = self.people.enter(link.rpartition("/")[2])
        assert token is not None
        return token

    def session(self, name: str = "Huda") -> str:
        """A session of a user who needs no code."""
        signed = self.sign_in(name)
        assert signed.step is Step.IN
        return signed.token

    def who(self, token: str) -> Person | None:
        return self.people.person_of(token)

    def events(self) -> list[tuple[str, dict[str, object]]]:
        """What the send log says of people."""
        with self.db.read() as tx:
            return [(entry.event, dict(entry.body)) for entry in send_log.read_entries(tx)]


@pytest.fixture
def passwords() -> Passwords:
    """Passwords that are kept quickly: how slowly is proved once."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def open_door(db: Database, clock: FixedClock, passwords: Passwords) -> Callable[[], Door]:
    """Another process's view of the same store."""

    def build() -> Door:
        people = People(db, clock, key=lambda: b"k" * 32, passwords=passwords)
        register = Register(db, clock, who="Sami", is_user=False, open_door=people.open_door)
        return Door(db, clock, people, register)

    return build


@pytest.fixture
def door(open_door: Callable[[], Door]) -> Door:
    return open_door()
