"""Texts that others wrote, made harmless: names and values may hold control characters, Markdown and HTML."""

from __future__ import annotations

import re
import unicodedata

DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Control characters, among them those that reorder a line (https://trojansource.codes), and line separators."""
_PLAIN = re.compile(r"[\x20-\x7e]*\Z")
_RUNS = re.compile(r"`+")
JOINER = "\N{WORD JOINER}"
_LINKS = re.compile(r"@|#(?=\d)|:(?=//)|www(?=\.)|(?i:GH-)(?=\d)")
_MARKUP = re.compile(r"[\\`*\[\]#|~$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|^[-+]|(?<=^\d)[.)]")


def visible(text: str, *, lines: bool = False) -> str:
    r"""Return a text in which every character can be seen: `\x1b` for an escape, `\u202e` for a reversal.

    Args:
        text: The text.
        lines: Whether it may have several lines and tabs. Absent: those are written as `\n` and `\t`, too.
    """
    if _PLAIN.match(text):
        return text
    kept = "\n\t" if lines else ""
    return "".join(
        each
        if each in kept or unicodedata.category(each) not in DANGEROUS
        else each.encode("unicode_escape", "backslashreplace").decode("ascii")
        for each in text
    )


def short(text: str, most: int) -> str:
    """Return at most so many characters; what is left out is told."""
    return text if len(text) <= most else f"{text[: most - 1]}… ({len(text)} characters)"


def code(text: str) -> str:
    """Return a text as Markdown code within a line: nothing in it is markup, a link or a mention."""
    text = visible(text) or " "
    fence = "`" * (longest_run(text) + 1)
    space = " " if text.startswith("`") or text.endswith("`") or text.isspace() else ""
    return f"{fence}{space}{text}{space}{fence}"


def cell(text: str) -> str:
    """Return a text as Markdown code within a cell of a table."""
    return code(text).replace("|", "\\|")


def fenced(text: str, language: str = "") -> str:
    """Return a text as a Markdown block that nothing in it can end."""
    fence = "`" * max(3, longest_run(text) + 1)
    return f"{fence}{language}\n{visible(text, lines=True)}\n{fence}"


def prose(text: str) -> str:
    """Return a sentence with nothing in it that Markdown, HTML or GitHub would act on.

    GitHub looks for mentions, numbers of issues and addresses in what Markdown has become, where no escape is left: an
    invisible joiner takes them apart.
    """
    escaped = _MARKUP.sub(r"\\\g<0>", visible(text))
    return _LINKS.sub(lambda found: found[0] + JOINER, html_text(escaped))


def html_text(text: str) -> str:
    """Return a text with nothing in it that HTML acts on."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def longest_run(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(run) for run in _RUNS.findall(text)), default=0)
