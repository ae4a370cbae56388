"""Demo: an invented world for looking at and for tests, made by the ordinary actions."""

from board.demo.jobs import fill_demo

__all__ = ["fill_demo"]
