"""Trends: from a visit to a circle, by month and country."""

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock
from board.core.http import read_long
from board.core.rendering import country_name
from board.desk.desk_page import desk_page
from board.desk.trends import trends_of
from board.desk.trends_queries import funnels
from board.desk.trends_rules import STEPS, TrendsQuestion, last_months


async def index(request: Request) -> Response:
    """The year's months, the period's funnel and its countries."""
    months = last_months(clock.now())
    asked = TrendsQuestion.read(request.query_params, months)
    cells = await read_long(request, funnels, months)
    countries = {cell.country for cell in cells if cell.country} | {asked.country}
    values = {
        "trends": trends_of(cells, months, asked),
        "steps": STEPS,
        "countries": sorted(filter(None, countries), key=country_name),
    }
    return await desk_page(request, "desk/trends.html", values)
