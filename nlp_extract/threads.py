"""One thread for numpy's matrix products while a component runs.

Its matrices are small: a second thread gains nothing, and on a busy machine the two wait for each other.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from typing import Any

import threadpoolctl

_limiting = threading.Lock()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS to one thread; what the caller had set is there again afterwards, whatever other threads do."""
    # The setting is the process's: whoever comes second would take the first one's limit for the caller's.
    if not _limiting.acquire(blocking=False):
        yield
        return
    try:
        with _libraries().limit(limits=1):
            yield
    finally:
        _limiting.release()


@functools.cache
def _libraries() -> Any:
    # Finding them takes milliseconds, limiting them microseconds.
    return threadpoolctl.ThreadpoolController().select(user_api="blas")
