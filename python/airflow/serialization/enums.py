"""Words of serialized DAGs."""

from __future__ import annotations

from enum import Enum, unique


@unique
class Encoding(str, Enum):
    """Keys of an encoded value."""

    TYPE = "__type"
    VAR = "__var"


class DagAttributeTypes(str, Enum):
    """Types of encoded values."""

    DAG = "dag"
    OP = "operator"
    DATETIME = "datetime"
    TIMEDELTA = "timedelta"
    TIMEZONE = "timezone"
    RELATIVEDELTA = "relativedelta"
    DICT = "dict"
    SET = "set"
    TUPLE = "tuple"
    XCOM_REF = "xcomref"
    DATASET = "dataset"
    PARAM = "param"
    TASK_GROUP = "taskgroup"

    def __str__(self) -> str:
        return self.value
