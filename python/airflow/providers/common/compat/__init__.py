"""Names that files use to run on Airflow 2 and 3 alike."""

from __future__ import annotations

# Only the most used modules of the provider package of this name.
PART_OF_BEEFLOW = True
