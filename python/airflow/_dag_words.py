"""Whether a file can be a DAG file, without importing it."""

from __future__ import annotations

_WORDS = (b"dag", b"airflow")


def has_dag_words(path: str) -> bool:
    """Tell whether a file has the words that every DAG file has."""
    with open(path, "rb") as file:
        text = file.read().lower()
    return all(word in text for word in _WORDS)
