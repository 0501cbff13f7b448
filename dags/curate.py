"""Rebuilds the current view of a month of a source: `lake/articles/source=…/month=…/articles.parquet`.

Runs whenever a publishing task names a partition, `slug|YYYY-MM`; several events of one partition are folded into one
run. The result depends only on what is published, so running it again changes nothing. To rebuild a month by hand,
trigger it with that partition key. When the month is rebuilt, an event of `klartext://articles` with the same key
announces it, with the number of its rows and the verdict on the batches that caused the rebuild.

Several months may be rebuilt at once, and even one month twice: a rebuild starts again if another batch was published
meanwhile, so an older view never replaces a newer one.
"""

from klartext_airflow.curate import curate_dag

curate_dag(__doc__)
