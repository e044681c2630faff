"""Asking an endpoint in a way that it takes: found out once, then held for all calls."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx
import openai
from langchain_core.exceptions import ContextOverflowError

from magnet.models.adapting import BROKEN, REFUSALS, Adaptation, alternatives
from magnet.models.filtered import is_filtered
from magnet.state.errors import MagnetError

Post = Callable[[Mapping[str, Any]], Awaitable[httpx.Response]]
_MOST_CHANGES = 8
"""Changes in a row after which a request is refused for something else."""

log = logging.getLogger(__name__)


class Adapting:
    """How the endpoint of one model is asked, as far as its refusals have told.

    Args:
        provider: Its name, for what is said of a change.
        begin: How it is asked to begin with.
    """

    def __init__(self, provider: str, begin: Adaptation | None = None) -> None:
        self.provider = provider
        self.now = begin or Adaptation()
        self._finding = asyncio.Lock()
        self._searched_blindly = False

    async def ask(self, post: Post, body: Mapping[str, Any]) -> httpx.Response:
        """Make a request, in other ways where it is refused for what it holds.

        Args:
            post: Posts a request; raises `openai.APIStatusError` where it is refused.
            body: The request.

        Raises:
            ContextOverflowError: The prompt does not fit.
            openai.OpenAIError: The endpoint does not answer, or takes the request in no way.
        """
        asked = self.now
        try:
            return await post(asked.applied(body))
        except openai.APIStatusError as error:
            if not _of_its_form(error):
                raise
            refusal = error
        # One call finds out; the others that were refused meanwhile go the same way.
        async with self._finding:
            if self.now != asked:
                try:
                    return await post(self.now.applied(body))
                except openai.APIStatusError as error:
                    if not _of_its_form(error):
                        raise
                    refusal = error
            return await self._find(post, body, refusal)

    async def _find(
        self, post: Post, body: Mapping[str, Any], refusal: openai.APIStatusError
    ) -> httpx.Response:
        first, now = refusal, self.now
        for _ in range(_MOST_CHANGES):
            response, now, refused = await self._try_all(post, body, now, refusal)
            if response is not None:
                if now != self.now:
                    log.warning("%s", now.said(self.now, self.provider))
                self.now = now
                return response
            if refused is refusal:
                break
            refusal = refused
        raise first

    async def _try_all(
        self,
        post: Post,
        body: Mapping[str, Any],
        now: Adaptation,
        refusal: openai.APIStatusError,
    ) -> tuple[httpx.Response | None, Adaptation, openai.APIStatusError]:
        """Try the other ways; one that is refused for something else is gone on from."""
        for way, named in alternatives(now, body, refusal.message):
            if not named:
                if self._searched_blindly or refusal.status_code not in REFUSALS:
                    break
                # What names nothing may have been a matter of the moment: the same once more.
                self._searched_blindly = True
                ways = [now, *(one for one, of_it in alternatives(now, body, "") if not of_it)]
                return await self._try_blindly(post, body, ways, refusal)
            try:
                return await post(way.applied(body)), way, refusal
            except openai.APIStatusError as error:
                if not _of_its_form(error):
                    raise
                if error.message != refusal.message:
                    return None, way, error
        return None, now, refusal

    async def _try_blindly(
        self,
        post: Post,
        body: Mapping[str, Any],
        ways: Sequence[Adaptation],
        refusal: openai.APIStatusError,
    ) -> tuple[httpx.Response | None, Adaptation, openai.APIStatusError]:
        now = ways[0]
        for way in ways:
            try:
                response = await post(way.applied(body))
            except openai.APIStatusError as error:
                if not _of_its_form(error):
                    raise
                continue
            if way != now and await self._takes(post, body, now):
                way = now
            return response, way, refusal
        return None, now, refusal

    async def _takes(self, post: Post, body: Mapping[str, Any], way: Adaptation) -> bool:
        """Return whether a way works by now after all: then the refusals were of the moment."""
        try:
            await post(way.applied(body))
        except (openai.OpenAIError, ContextOverflowError, MagnetError):
            return False
        return True


def _of_its_form(error: openai.APIStatusError) -> bool:
    """Return whether a request may have been refused for its form, not for what it tells of."""
    return error.status_code in REFUSALS | BROKEN and not is_filtered(error.message)
