"""One engine for all stores of a process and its children: each statement is compiled once, not by every child anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event, make_url

from local_store import store
from local_store.dialects import engine_for

_ENGINES: dict[str, Engine] = {}


@contextmanager
def kept_warm() -> Iterator[None]:
    """Let every store that is opened meanwhile, one after another, be opened by the same engine."""

    def one_for_all(url: str) -> Engine:
        kind = make_url(url).get_backend_name()
        engine = _ENGINES.get(kind)
        if engine is None:
            engine = _ENGINES[kind] = engine_for(url)
            event.listen(engine, "do_connect", _to_where_it_leads(engine))
        engine.dispose()
        engine.url = make_url(url)
        return engine

    with patch.object(store, "engine_for", one_for_all):
        yield


def let_go() -> None:
    """Close whatever store is open, so that no child inherits a connection."""
    for engine in _ENGINES.values():
        engine.dispose()


def _to_where_it_leads(engine: Engine) -> Any:  # noqa: ANN401 - a listener
    def connect(dialect: Any, _: object, places: list[Any], named: dict[str, Any]) -> None:  # noqa: ANN401 - SQLAlchemy's
        again, kept = dialect.create_connect_args(engine.url)
        places[:] = again
        named.update(kept)

    return connect
