"""Both checkpointers keep LangGraph's contract: its own suite of tests runs over them.

Of its three extended capabilities we add none. `prune` has to know which checkpoints end an
exchange, and `copy_history` copies up to a checkpoint of the user's choice, so both are functions
of their own; no checkpoint bears the id of a LangGraph run, so there is nothing to delete by one.
PostgreSQL's checkpointer comes with LangGraph's own `aprune`, which is tested with the rest.
"""

from collections.abc import AsyncGenerator

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import checkpointer_test, validate
from sqlalchemy import URL

from magnet.checkpoints import open_checkpointer
from magnet.store import open_store

BASE = {"put", "put_writes", "get_tuple", "list", "delete_thread"}


async def test_savers_pass_the_tests_of_langgraph(url: URL):
    @checkpointer_test(name=url.get_backend_name())
    async def saver() -> AsyncGenerator[BaseCheckpointSaver[str]]:
        async with open_store(url) as store, open_checkpointer(store.url, store.writer) as opened:
            yield opened

    report = await validate(saver)
    provided = {name: result for name, result in report.results.items() if result.detected}
    assert provided.keys() >= BASE
    assert {name: result.failures for name, result in provided.items() if result.failures} == {}
    assert all(result.passed and result.tests_passed for result in provided.values())
