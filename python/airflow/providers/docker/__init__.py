"""Docker: images are run by the container engine that Beeflow uses."""

from __future__ import annotations

# Only the most used modules of the provider package of this name.
PART_OF_BEEFLOW = True
