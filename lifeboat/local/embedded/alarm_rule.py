"""Rules of composite alarms: `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
TOKEN = re.compile(
    r'\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?P<name>"[^"]*"|[^)\s]+)\s*\)|(?P<word>\w+|[()]))'
)

# Returns the state of the alarm with that name; None when there is no such alarm.
Lookup = Callable[[str], str | None]


class AlarmRule:
    """A rule, evaluated while it is read: NOT binds closest, then AND, then OR.

    Raises:
        ValueError: The text is not a rule.
    """

    def __init__(self, text: str, state_of: Lookup) -> None:
        self._text, self._state_of, self._position = text.rstrip(), state_of, 0

    def holds(self) -> bool:
        """Tell whether the rule is true now."""
        value = self._any()
        if self._position != len(self._text):
            raise ValueError(f"unexpected text in alarm rule: {self._text[self._position :]}")
        return value

    def _peek(self) -> re.Match[str] | None:
        return TOKEN.match(self._text, self._position)

    def _take(self, word: str) -> bool:
        token = self._peek()
        taken = token is not None and token["word"] == word
        if token and taken:
            self._position = token.end()
        return taken

    def _any(self) -> bool:
        value = self._all()
        while self._take("OR"):
            value = self._all() or value
        return value

    def _all(self) -> bool:
        value = self._one()
        while self._take("AND"):
            value = self._one() and value
        return value

    def _one(self) -> bool:
        if self._take("NOT"):
            return not self._one()
        if self._take("("):
            value = self._any()
            if not self._take(")"):
                raise ValueError("a parenthesis is not closed in the alarm rule")
            return value
        if self._take("TRUE"):
            return True
        if self._take("FALSE"):
            return False
        token = self._peek()
        if token is None or not token["state"]:
            raise ValueError(f"expected an alarm state in the alarm rule: {self._text[self._position :]}")
        self._position = token.end()
        name = token["name"].strip('"').rsplit(":alarm:", 1)[-1]
        return self._state_of(name) == token["state"]
