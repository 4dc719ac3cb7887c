"""One spelling for every path, so that the cache holds one copy of a page and no path leads out of its folder."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

AS_THEY_ARE = "-._~!$&'()*+,;=:@"
"""What a segment may hold unescaped besides letters and digits (RFC 3986, 3.3)."""


def canonical(path: str) -> str:
    """Spell a path in one way: needless escapes, empty segments and dots are gone, needed escapes are upper-case.

    What is needed here and not there (a backslash, a control character) is escaped, so that a path never reads as an
    address of another host. A path that would climb above the root stays there.
    """
    kept: list[str] = []
    *folders, last = [_segment(each) for each in path.split("/")]
    for segment in folders:
        _walk(kept, segment)
    is_folder = last in {"", ".", ".."}
    _walk(kept, last)
    return "/" + "/".join(kept) + ("/" if is_folder and kept else "")


def _segment(text: str) -> str:
    return quote(unquote_to_bytes(text), safe=AS_THEY_ARE)


def _walk(kept: list[str], segment: str) -> None:
    if segment == "..":
        del kept[-1:]
    elif segment not in {"", "."}:
        kept.append(segment)
