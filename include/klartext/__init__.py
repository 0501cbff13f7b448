"""Klartext: clean news articles from publishers' pages."""

__version__ = "0.1.0"
