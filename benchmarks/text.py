"""Row 6: weighted length and hashtags of one post, against twitter-text in Node and twitter-text-parser."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.text.hashtags import find_hashtags
from bot.text.links import find_links
from bot.text.weighted import weighted_length

ROOT = Path(__file__).parents[1]
#: The peers live here, never in the environment of the product.
CACHE = ROOT / ".cache" / "bench"
NODE_PEER = "twitter-text@3.1.0"
PYTHON_PEER = "twitter-text-parser==3.0.0"
ROUNDS = 5
PASSES = 5
POSTS = 2000
#: The Python peer is slow: this many are enough to see how much.
POSTS_FOR_PYTHON_PEER = 200

_NODE_PROGRAM = """
const text = require("twitter-text"), { readFileSync } = require("fs");
const { texts, rounds } = JSON.parse(readFileSync(0));
const one = (post) => [text.parseTweet(post).weightedLength, text.extractHashtags(post)];
let best = Infinity, lengths;
for (let round = 0; round < rounds; round++) {
  const began = process.hrtime.bigint();
  lengths = texts.map((post) => one(post)[0]);
  best = Math.min(best, Number(process.hrtime.bigint() - began) / 1e9);
}
console.log(JSON.stringify({ lengths, seconds: best }));
"""
_PYTHON_PROGRAM = """
import json, sys, time
from twitter_text import parse_tweet
given = json.load(sys.stdin)
best = float("inf")
for _ in range(given["rounds"]):
    began = time.perf_counter()
    lengths = [parse_tweet(post).weightedLength for post in given["texts"]]
    best = min(best, time.perf_counter() - began)
print(json.dumps({"lengths": lengths, "seconds": best}))
"""

#: Posts as campaigns send them: facts with source, period and link, and calls; in three languages.
_TEMPLATES = (
    "لا يزال ما لا يقل عن {n} شخصاً مختفين قسراً منذ آذار 2011، بحسب الشبكة المخترعة للتوثيق. نطالب بالكشف "
    "عن مصيرهم.\nhttps://example.org/ar/report-{i}\n#الحرية_للمعتقلين #سوريا",
    "At least {n} people died under torture between March 2011 and July 2024, reports the Invented Network "
    "for Measuring.\nhttps://www.example.org/en/report?id={i}\n#FreeThem #Syria",
    "Mart 2011'den Temmuz 2024'e kadar en az {n} kişi işkence altında öldü. Kaynak: Uydurma Ölçüm Ağı, "
    "%{p}.\nhttps://example.org/tr/rapor-{i}.html\n#Esad_zindanlarında #Suriye",
    "هم ليسوا أرقاماً. لكل واحد من {n} اسم وعائلة تنتظر. اكتب إلى ممثليك اليوم.\n#الحرية_للمعتقلين #سوريا",
    "They are not hostages to be traded. Ask your government today: where are the {n}? 🕊️\n#FreeThem #Syria",
    "Onlar rakam değil. {n} ailenin her biri bekliyor. Bugün temsilcine yaz.\n#Esad_zindanlarında #Suriye",
)


class NotHereError(Exception):
    """A peer cannot be had on this machine."""


def run() -> list[dict[str, object]]:
    """Measure side by side, in texts a second, and return the rows. A peer that cannot be had is named."""
    posts = [_TEMPLATES[n % len(_TEMPLATES)].format(i=n, n=f"{n:,}", p=n % 100) for n in range(POSTS)]
    return [
        *_against(
            "weighted length and hashtags of one post", posts, _node, NODE_PEER, goal="≥ 2", measure=_both
        ),
        *_against(
            "weighted length of one post",
            posts[:POSTS_FOR_PYTHON_PEER],
            _python,
            PYTHON_PEER,
            goal="≥ 100",
            measure=_lengths,
        ),
        *_differing(),
    ]


def _against(
    what: str,
    posts: list[str],
    peer: Callable[[], list[str]],
    name: str,
    *,
    goal: str,
    measure: Callable[[list[str]], object],
) -> list[dict[str, object]]:
    try:
        program = peer()
    except NotHereError as reason:
        return [_row(f"{what} (no peer: {reason})", _speed(measure, posts), name, None, goal)]
    ours = theirs = 0.0
    for _ in range(ROUNDS):  # in turn, so that the machine's moods reach both; each at its best
        ours = max(ours, _speed(measure, posts))
        theirs = max(theirs, len(posts) / float(_ask(program, posts, rounds=PASSES)["seconds"]))
    return [_row(what, ours, name, theirs, goal)]


def _differing() -> list[dict[str, object]]:
    """Count lengths that differ from Node's, on the strings with which the text functions are fuzzed."""
    what = "differing lengths of fuzzed strings"
    fuzzed = list(runpy.run_path(str(ROOT / "tests" / "text" / "fuzzing.py"))["texts"]())
    try:
        theirs = _ask(_node(), fuzzed, rounds=1)["lengths"]
    except NotHereError as reason:
        return [_row(f"{what} (no peer: {reason})", None, NODE_PEER, len(fuzzed), "≤ 0.001", "strings")]
    differing = sum(weighted_length(text) != length for text, length in zip(fuzzed, theirs, strict=True))
    return [_row(what, differing, NODE_PEER, len(fuzzed), "≤ 0.001", "strings")]


def _both(posts: list[str]) -> object:
    return [(weighted_length(post), find_hashtags(post)) for post in posts]


def _lengths(posts: list[str]) -> object:
    return [weighted_length(post) for post in posts]


def _speed(measure: Callable[[list[str]], object], posts: list[str]) -> float:
    best = float("inf")
    for _ in range(PASSES):
        find_links.cache_clear()
        began = time.perf_counter()
        measure(posts)
        best = min(best, time.perf_counter() - began)
    return len(posts) / best


def _ask(program: list[str], texts: list[str], *, rounds: int) -> dict[str, Any]:
    given = json.dumps({"texts": texts, "rounds": rounds})
    done = subprocess.run(program, input=given, capture_output=True, text=True, check=True, cwd=CACHE)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _node() -> list[str]:
    if not (node := shutil.which("node")) or not (npm := shutil.which("npm")):
        raise NotHereError("node and npm are not installed")
    if not (CACHE / "node_modules" / "twitter-text").is_dir():
        _install([npm, "install", "--prefix", str(CACHE), "--ignore-scripts", "--no-audit", NODE_PEER])
    return [node, "-e", _NODE_PROGRAM]


def _python() -> list[str]:
    python = CACHE / "python" / "bin" / "python"
    if not python.exists():
        _install([sys.executable, "-m", "venv", str(CACHE / "python")])
    if subprocess.run([python, "-c", "import twitter_text"], capture_output=True, check=False).returncode:
        _install([str(python), "-m", "pip", "install", "--quiet", PYTHON_PEER])
    return [str(python), "-c", _PYTHON_PROGRAM]


def _install(command: list[str]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotHereError(f"{Path(command[0]).name} failed: {last}")


def _row(
    what: str, ours: float | None, peer: str, theirs: float | None, goal: str, unit: str = "texts/s"
) -> dict[str, object]:
    ratio = None if ours is None or not theirs else round(ours / theirs, 5)
    numbers = {"ours": ours, "theirs": theirs}
    rounded = {name: None if number is None else round(number) for name, number in numbers.items()}
    return {"row": 6, "what": what, **rounded, "peer": peer, "ratio": ratio, "goal": goal, "unit": unit}


def print_rows(rows: list[dict[str, object]]) -> None:
    for each in rows:
        print(
            f"{each['row']:>2}  {each['what']}: {each['ours']} {each['unit']}; "
            f"{each['peer']}: {each['theirs']} {each['unit']}; ratio {each['ratio']} (goal {each['goal']})"
        )


if __name__ == "__main__":
    print_rows(run())
