"""Assets: Airflow 3's name for datasets."""

from __future__ import annotations

from airflow.datasets import (
    Asset,
    AssetAlias,
    AssetAll,
    AssetAny,
    BaseAsset,
    Dataset,
    DatasetAlias,
    DatasetAll,
    DatasetAny,
)

__all__ = [
    "Asset",
    "AssetAlias",
    "AssetAll",
    "AssetAny",
    "BaseAsset",
    "Dataset",
    "DatasetAlias",
    "DatasetAll",
    "DatasetAny",
]
