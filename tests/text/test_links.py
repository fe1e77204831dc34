"""Links are found as X finds them, and written so that networks keep them whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.links import Link, ascii_link, find_links, has_link, is_ascii_link


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        pytest.param("https://example.sy/اخبار", ["https://example.sy/"], id="Arabic path is cut"),
        pytest.param("https://x.com/a#سوريا", ["https://x.com/a#"], id="Arabic fragment is cut"),
        pytest.param("https://example.org/a؟b=1", ["https://example.org/a"], id="Arabic question mark"),
        pytest.param("https://example.org/a،", ["https://example.org/a"], id="Arabic comma"),
        pytest.param("انظر:https://example.org", ["https://example.org"], id="glued to an Arabic word"),
        pytest.param("وexample.org", ["example.org"], id="bare, glued to waw"),
        pytest.param("موقع.example.org", ["example.org"], id="bare, Latin part alone"),
        pytest.param("https://موقع.سورية/a", ["https://موقع.سورية/a"], id="Arabic host"),
        pytest.param("موقع.سورية", [], id="bare Arabic host"),
        pytest.param(
            "example.com\xa0example.org", ["example.com", "example.org"], id="no-break space between"
        ),
        pytest.param("\u2067https://example.org\u2069", ["https://example.org"], id="between isolates"),
        pytest.param("(https://example.org/a_(b))", ["https://example.org/a_(b)"], id="balanced parentheses"),
        pytest.param(
            "https://example.org/a.(b)", ["https://example.org/a"], id="parentheses after a full stop"
        ),
        pytest.param(
            "https://example.org:8080/a?b=c#d.", ["https://example.org:8080/a?b=c#d"], id="port and all"
        ),
        pytest.param("example.org:8080 a", ["example.org"], id="bare, port without path"),
        pytest.param("example.org?a=b", ["example.org"], id="bare, query without path"),
        pytest.param("me@example.org", [], id="address of a person"),
        pytest.param("$example.org #example.org", [], id="after a sign"),
        pytest.param("-example.org _example.org ./example.org", [], id="bare, after a dash and others"),
        pytest.param("http://-example.org", [], id="dash at the start"),
        pytest.param("foo_bar.example.org", ["bar.example.org"], id="bare, underscore"),
        pytest.param(
            "https://foo_bar.example.org", ["https://foo_bar.example.org"], id="underscore before the name"
        ),
        pytest.param("https://www.q_example.org", [], id="underscore in the name"),
        pytest.param(
            "http://a.b.c.d.e.f.g.example.org/", ["http://a.b.c.d.e.f.g.example.org/"], id="many labels"
        ),
        pytest.param("ftp://example.invalid a.b.c", [], id="no known domain"),
        pytest.param(f"https://{'a' * 64}.org", [], id="label too long"),
        pytest.param(f"https://example.org/{'a' * 4090}", [], id="too long"),
        pytest.param("https://t.co/abc-def", ["https://t.co/abc"], id="t.co, up to its slug"),
        pytest.param(f"https://t.co/{'a' * 41}", [], id="t.co, slug too long"),
        pytest.param("https://a.org/b https://a.org/b", ["https://a.org/b"] * 2, id="the same twice"),
        pytest.param("http://xn--p1ai.рф http://xn--中.рф", ["http://xn--p1ai.рф"], id="letters in punycode"),
        pytest.param("Bitti.Ve sonra", ["Bitti.Ve"], id="sentences without a space"),
    ],
)
def test_finds_what_x_links(text: str, urls: list[str]) -> None:
    assert [link.url for link in find_links(text)] == urls
    assert has_link(text) is bool(urls)


def test_a_link_knows_its_place() -> None:
    text = "المصدر: https://example.org/a."

    assert find_links(text) == (Link(8, 29, "https://example.org/a"),)


@pytest.mark.parametrize(
    ("url", "written"),
    [
        pytest.param("https://example.sy/سجن", "https://example.sy/%D8%B3%D8%AC%D9%86", id="path"),
        pytest.param("https://example.org/?q=سجن", "https://example.org/?q=%D8%B3%D8%AC%D9%86", id="query"),
        pytest.param("https://example.org/a#سجن", "https://example.org/a#%D8%B3%D8%AC%D9%86", id="fragment"),
        pytest.param("https://موقع.example/", "https://xn--4gbrim.example/", id="host"),
        pytest.param("https://Türkiye.example/ğ", "https://xn--trkiye-3ya.example/%C4%9F", id="Turkish"),
        pytest.param("HTTPS://Example.org/A", "https://Example.org/A", id="case of the scheme"),
        pytest.param(
            "https://example.org/%D8%B3?a=%20", "https://example.org/%D8%B3?a=%20", id="encoded already"
        ),
        pytest.param("https://example.org/100%", "https://example.org/100%25", id="stray percent sign"),
        pytest.param("https://example.org/a_(b)", "https://example.org/a_(b)", id="parentheses that X keeps"),
        pytest.param("https://example.org/a(b", "https://example.org/a%28b", id="parenthesis that X cuts"),
        pytest.param("https://example.org/a.", "https://example.org/a%2E", id="full stop that X cuts"),
        pytest.param(
            "https://example.org/?q=a+", "https://example.org/?q=a%20", id="space at the end of a query"
        ),
        pytest.param("https://example.org#a", "https://example.org/#a", id="fragment without a path"),
        pytest.param("https://example.org/a?", "https://example.org/a", id="empty query"),
        pytest.param(
            'https://example.org/"{a}', "https://example.org/%22%7Ba%7D", id="signs that links lack"
        ),
        pytest.param("https://example.org:8443/a", "https://example.org:8443/a", id="port"),
        pytest.param("http://192.0.2.7/a", "http://192.0.2.7/a", id="IPv4"),
        pytest.param("http://[2001:db8::1]:80/a", "http://[2001:db8::1]:80/a", id="IPv6"),
    ],
)
def test_links_are_written_in_ascii(url: str, written: str) -> None:
    assert ascii_link(url) == written
    assert is_ascii_link(written)
    assert is_ascii_link(url) is (url == written)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("example.org/a", "write the whole address", id="no scheme"),
        pytest.param("ftp://example.org/", "no http:// or https://", id="another scheme"),
        pytest.param("javascript:alert(1)", "no http:// or https://", id="script"),
        pytest.param("https://", "a host that is none, ''", id="nothing behind"),
        pytest.param("https://example.org/a b", "holds a SPACE: remove it", id="space"),
        pytest.param("https://example.org/a\n", "holds a U+000A: remove it", id="line break"),
        pytest.param("https://example.org/\u200fa", "holds a RIGHT-TO-LEFT MARK", id="invisible mark"),
        pytest.param("https://anna:secret@example.org/", "user name or password", id="password"),
        pytest.param("https://localhost/", "a host that is none, 'localhost'", id="host without a domain"),
        pytest.param("https://a..example/", "a host that is none, 'a..example'", id="empty label"),
        pytest.param("https://☃.example/", "a host that is none, '☃.example'", id="symbol"),
        pytest.param("https://256.1.1.1/", "a host that is none, '256.1.1.1'", id="no IPv4"),
        pytest.param("http://[::g]/", "a host that is none, '[::g]'", id="no IPv6"),
        pytest.param("https://example.org:http/", "a host that is none", id="no port"),
        pytest.param("https://example.org:99999/", "port 99999", id="port"),
    ],
)
def test_what_is_no_link_is_refused_with_its_remedy(url: str, said: str) -> None:
    with pytest.raises(ValueError, match="link ") as refusal:
        ascii_link(url)

    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not is_ascii_link(url)


_PATHS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Cn"]), max_size=40)


@given(_PATHS)
def test_a_written_link_stays_and_x_keeps_it_whole(path: str) -> None:
    written = ascii_link(f"https://example.org/{path}")

    assert is_ascii_link(written)
    assert [link.url for link in find_links(f"سوريا {written} حرة")] == [written]


_WORDS = """
https://example.org https://a-b.example.com/x http://t.co/abc https://sub.example.org/a?b=c. https://-a.org
https://example.music/a https://example.org/a# e.g. سوريا #a example.com
"""


@given(st.lists(st.sampled_from(_WORDS.split())), st.sampled_from([" ", "\n", ".", "،", "  "]))
def test_links_in_small_and_capital_letters_are_found_alike(words: list[str], between: str) -> None:
    text = between.join(words)

    found = [(link.start, link.end) for link in find_links(text)]

    assert found == [(link.start, link.end) for link in find_links(text.replace("http", "HTTP"))]


@given(st.text(max_size=100))
def test_links_lie_in_the_text_in_order(text: str) -> None:
    end = 0
    for link in find_links(text):
        assert end <= link.start < link.end <= len(text)
        assert text[link.start : link.end] == link.url
        end = link.end
