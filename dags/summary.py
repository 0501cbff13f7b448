"""Keeps a small summary of the lake: `summary.duckdb`, the table `daily`, a row for each source and day.

An example of a consumer. Events of `klartext://articles` start it, one run for all months of a source that were
rebuilt since the run before, and it reads these months alone. A month's rows are replaced in one transaction, so it
may run at any time, again and in any order. DuckDB lets one process write, so one run at a time is active.

    duckdb data/summary.duckdb "FROM daily ORDER BY ALL"

The file is in the lake's root, or where `KLARTEXT_SUMMARY` says, on a disk that all workers reach. In an object store a
run copies the file, changes the copy and puts it back, provided that no other run has replaced the file meanwhile.
"""

from klartext_airflow.summary import summary_dag

summary_dag(__doc__)
