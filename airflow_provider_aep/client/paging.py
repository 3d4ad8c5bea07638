"""The pages of a list, one after another, until the last one or a limit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from airflow_provider_aep.api.call import Call, Params
from airflow_provider_aep.client.errors import too_long

log = logging.getLogger(__name__)

# For one list. Pages have 100 items at most, and a sandbox has some thousand resources.
MOST_PAGES = 1_000
MOST_ITEMS = 100_000
# Seconds from the first request to the last page.
MOST_SECONDS = 300.0

SendPage = Callable[[Params], tuple[list[Any], Params | None]]


def read_list(call: Call[Any], send_page: SendPage) -> list[Any]:
    """The items of all pages.

    :param send_page: takes the query of a page, and returns its items and the query of the next one.
    :raises AepApiError: as `send_page`; or the list does not end within the limits.
    """
    ends_at = monotonic() + MOST_SECONDS
    found: list[Any] = []
    page: list[Any] = []
    params = call.params
    asked = [params]
    while True:
        before, (page, following) = page, send_page(params)
        if page and page == before:
            log.warning("%s: the same page came again, and is taken for the end of the list.", call)
            return found
        found += page
        if following is None or following == params or (call.enough and call.enough(page)):
            return found
        if following in asked:
            log.warning("%s: a page leads back to a page that was there before, which is the end of the list.", call)
            return found
        if limit := _limit(len(asked), len(found), ends_at):
            raise too_long(str(call), limit)
        params = following
        asked.append(params)


def _limit(pages: int, items: int, ends_at: float) -> str | None:
    """The limit that the next page would exceed."""
    if pages >= MOST_PAGES:
        return f"{MOST_PAGES} pages"
    if items > MOST_ITEMS:
        return f"{MOST_ITEMS} items"
    return f"{MOST_SECONDS:.0f} s" if monotonic() > ends_at else None
