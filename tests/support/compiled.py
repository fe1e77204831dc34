"""Pages' templates, compiled once for all tests of a process: each test builds a console of its own."""

from __future__ import annotations

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from bot.web.console import Console

_kept: dict[str, bytes] = {}


class _Cache(BytecodeCache):
    def load_bytecode(self, bucket: Bucket) -> None:
        if (kept := _kept.get(bucket.key)) is not None:
            # Holds the checksum of its source: a template that changed is compiled anew.
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        _kept[bucket.key] = bucket.bytecode_to_string()


def compile_once(console: Console) -> None:
    """Let the console take templates that another one has compiled."""
    console.pages.jinja_env.bytecode_cache = _Cache()
