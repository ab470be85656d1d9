"""A language model is asked over HTTP, within bounds; what went wrong is said without what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.checks import Verdict
from sync_worker.config.language_model import LanguageModelSettings, language_model_key
from sync_worker.errors import ConfigError, LanguageModelError
from sync_worker.language_model import LanguageModel, Message, check_language_model, tokens_in
from tests.model_server import KEY, ModelServer, model_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKED = (Message("system", "Answer with JSON."), Message("user", '{"items": [{"n": 1, "passage": "a private word"}]}'))


@pytest.fixture(scope="module")
def shared() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def server(shared: ModelServer) -> ModelServer:
    """The server as it was at first."""
    fresh = ModelServer(shared.url)
    for name in ("says", "status", "body", "delay", "usage", "asked", "headers"):
        setattr(shared, name, getattr(fresh, name))
    return shared


def ask(server: ModelServer, key: str = KEY, timeout: float = 5) -> Any:
    settings = server.settings.model_copy(update={"timeout": timeout})
    with LanguageModel(settings, key) as model:
        return model.ask(ASKED, 50, as_json=True)


def test_it_is_asked_for_json_with_a_bound_and_no_chance(server: ModelServer) -> None:
    server.says = lambda items: f"{len(items)} items"
    answer = ask(server)
    assert (answer.text, answer.tokens) == ("1 items", 321)
    [given] = server.asked
    assert (given["model"], given["max_tokens"], given["temperature"], given["stream"]) == ("small", 50, 0, False)
    assert given["response_format"] == {"type": "json_object"}
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("usage", [None, {}, {"total_tokens": None}, {"total_tokens": True}, {"total_tokens": -4}])
def test_a_server_that_does_not_count_tokens_is_counted_by_the_length_of_the_texts(
    server: ModelServer, usage: object
) -> None:
    server.usage = usage
    server.says = lambda _: "yes"
    assert ask(server).tokens == sum(tokens_in(one.content) for one in ASKED) + tokens_in("yes")


@pytest.mark.parametrize(
    ("fault", "what", "do"),
    [
        ({"status": 401}, "it answered 401.", "Check the key"),
        ({"status": 404}, "it answered 404.", "Check `url`"),
        ({"status": 500}, "it answered 500.", "Look at the server"),
        ({"status": 302}, "it answered 302.", "Look at the server"),
        ({"body": b"<html>Log in</html>"}, "its answer is not that of /chat/completions.", "`url` ends before"),
        ({"body": b'{"choices": []}'}, "its answer is not that of /chat/completions.", "`url` ends before"),
        ({"body": b'{"choices": [{"message": {"content": null}}]}'}, "its answer is not that", "`url` ends before"),
        ({"body": b'{"choices": [{"message": {"content": "x"}}], "usage": [1]}'}, "its answer is not that", "`url`"),
        ({"body": b"[" * 100_000}, "its answer is not that of /chat/completions.", "`url` ends before"),
        ({"body": b" " * 300_000}, "its answer has more than 262,144 bytes.", "Look at the server"),
        ({"delay": 1.0}, "it did not answer in time.", "Raise `timeout`"),
    ],
)  # fmt: skip
def test_what_went_wrong_is_said_without_what_was_asked_or_the_key(
    server: ModelServer, fault: dict[str, Any], what: str, do: str
) -> None:
    for name, value in fault.items():
        setattr(server, name, value)
    with pytest.raises(LanguageModelError) as failed:
        ask(server, timeout=0.3 if "delay" in fault else 5)
    told = str(failed.value)
    assert failed.value.what.startswith(what)
    assert do in told
    assert "private word" not in told
    assert KEY not in told


def test_where_nobody_listens_it_says_so() -> None:
    settings = LanguageModelSettings(url="http://127.0.0.1:9/v1", model="small")
    with LanguageModel(settings, "") as model, pytest.raises(LanguageModelError, match="no connection"):
        model.ask(ASKED, 50)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"url": "http://models.example.org/v1"}, "http is for a model on localhost only"),
        ({"url": "https://user:pass@models.example.org/v1"}, "without user, key or query"),
        ({"url": "https://models.example.org/v1?key=x"}, "without user, key or query"),
        ({"url": "https://models.example.org", "model": "two words"}, "should match pattern"),
        ({"url": "https://models.example.org", "timeout": 0}, "greater than 0"),
    ],
)
def test_an_address_that_shows_texts_or_keys_on_the_way_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        LanguageModelSettings(**{"model": "small", **settings})


def test_the_address_may_be_written_with_its_end() -> None:
    written = LanguageModelSettings(url="https://models.example.org/v1/chat/completions", model="m")
    assert written.url == "https://models.example.org/v1"


def test_a_key_comes_from_the_environment_or_a_file_and_is_none_where_neither_is_named(tmp_path: Path) -> None:
    plain = LanguageModelSettings(url="https://models.example.org", model="m")
    assert language_model_key(plain, {"OPENAI_API_KEY": "x"}) == ""
    named = plain.model_copy(update={"key_env": "MODEL_KEY"})
    assert language_model_key(named, {"MODEL_KEY": f" {KEY}\n"}) == KEY
    with pytest.raises(ConfigError, match="no key of the language model"):
        language_model_key(named, {})
    with pytest.raises(ConfigError, match="characters that no key has"):
        language_model_key(named, {"MODEL_KEY": "two words"})
    in_file = plain.model_copy(update={"key_file": tmp_path / "key"})
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        language_model_key(in_file, {})
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")
    assert language_model_key(in_file, {}) == KEY


def test_the_check_says_whether_it_answers_and_what_is_sent(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    [good] = check_language_model(server.settings)
    assert (good.verdict, good.what) == (
        Verdict.OK,
        f"small answers at {server.url}; no post of a private category is sent",
    )
    also = server.settings.model_copy(update={"private_categories_of": ("spring", "autumn")})
    assert check_language_model(also)[0].what.endswith("posts of private categories are sent for: spring, autumn")
    server.status = 503
    [away] = check_language_model(server.settings)
    assert away.verdict is Verdict.WARN  # the worker does its work without it
    assert "it answered 503. Texts are written without it." in away.what
    monkeypatch.delenv("MODEL_KEY", raising=False)
    [keyless] = check_language_model(server.settings.model_copy(update={"key_env": "MODEL_KEY"}))
    assert keyless.verdict is Verdict.FAIL
