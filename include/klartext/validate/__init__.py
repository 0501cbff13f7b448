"""The fourth step: staged rows are checked before they can be published.

Row checks send a row to ``rejects`` with the code of every check that it failed; batch checks refuse the whole batch.
Great Expectations carries them out. Importing it takes seconds, so it is imported only when rows are checked.
"""

from klartext.validate.row_checks import Checked, check_rows, read_rows
from klartext.validate.step import BatchRefused, validate_batch

__all__ = ["BatchRefused", "Checked", "check_rows", "read_rows", "validate_batch"]
