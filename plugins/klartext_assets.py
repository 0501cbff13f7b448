"""What the DAGs tell each other about: publishing says what changed, curating listens."""

from __future__ import annotations

from airflow.sdk import Asset

ARTICLES = Asset("klartext://articles")
"""The table of articles. Its partitions are named ``slug|YYYY-MM``: the source and the month of first publication."""
