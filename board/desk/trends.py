"""The trends page: months and countries added up, and drawn. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from board.core.rendering import country_name, month_name
from board.desk.trends_queries import Cell
from board.desk.trends_rules import STEPS, Funnel, Month, TrendsQuestion, together
from board.drawing.bars import Chart, chart


class CountryLine(NamedTuple):
    """One country of the period that is looked at; "" is where no country is known."""

    country: str
    funnel: Funnel


class Trends(NamedTuple):
    """What the page shows: the funnel of the period, its countries, the year by months."""

    asked: TrendsQuestion
    months: Sequence[Month]
    funnel: Funnel
    countries: list[CountryLine]
    by_month: list[Funnel]
    charts: list[tuple[str, Chart]]

    @property
    def most(self) -> int:
        """The longest bar of the funnel."""
        return max(1, *self.funnel)


def trends_of(
    cells: Mapping[Cell, Funnel], months: Sequence[Month], asked: TrendsQuestion
) -> Trends:
    """Add up what was counted for what was asked: the country filters months and funnel, the
    month filters countries and funnel."""
    chosen = [n for n, month in enumerate(months) if asked.month in ("", month.code)]
    here = [cell for cell in cells if asked.country in ("", cell.country)]
    by_month = [
        together(cells[cell] for cell in here if cell.month == n) for n in range(len(months))
    ]
    by_country: dict[str, Funnel] = {}
    for cell, funnel in cells.items():
        if cell.month in chosen:
            before = by_country.get(cell.country, Funnel())
            by_country[cell.country] = before.plus(funnel)
    lines = [CountryLine(country, funnel) for country, funnel in by_country.items()]
    lines.sort(
        key=lambda line: (-line.funnel.confirmed, -line.funnel.visits, country_name(line.country))
    )
    names = [month_name(month.day) for month in months]
    charts = [
        (step, chart(names, [getattr(funnel, step) for funnel in by_month])) for step in STEPS
    ]
    return Trends(
        asked=asked,
        months=months,
        funnel=together(by_month[n] for n in chosen),
        countries=lines,
        by_month=by_month,
        charts=charts,
    )
