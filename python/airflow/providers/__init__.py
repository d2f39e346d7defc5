"""Provider packages: those that are installed, then Beeflow's own small ones.

An installed package comes first, because it has all that ours of the same name lacks.
"""

from __future__ import annotations

from pkgutil import extend_path

_OWN = list(__path__)
__path__ = [path for path in extend_path(__path__, __name__) if path not in _OWN] + _OWN
