"""A vendor played by a function, in place of the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest


class Played:
    """Answers every request alike, and remembers it."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def played() -> Callable[..., Played]:
    """``played(body, ...)``: each body is JSON, or bytes, or a response; the last is repeated."""

    def play(*bodies: Any) -> Played:
        return Played(*(_response(body) for body in bodies))

    return play


def _response(body: Any) -> httpx.Response | Exception:
    if isinstance(body, (httpx.Response, Exception)):
        return body
    if isinstance(body, bytes):
        return httpx.Response(200, content=body)
    return httpx.Response(200, json=body)
