"""What must never be shown: values that are marked, values under telling names, texts that betray themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

MASK = "(sensitive)"
SHORTEST_SCRUBBED = 6
"""Marked values at least this long are looked for in other texts, too; shorter ones would be found everywhere."""
LONGEST_WORD = 12
"""Longer runs of letters are no words."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET = frozenset(
    {"password", "passwd", "passphrase", "pwd", "secret", "secrets", "token", "tokens", "credential", "credentials"}
    | {"psk", "apikey"}
)
_SECRET_KEYS = frozenset({"private", "access", "secret", "api", "shared", "signing", "preshared", "token"})
_PUBLIC = frozenset(
    {"algorithm", "arn", "arns", "age", "alias", "at", "count", "date", "day", "days", "enabled", "endpoint"}
    | {"expiration", "expiry", "hours", "id", "identifier", "ids", "key", "length", "lifetime", "limit", "manager"}
    | {"name", "names", "parameter", "path", "period", "policy", "prefix", "region", "required", "rotation"}
    | {"seconds", "status", "suffix", "ttl", "type", "unit", "units", "uri", "url", "validity", "version", "window"}
)
"""Last words of names under which something is said about a secret, and not the secret."""
_OPAQUE = frozenset({"user_data", "user_data_base64"})
"""Scripts that often carry what they should not, and that nobody can read in a report anyway."""

_BETRAYS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[0-9A-Za-z]{30,}\b"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"
    r"|(?<=[Bb]earer )\S+"
    r"|(?P<name>(?i:password|passwd|pwd|passphrase|secret|token|api_?key|access_?key)=)"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s&;,\"']+)"
)
_MAY_BETRAY = re.compile(
    r"-----BEGIN|AKIA|ASIA|gh[pousr]_|eyJ|://[^/]*@|earer |(?i:passw|pwd|phrase|secret|token|key=)"
)
"""Most texts hold nothing of this kind, which is found out quickly."""


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether what is called so is a secret: `db_password`, `authToken`, not `secret_arn` or `password_length`."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words:
        return False
    if name in _OPAQUE:
        return True
    if len(words) > 1 and words[-1] == "key" and words[-2] in _SECRET_KEYS:
        return True
    if words[-1] in _PUBLIC:
        return False
    return any(word in _SECRET for word in words) or words[-2:] == ["key", "material"]


def pair_is_secret(value: Mapping[str, object]) -> str:
    """Return the key of a secret in a pair such as `{"name": "DB_PASSWORD", "value": "..."}`. Empty: there is none."""
    for name_key, value_key in (("name", "value"), ("Name", "Value"), ("key", "value"), ("Key", "Value")):
        name = value.get(name_key)
        if value_key in value and isinstance(name, str) and is_secret_name(name):
            return value_key
    return ""


class Scrubber:
    """Takes secrets out of texts: those that betray themselves, and those that are marked elsewhere."""

    def __init__(self, marked: Iterable[str] = ()) -> None:
        known = sorted({each for each in marked if len(each) >= SHORTEST_SCRUBBED}, key=len, reverse=True)
        self._by_start: dict[str, list[str]] = {}
        for each in known:
            self._by_start.setdefault(each[:SHORTEST_SCRUBBED], []).append(each)

    def __call__(self, text: str) -> str:
        """Return a text without secrets."""
        if self._by_start and len(text) >= SHORTEST_SCRUBBED:
            text = self._without_known(text)
        return _BETRAYS.sub(_hide, text) if _MAY_BETRAY.search(text) else text

    def _without_known(self, text: str) -> str:
        """Look at every place of a text once, however many secrets there are: a plan may have thousands."""
        starts = self._by_start
        last = len(text) - SHORTEST_SCRUBBED + 1
        places = [place for place in range(last) if text[place : place + SHORTEST_SCRUBBED] in starts]
        parts, end = [], 0
        for place in places:
            if place < end:
                continue
            found = next(
                (each for each in starts[text[place : place + SHORTEST_SCRUBBED]] if text.startswith(each, place)), ""
            )
            if found and not _is_part_of_word(text, place, found):
                parts += [text[end:place], MASK]
                end = place + len(found)
        return "".join([*parts, text[end:]]) if parts else text


def _is_part_of_word(text: str, place: int, found: str) -> bool:
    """Whether a secret that is a plain word only happens to be in a longer one, as `postgres` is in `postgresql`."""
    if not found.isalpha() or len(found) >= LONGEST_WORD:
        return False
    after = place + len(found)
    return text[place - 1 : place].isalpha() or text[after : after + 1].isalpha()


def _hide(found: re.Match[str]) -> str:
    """Keep what a secret is called."""
    return (found["name"] or "") + MASK
