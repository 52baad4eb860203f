"""A raw client of the sandbox: it builds each request by hand, so that a test can build it wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Self

import httpx

from sandbox.cipher import KeyPair, hmac_sm3, sm3
from sandbox.serve import Sandbox
from sandbox.wire import Json


class NationalClient:
    """Speaks to the national platform; ``token`` is "" until ``log_in``."""

    def __init__(self, sandbox: Sandbox, timeout_seconds: float = 5) -> None:
        self.sandbox = sandbox
        self.secrets = sandbox.secrets["national"]
        self.request_key = KeyPair(self.secrets["request_key"], self.secrets["request_iv"])
        self.response_key = KeyPair(self.secrets["response_key"], self.secrets["response_iv"])
        self.token = ""
        self._http = httpx.Client(trust_env=False, timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def post(self, method: str, form: dict[str, str]) -> httpx.Response:
        url = f"{self.sandbox.national_url}/webapi/{method}/query"
        return self._http.post(url, data=form, headers={"token": self.token})

    def call(self, method: str, payload: dict[str, Any]) -> httpx.Response:
        return self.post(method, {"bean": json.dumps({"encryData": self.request_key.seal(json.dumps(payload))})})

    def log_in(self, **changes: Json) -> httpx.Response:
        stamp = changes.get("timestamp", self.sandbox.national.clock.milliseconds())
        sign = hmac_sm3(self.secrets["app_secret"].encode(), f"demo\n{stamp}".encode())
        answer = self.call("login", {"appId": "demo", "timestamp": stamp, "sign": sign, **changes})
        if answer.status_code == 200 and answer.content[:1] == b"{" and answer.json()["data"]:
            self.token = answer.json()["data"]["token"]
        return answer

    def hours(self, team: str, page: int = 1, **changes: Json) -> httpx.Response:
        payload = {
            "pageNum": page,
            "pageSize": 100,
            "albx0177": team,
            "updateStart": "",
            "updateEnd": "",
            "albx0174": "",
        }
        return self.call("listServiceTimes", {**payload, **changes})

    def all_hours(self, team: str, **changes: Json) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        page = 1
        while fetched := rows_of(self.hours(team, page, **changes)):
            rows += fetched
            page += 1
        return rows


class GuangxiClient:
    """Speaks to the Guangxi platform; ``token`` is None until ``log_in``."""

    def __init__(self, sandbox: Sandbox, timeout_seconds: float = 5) -> None:
        self.sandbox = sandbox
        self.secrets = sandbox.secrets["guangxi"]
        self.data_key = KeyPair(self.secrets["data_key"], self.secrets["data_iv"])
        self.token: str | None = None
        self._http = httpx.Client(trust_env=False, timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def form(self, interface: str, content: dict[str, Any]) -> dict[str, str]:
        return self.sign(
            {
                "app_id": "demo",
                "interface_id": interface,
                "version": "1.0",
                "charset": "UTF-8",
                "origin": "1",
                "timestamp": str(self.sandbox.guangxi.clock.milliseconds()),
                "biz_content": json.dumps(content, ensure_ascii=False),
                "header": json.dumps({"accessToken": self.token} if self.token else {}),
            }
        )

    def sign(self, form: dict[str, str]) -> dict[str, str]:
        signed = "&".join(f"{name}={form[name]}" for name in sorted(form) if name not in {"header", "sign"})
        return {**form, "sign": sm3(f"{signed}&key={self.secrets['app_secret']}".encode())}

    def post(self, form: dict[str, str]) -> httpx.Response:
        return self._http.post(f"{self.sandbox.guangxi_url}/interface/gateway", data=form)

    def call(self, interface: str, content: dict[str, Any]) -> httpx.Response:
        return self.post(self.form(interface, content))

    def log_in(self) -> httpx.Response:
        answer = self.call("auth.token", {})
        self.token = inner(answer)["data"]["accessToken"]
        return answer

    def hours(self, organisation: str, cursor: str | None = None, **changes: Json) -> httpx.Response:
        content = {
            "orgCode": organisation,
            "updatedFrom": None,
            "updatedTo": None,
            "cursor": cursor,
            "pageSize": 500,
        }
        return self.call("hours.query", {**content, **changes})

    def pages(self, organisation: str, **changes: Json) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            data = inner(self.hours(organisation, cursor, **changes))["data"]
            yield data
            cursor = data["nextCursor"]
            if cursor is None:
                return


def rows_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """Give the rows of a national listing, whichever way they are wrapped."""
    data = answer.json()["data"]
    rows: list[dict[str, Any]] = data["list"] if isinstance(data, dict) else data
    return rows


def inner(answer: httpx.Response) -> dict[str, Any]:
    """Give Guangxi's inner envelope."""
    envelope: dict[str, Any] = json.loads(answer.json()["data"])
    return envelope
