"""SmoothOperator: a task that logs a link to a song."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.models.baseoperator import BaseOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context


class SmoothOperator(BaseOperator):
    """Logs where to listen to Sade's song of this name."""

    ui_color = "#e8f7e4"
    yt_link = "https://www.youtube.com/watch?v=4TYv2PhG89A"

    def execute(self, context: Context) -> None:
        self.log.info("Enjoy Sade - Smooth Operator: %s", self.yt_link)
