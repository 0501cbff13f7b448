"""Imports the pages of a WARC file, whichever crawler captured them.

`split → extract → validate → publish → verdict`

Pages of hosts that a source file names are read with that source's rules. All others are stored under their registered
domain (`source=faz.net`) and read with the generic rules. Each source's part of the file is a batch of its own. A batch
that is refused does not hold up the others, but makes the run fail after they are published.
"""

from klartext_airflow.import_warc import import_warc_dag

import_warc_dag(__doc__)
