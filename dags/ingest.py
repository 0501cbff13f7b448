"""Ingests what one publisher published within a data interval.

`discover → fetch → extract → validate → publish`, and beside it `account`

Each run is a batch: one source, one interval. A new publisher needs only a file in `include/sources`. A backfill is the
same code with older intervals:

    airflow backfill create --dag-id ingest_dwn --from-date 2016-08-01 --to-date 2016-09-01

A repeated run first uses the pages that it has, so it can only add. With `{"replay": true}` as its configuration it
rebuilds the batch from its captures and asks no server. `extract` is mapped over chunks of some 250 pages; the batch of
a day is one. One run at a time asks the publisher: `discover` and `fetch`
take the one slot of the pool `publisher_<slug>`. Nothing is published of a batch that `validate` refuses; the log
states the reasons. `publish` names the months that it touched, and `curate` rebuilds them. `account` announces the
outcome of every page; its link Quality leads to the results of the checks.
"""

from klartext.sources import load_usable
from klartext_airflow.ingest import ingest_dag

sources, _ = load_usable()  # the DAG file source_files.py reports the others

for source in sources.values():
    ingest_dag(source, __doc__)
