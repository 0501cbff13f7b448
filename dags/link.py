"""Finds articles that share text, across sources: the tables `shared_text` and `keep`, a file each for every month.

Events of `klartext://articles` start it. One run takes all months of all sources that were rebuilt since the run
before; its partition is `*`. It computes the shingles of these months, and then the shared text of each month and of
the month after, because a month follows from the articles of itself and of the month before. To compute everything that
is out of date by hand, trigger it with the partition `*`; a month of a source with `slug|YYYY-MM`.

The result depends only on `articles`, so running it again changes nothing. An event of `klartext://shared_text` with
the partition `YYYY-MM` announces each computed month. A month that fails does not hold up the others: it is tried again
by a task of its own. `klartext link` does the same without Airflow.
"""

from klartext_airflow.link import link_dag

link_dag(__doc__)
