"""How a call is repeated: growing, jittered pauses up to a ceiling, until patience runs out. What failed is said without what was sent."""

import logging
from collections.abc import Callable, Iterator

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from exports.push.settings import PushSettings

LONGEST_PAUSE_SECONDS = 20.0
_logger = logging.getLogger(__name__)


def attempts(may_try_again: Callable[[Exception], bool | float], settings: PushSettings) -> Iterator[stamina.Attempt]:
    """The attempts at one call, each a context manager; ``may_try_again`` says whether a failure may pass, or in how many seconds."""
    # Stamina's own hook would log the arguments of the call, which hold records.
    set_on_retry_hooks([_say_only_what_failed])
    return iter(
        stamina.retry_context(
            on=may_try_again,
            attempts=None,
            timeout=settings.patience_seconds,
            wait_initial=settings.first_pause_seconds,
            wait_max=LONGEST_PAUSE_SECONDS,
            wait_jitter=settings.first_pause_seconds * 2,
        )
    )


def _say_only_what_failed(details: RetryDetails) -> None:
    _logger.info("push: a call failed (%s), try %d, next in %.1f s", type(details.caused_by).__name__, details.retry_num, details.wait_for)
