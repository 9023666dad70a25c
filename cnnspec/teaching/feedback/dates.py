"""Dates as Moodle writes them: `Monday, 16 November 2026, 2:13 PM`, `lundi 16 novembre 2026, 14:13`."""

from __future__ import annotations

import re
from datetime import datetime

MONTHS = (
    ("january", "janvier"),
    ("february", "février"),
    ("march", "mars"),
    ("april", "avril"),
    ("may", "mai"),
    ("june", "juin"),
    ("july", "juillet"),
    ("august", "août"),
    ("september", "septembre"),
    ("october", "octobre"),
    ("november", "novembre"),
    ("december", "décembre"),
)
_NUMBERS = {name: i for i, names in enumerate(MONTHS, 1) for name in names}
_DATE = re.compile(
    r"(?:\w+,?\s+)?(?P<day>\d{1,2})\s+(?P<month>\w+)\s+(?P<year>\d{4}),?\s+"
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?:\s*(?P<half>[AP]M))?",
    re.IGNORECASE,
)
NOON = 12


def read_date(words: str) -> datetime | None:
    """The moment that is written, in the time zone of whoever exported it; None for anything else.

    >>> read_date("lundi 16 novembre 2026, 14:13")
    datetime.datetime(2026, 11, 16, 14, 13)
    """
    found = _DATE.fullmatch(" ".join(words.split()))
    if found is None or found["month"].casefold() not in _NUMBERS:
        return None
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % NOON + (NOON if found["half"].upper() == "PM" else 0)
    try:
        return datetime(  # noqa: DTZ001  (the sheet does not say which zone)
            int(found["year"]), _NUMBERS[found["month"].casefold()], int(found["day"]), hour, int(found["minute"])
        )
    except ValueError:
        return None
