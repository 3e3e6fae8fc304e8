"""
The time that a page waits for the Trove.

During a request, a call runs in a thread of its own, and the page waits for it until
`PAGE_DEADLINE` is spent. The call continues after that, so that its response is cached for the next
page. Outside of requests, in scripts and tasks, a call runs in the current thread and can take
`DEADLINE`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

from django.db import connections

from ..client import Call, TimedOut, Unavailable
from ..conf import conf
from ..signals import send_call_made

T = TypeVar("T")

MAX_ABANDONED_CALLS = 10
"""The number of calls per process that may continue without a page that waits for them."""

MAX_CALLS_OF_ACCOUNT = 3
"""The number of these calls that one account may have. Further ones do not count for others."""

MAX_WAIT_SECONDS = 0.5
"""Seconds that a page waits for a call if it can be rendered without the response."""


class CallPending(TimedOut):
    """
    The call has not finished, and the page does not wait any longer.
    """

    def __init__(self, detail: str, call: RunningCall) -> None:
        super().__init__(detail)
        self._call = call

    def when_done(self, function: Callable[[Future[Any]], object]) -> None:
        """
        Call a function with the result, in the thread of the call.
        """
        self._call.when_done(function)


class PageBudget:
    """
    The seconds that one page can wait for the Trove, for all its calls together.
    """

    def __init__(self) -> None:
        self._spent = 0.0

    @property
    def remaining(self) -> float:
        return max(0.0, conf.page_deadline - self._spent)

    @contextmanager
    def spend(self) -> Iterator[float]:
        """
        Count the time inside the context.

        :returns: the remaining seconds.
        """
        started_at = time.monotonic()
        try:
            yield self.remaining
        finally:
            self._spent += time.monotonic() - started_at


WATCH_INTERVAL = 0.2
"""Seconds between two checks whether to stop waiting."""

current_budget: ContextVar[PageBudget | None] = ContextVar("current_budget", default=None)
observed_calls: ContextVar[list[Call] | None] = ContextVar("observed_calls", default=None)


@contextmanager
def page_scope() -> Iterator[None]:
    """
    Limit the calls inside the context, unless they are limited already.
    """
    token = current_budget.set(current_budget.get() or PageBudget())
    try:
        yield
    finally:
        current_budget.reset(token)


def start_page(**kwargs: Any) -> None:
    """
    Receiver of `request_started`. ASGI handlers send it in another context: there, the middleware
    sets the budget.
    """
    current_budget.set(PageBudget())


def end_page(**kwargs: Any) -> None:
    """
    Receiver of `request_finished`.
    """
    current_budget.set(None)


def remaining_seconds() -> float:
    """
    Return the seconds that a call can take in the current thread.
    """
    budget = current_budget.get()
    return min(conf.deadline, budget.remaining) if budget else conf.deadline


def observe_call(call: Call) -> None:
    """
    Send `call_made`, or collect it to be sent in the thread of the page: a receiver may use the
    database.
    """
    calls = observed_calls.get()
    if calls is None:
        send_call_made(call)
    else:
        calls.append(call)


def check_capacity(account: str = "") -> None:
    """
    :param account: identifies the account of the call.
    :raises Unavailable: if the page cannot wait for a call, or must not start one.
    """
    budget = current_budget.get()
    if budget is None:
        return
    if budget.remaining == 0:
        raise TimedOut(f"The page has waited for {conf.page_deadline:g} seconds (PAGE_DEADLINE).")
    abandoned = _threads.count_by_account(older_than=conf.page_deadline)
    counts = (min(count, MAX_CALLS_OF_ACCOUNT) for count in abandoned.values())
    if abandoned[account] >= MAX_CALLS_OF_ACCOUNT or sum(counts) >= MAX_ABANDONED_CALLS:
        raise Unavailable("Too many requests to the Trove are waiting for a response.")


def pause(seconds: float) -> None:
    budget = current_budget.get()
    with budget.spend() if budget else nullcontext():
        time.sleep(seconds)


def run_call(
    call: Callable[[], T],
    *,
    account: str = "",
    patient: bool = True,
    should_stop: Callable[[float], bool] | None = None,
) -> T:
    """
    Return the result of a call.

    :param call: must not use the database, because it may run in another thread.
    :param account: identifies the account of the call.
    :param patient: whether to wait until the budget is spent, or for a short time only.
    :param should_stop: is called regularly with the seconds since the start of the call.
    :raises CallPending: if the page stops waiting before the call has finished.
    :raises TroveError: if the call fails, or `check_capacity` does.
    """
    budget = current_budget.get()
    if budget is None:
        return call()
    check_capacity(account)
    running = _threads.start(call, account)
    with budget.spend() as remaining:
        seconds = remaining if patient else min(remaining, _threads.max_wait)
        finished = running.wait(seconds, should_stop)
    if not finished:
        waited = time.monotonic() - running.started_at
        raise CallPending(f"The Trove did not respond within {waited:.1f} seconds.", running)
    result: T = running.get_result()
    return result


class RunningCall:
    """
    A call in a thread.
    """

    def __init__(self, call: Callable[[], Any], account: str) -> None:
        self.started_at = time.monotonic()
        self.account = account
        self._call = call
        self._future: Future[Any] = Future()
        self._observed: list[Call] = []

    def run(self) -> None:
        current_budget.set(None)
        observed_calls.set(self._observed)
        try:
            result = self._call()
        except BaseException as error:
            self._future.set_exception(error)
        else:
            self._future.set_result(result)

    def wait(self, seconds: float, should_stop: Callable[[float], bool] | None) -> bool:
        """
        Return whether the call has finished.
        """
        ends_at = self.started_at + seconds
        while True:
            remaining = ends_at - time.monotonic()
            if wait([self._future], max(0, min(WATCH_INTERVAL, remaining))).done:
                return True
            now = time.monotonic()
            if now >= ends_at or (should_stop and should_stop(now - self.started_at)):
                return False

    def get_result(self) -> Any:
        self._send_observed()
        return self._future.result()

    def when_done(self, function: Callable[[Future[Any]], object]) -> None:
        def finish(future: Future[Any]) -> None:
            self._send_observed()
            function(future)

        self._future.add_done_callback(finish)

    def _send_observed(self) -> None:
        for call in self._observed:
            send_call_made(call)


class CallThreads:
    """
    The running calls of this process.
    """

    def __init__(self) -> None:
        self._calls: dict[threading.Thread, RunningCall] = {}

    def count_by_account(self, older_than: float) -> Counter[str]:
        latest = time.monotonic() - older_than
        calls = list(self._calls.values())
        return Counter(call.account for call in calls if call.started_at < latest)

    @property
    def max_wait(self) -> float:
        """
        The seconds to wait for a call whose response is not required. 0 if another call of this
        process has been waiting for longer: then the Trove is probably not responding.
        """
        return 0 if self.count_by_account(older_than=MAX_WAIT_SECONDS) else MAX_WAIT_SECONDS

    def start(self, call: Callable[[], Any], account: str) -> RunningCall:
        """
        :raises Unavailable: if the system allows no further thread.
        """
        running, context = RunningCall(call, account), copy_context()
        thread = threading.Thread(
            target=context.run, args=(self._run, running), name="django_trove call", daemon=True
        )
        self._calls[thread] = running
        try:
            thread.start()
        except RuntimeError:
            del self._calls[thread]
            raise Unavailable("No thread could be started for the request.") from None
        return running

    def _run(self, running: RunningCall) -> None:
        try:
            running.run()
        finally:
            del self._calls[threading.current_thread()]
            connections.close_all()  # a late response is stored in this thread


_threads = CallThreads()
