"""How an invented year goes by: when votes come in, and at which hour people speak. Pure."""

import math
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from board.demo.forms import Shape

_EVENING: Final = time(21, 30)
_MORNING: Final = time(8, 30)
_AWAKE: Final = timedelta(hours=13)
_JUST_NOW: Final = timedelta(hours=2)
_CROWDED: Final = 2.2


def days_ago(chance: Random, shape: Shape, asked: float, peak: float) -> float:
    """On which day, counted back, one more vote comes in; never before the day of asking.

    "rising" crowds the present, "fading" the beginning, "burst" the days around its peak.
    """
    if shape == "burst" and chance.random() < 0.6:
        return min(asked, max(0.0, chance.gauss(peak, 1.5)))
    if shape == "rising":
        return asked * math.pow(chance.random(), _CROWDED)
    if shape == "fading":
        return asked * (1 - math.pow(chance.random(), _CROWDED))
    return asked * chance.random()


def moment(now: datetime, days: float, zone: str) -> datetime:
    """The moment so many days before now, at an hour when people there are awake.

    The day's fraction runs backwards from evening to morning, so that more days are always
    earlier, and nothing lies in the future.
    """
    here = now.astimezone(ZoneInfo(zone))
    whole, part = int(days), days % 1
    if whole == 0:
        morning = datetime.combine(here.date(), _MORNING, here.tzinfo)
        since = min(morning, here - _JUST_NOW)
        return (now - part * (here - since)).astimezone(UTC)
    evening = datetime.combine(here.date() - timedelta(days=whole), _EVENING, here.tzinfo)
    return (evening - part * _AWAKE).astimezone(UTC)
