"""Assets under their path in Airflow 3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow.datasets import Asset, AssetAlias, AssetAll, AssetAny, BaseAsset, Dataset

__all__ = [
    "Asset",
    "AssetAlias",
    "AssetAll",
    "AssetAny",
    "AssetWatcher",
    "BaseAsset",
    "Dataset",
    "asset",
]


@dataclass
class AssetWatcher:
    """A trigger whose events update an asset; kept as data."""

    name: str
    trigger: Any


def __getattr__(name: str) -> Any:
    if name != "asset":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from airflow.sdk.definitions.asset.decorators import asset

    return asset
