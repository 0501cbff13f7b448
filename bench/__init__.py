"""Measures, printed as tables: `make bench`. Ratios are of one run on the same pages."""
