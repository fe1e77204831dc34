"""The folder of templates: which files it holds, and which of them a post is written with."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, Environment, TemplateNotFound

from bot.core.campaign import Kind, Network
from bot.core.errors import Problem, RenderError

#: Bytes of one template. The bundled ones have a few hundred.
MAX_SIZE: Final = 16 * 1024

_NAME = re.compile(
    rf"(?P<kind>{'|'.join(Kind)})(?:\.(?P<network>{'|'.join(Network)}))?"
    r"(?:\.(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]+)*))?\.j2"
)


@dataclass(frozen=True, kw_only=True)
class TemplateName:
    """What a file's name says of the posts it is for."""

    kind: str
    network: str | None
    language: str | None


def parse_name(name: str) -> TemplateName | None:
    """Read a name such as `fact.x.ar.j2`. None when no post would ever use such a file."""
    match = _NAME.fullmatch(name)
    return TemplateName(**match.groupdict()) if match else None


def is_shared(name: str) -> bool:
    """Tell whether a file is for other templates to import: its name starts with `_`."""
    return name.startswith("_")


def names_for(kind: Kind, network: Network, language: str) -> tuple[str, ...]:
    """Return the names looked for, the most specific first.

    Language goes before network: a post in the wrong language is the worse mistake.
    """
    return (
        f"{kind}.{network}.{language}.j2",
        f"{kind}.{language}.j2",
        f"{kind}.{network}.j2",
        f"{kind}.j2",
    )


class TemplateFolder(BaseLoader):
    """The templates as they were when the folder was opened. Nothing outside it can be reached by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shown = str(path)
        #: Other things in the folder, which nothing will use.
        self.strangers: list[str] = []
        #: What kept files from being read.
        self.problems: list[Problem] = []
        self._unread: dict[str, Problem] = {}
        self._sources: dict[str, str] = {}
        self._found: dict[tuple[Kind, Network, str], str] = {}
        self._open()

    def find(self, kind: Kind, network: Network, language: str) -> str:
        """Return the name of the template for such posts.

        Raises RenderError when there is none, or when the one it should be cannot be read: a less specific
        one in its place would be a surprise.
        """
        key = (kind, network, language)
        found = self._found.get(key)
        if found is None:
            names = names_for(*key)
            found = next((name for name in names if name in self._sources or name in self._unread), None)
            if found in self._unread:
                raise RenderError(str(self._unread[found]))
            if found is None:
                raise RenderError(f"no template for a {kind}: write {self.path / names[-1]}")
            self._found[key] = found
        return found

    def where(self, name: str) -> str:
        """Return the path of a template, as messages show it."""
        return f"{self._shown}/{name}"

    def list_templates(self) -> list[str]:
        return sorted(self._sources)

    def get_source(
        self,
        environment: Environment,  # noqa: ARG002  (Jinja2's own argument)
        template: str,
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        if template not in self._sources:
            raise TemplateNotFound(template)
        return self._sources[template], self.where(template), None

    def _open(self) -> None:
        try:
            entries = sorted(self.path.iterdir())
        except OSError as error:
            remedy = "name the folder of templates in BOT_TEMPLATES_DIR"
            self.problems.append(
                Problem(where=str(self.path), what=f"cannot be read ({error.strerror})", remedy=remedy)
            )
            return
        for entry in entries:
            if entry.name.endswith(".j2") and not entry.name.startswith("."):
                self._read(entry)
            elif not (entry.name.startswith(".") or entry.name.endswith((".md", "~"))):
                self.strangers.append(entry.name)

    def _read(self, entry: Path) -> None:
        problem = _reason_not_to_read(entry, folder=self.path)
        if problem is None:
            try:
                self._sources[entry.name] = entry.read_text(encoding="utf-8-sig")
            except UnicodeDecodeError as error:
                problem = (f"is not UTF-8 at byte {error.start:,}", "save it as UTF-8")
            except OSError as error:
                problem = (f"cannot be read ({error.strerror})", "make it readable to the bot")
        if problem is not None:
            what, remedy = problem
            self._unread[entry.name] = Problem(where=str(entry), what=what, remedy=remedy)
            self.problems.append(self._unread[entry.name])


def _reason_not_to_read(entry: Path, *, folder: Path) -> tuple[str, str] | None:
    """Return what is wrong with a file before it is opened, and the remedy."""
    if not entry.is_file():
        return "is no file", "remove it, or give it another name"
    if not entry.resolve().is_relative_to(folder.resolve()):
        return "is a link out of the folder", "put the file itself here"
    if entry.stat().st_size > MAX_SIZE:
        return f"is larger than {MAX_SIZE // 1024} KiB", "make it shorter: a template is a few lines"
    return None
