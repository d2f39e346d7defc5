"""A function of the example DAGs for Kubernetes."""

from __future__ import annotations


def print_stuff() -> None:
    """Print that the example ran."""
    print("annotated!")
