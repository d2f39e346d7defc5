"""Compressed files."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile


def uncompress_file(input_file_name: str, file_extension: str, dest_dir: str) -> str:
    """Write the content of a `.gz` or `.bz2` file to a new file in a folder; return its path."""
    import bz2
    import gzip

    opener = {".gz": gzip.open, ".bz2": bz2.open}.get(file_extension.lower())
    if opener is None:
        raise NotImplementedError(
            f"Received {file_extension} format. Only gz and bz2 files can be uncompressed."
        )
    with opener(input_file_name) as source, NamedTemporaryFile(
        dir=Path(dest_dir), delete=False
    ) as target:
        shutil.copyfileobj(source, target)
    return target.name
