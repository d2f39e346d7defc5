"""The strategy of the example DAG for weights: the more tries, the lower the weight."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin
from airflow.task.priority_strategy import PriorityWeightStrategy


class DecreasingPriorityStrategy(PriorityWeightStrategy):
    """Three, and one less for each try."""

    def get_weight(self, ti: Any) -> int:
        """Return the weight of a task instance."""
        return max(3 - ti.try_number + 1, 1)


class DecreasingPriorityWeightStrategyPlugin(AirflowPlugin):
    """Registers the strategy."""

    name = "decreasing_priority_weight_strategy_plugin"
    priority_weight_strategies = [DecreasingPriorityStrategy]
