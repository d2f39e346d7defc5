"""AirflowBaseView, the class of views of packages; none is served here."""

from __future__ import annotations

from typing import Any

try:
    from flask_appbuilder import BaseView
except ImportError:
    BaseView = object


class AirflowBaseView(BaseView):  # type: ignore[misc, valid-type]
    """A page of the web interface."""

    extra_args: dict[str, Any] = {}
