"""Masks secrets in what tasks print and log.

Passwords of connections and values with sensitive names become known here when they are read. As
long as none is known nothing is wrapped and nothing is searched: output costs what it always costs.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO, TypeVar

DEFAULT_SENSITIVE_FIELDS = frozenset(
    {
        "access_token",
        "api_key",
        "apikey",
        "authorization",
        "passphrase",
        "passwd",
        "password",
        "private_key",
        "secret",
        "token",
        "keyfile_dict",
        "service_account",
    }
)
MASK = "***"
# What is masked, and what it is then.
Redactable = TypeVar("Redactable")
Redacted = Any
_MAX_DEPTH = 5
_PLAIN_RECORD = frozenset(vars(logging.makeLogRecord({})))


def get_sensitive_variables_fields() -> frozenset[str]:
    """Return the words that make a name sensitive: the defaults and `[core]` ones."""
    from airflow.configuration import conf

    more = conf.get("core", "sensitive_var_conn_names", "") or ""
    return DEFAULT_SENSITIVE_FIELDS | {word.strip() for word in more.split(",") if word.strip()}


def should_hide_value_for_key(name: Any) -> bool:
    """Tell whether a value of this name (a key of a dict, say) is to be hidden."""
    from airflow.configuration import conf

    if not isinstance(name, str) or not name:
        return False
    if not conf.getboolean("core", "hide_sensitive_var_conn_fields", True):
        return False
    name = name.strip().lower()
    return any(word in name for word in get_sensitive_variables_fields())


class SecretsMasker(logging.Filter):
    """Knows the secrets of this process; as a filter of a log handler it masks them in records."""

    def __init__(self) -> None:
        super().__init__()
        self.patterns: set[str] = set()
        self.replacer: re.Pattern[str] | None = None
        self._wraps_streams = False
        self.tell: Callable[[list[str]], None] | None = None  # hears of each new secret

    def add_mask(self, secret: Any, name: str | None = None) -> None:
        """Mask `secret` from now on; of a dict, the values whose names are sensitive."""
        if isinstance(secret, Mapping):
            for key, value in secret.items():
                self.add_mask(value, key)
        elif isinstance(secret, str):
            if secret and (not name or should_hide_value_for_key(name)):
                self._add_text(secret)
        elif isinstance(secret, Iterable):
            for value in secret:
                self.add_mask(value, name)

    def _add_text(self, secret: str) -> None:
        # A value that is printed inside a repr or JSON is escaped there.
        forms = {secret, repr(secret)[1:-1]}
        if forms <= self.patterns:
            return
        new = sorted(forms - self.patterns)
        self.patterns |= forms
        longest_first = sorted(self.patterns, key=len, reverse=True)
        self.replacer = re.compile("|".join(map(re.escape, longest_first)))
        self._wrap_streams()
        if self.tell is not None:
            self.tell(new)

    def reset(self) -> None:
        """Forget all secrets."""
        self.patterns.clear()
        self.replacer = None

    def mask_text(self, text: str) -> str:
        """Return `text` with every known secret replaced."""
        return text if self.replacer is None else self.replacer.sub(MASK, text)

    def redact(self, item: Any, name: str | None = None, max_depth: int | None = None) -> Any:
        """Return `item` with known secrets, and all below sensitive names, replaced."""
        return self._redact(item, name, 0, _MAX_DEPTH if max_depth is None else max_depth)

    def _redact(self, item: Any, name: str | None, depth: int, max_depth: int) -> Any:
        if depth > max_depth:
            return item
        if name and should_hide_value_for_key(name):
            return self._redact_all(item, depth, max_depth)
        if isinstance(item, str):
            return self.mask_text(item)
        if isinstance(item, dict):
            return {k: self._redact(v, k, depth + 1, max_depth) for k, v in item.items()}
        if isinstance(item, (list, tuple, set)) and not hasattr(item, "_fields"):
            return type(item)([self._redact(v, None, depth + 1, max_depth) for v in item])
        return item

    def _redact_all(self, item: Any, depth: int, max_depth: int) -> Any:
        if depth > max_depth or isinstance(item, str):
            return MASK
        if isinstance(item, dict):
            return {k: self._redact_all(v, depth + 1, max_depth) for k, v in item.items()}
        if isinstance(item, (list, tuple, set)):
            return type(item)(self._redact_all(v, depth + 1, max_depth) for v in item)
        return item

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask a record: its message, its traceback and what else user code has put there."""
        if self.replacer is None:
            return True
        record.msg, record.args = self.mask_text(record.getMessage()), ()
        if record.exc_info and record.exc_text is None:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.mask_text(record.exc_text)
        for key in vars(record).keys() - _PLAIN_RECORD:
            vars(record)[key] = self.redact(vars(record)[key], key)
        return True

    def install(self, handlers: Iterable[logging.Handler] = ()) -> None:
        """Mask what these handlers log, and what `sys.stdout` and `sys.stderr` print.

        To be called again where the streams were replaced. They are wrapped only once there is
        a secret.
        """
        for handler in handlers:
            handler.addFilter(self)
        self._wraps_streams = True
        self._wrap_streams()

    def _wrap_streams(self) -> None:
        if not self._wraps_streams or self.replacer is None:
            return
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is not None and not isinstance(stream, RedactedIO):
                setattr(sys, name, RedactedIO(stream))


class RedactedIO:
    """A text stream that masks secrets in what is written to it."""

    def __init__(self, target: TextIO | None = None) -> None:
        self._target: Any = sys.stdout if target is None else target

    def write(self, text: str) -> int:
        """Write `text`, masked; return how much of it was written."""
        self._target.write(_masker.mask_text(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write all of `lines`."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def __iter__(self) -> Any:
        return iter(self._target)


_masker = SecretsMasker()


def _secrets_masker() -> SecretsMasker:
    """Return the masker of this process."""
    return _masker


def install(handlers: Iterable[logging.Handler] = ()) -> None:
    """Mask what these handlers log and what the standard streams print; see SecretsMasker."""
    _masker.install(handlers)


def mask_secret(secret: Any, name: str | None = None) -> None:
    """Mask `secret` in output from now on; with a `name`, only if that is a sensitive one."""
    _masker.add_mask(secret, name)


def known_secrets() -> list[str]:
    """Return the texts that are masked in this process."""
    return sorted(_masker.patterns)


def redact(value: Any, name: str | None = None, max_depth: int | None = None) -> Any:
    """Return `value` with known secrets, and all below sensitive names, replaced by `***`."""
    return _masker.redact(value, name, max_depth)


def merge(new_value: Any, old_value: Any, name: str | None = None, max_depth: int = 5) -> Any:
    """Return `new_value` with the `***` of a redacted form put back from `old_value`."""
    if isinstance(new_value, dict) and isinstance(old_value, dict):
        return {k: merge(v, old_value.get(k), k, max_depth) for k, v in new_value.items()}
    return old_value if new_value == MASK and old_value is not None else new_value


def reset_secrets_masker() -> None:
    """Forget all secrets of this process."""
    _masker.reset()
