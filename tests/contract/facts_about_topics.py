"""Facts about topics: reading, external ids, pinning."""

from __future__ import annotations

from tests.contract.fact import BODY, INVALID, NOT_ALLOWED, NOT_FOUND, Fact

_STATUS = "/t/{topic_id}/status.json"
_TOPIC = "/t/{topic_id}.json"
_ALL = f"{_TOPIC}?print=true&include_raw=true"
_OF_TOPICS = ("id", "title", "slug", "category_id", "created_at", "views", "closed", "pinned_at", "pinned_until",
              "archetype", "tags", "details.created_by", "post_stream.stream")  # fmt: skip
_OF_POSTS = ("id", "post_type", "user_id", "username", "name", "created_at", "cooked", "actions_summary", "reads",
             "reply_to_post_number", "hidden", "deleted_at", "user_deleted")  # fmt: skip
_PIN = {"status": "pinned", "enabled": "true"}

ABOUT_TOPICS: tuple[Fact, ...] = (
    # reading
    Fact("a topic with the source of its posts", "GET", _ALL,
         keys=(*_OF_TOPICS, *(f"post_stream.posts.post_number=1.{key}" for key in _OF_POSTS)),
         values={"chunk_size": 1000, "external_id": "fact-{suffix}",
                 "post_stream.posts.post_number=1.raw": f"{BODY} of the stage"}),
    Fact("the source is shown on demand only", "GET", _TOPIC, keys=("post_stream.posts.0.cooked",),
         lacks=("post_stream.posts.0.raw",)),
    Fact("a page past the end", "GET", f"{_TOPIC}?page=1000", 404, errors=(NOT_FOUND,)),
    Fact("a page past the end of a long page", "GET", f"{_ALL}&page=2", 404, errors=(NOT_FOUND,)),
    Fact("single posts of a topic", "GET", "/t/{topic_id}/posts.json?post_ids[]={post_id}&include_raw=true",
         values={"post_stream.posts.0.raw": f"{BODY} of the stage"}, keys=("post_stream.posts.0.post_number",)),
    Fact("an unknown topic", "GET", "/t/99999999.json?print=true&include_raw=true", 404, errors=(NOT_FOUND,),
         error_type="not_found"),
    # external ids
    Fact("a topic by its external id is a redirect", "GET", "/t/external_id/fact-{suffix}.json", 301,
         headers={"location": "/{topic_id}.json"}),
    Fact("external ids are looked up by case", "GET", "/t/external_id/FACT-{suffix}.json", 404, errors=(NOT_FOUND,)),
    # pinning
    Fact("a pin until a moment", "PUT", _STATUS, form={**_PIN, "until": "2041-01-02T09:00:00+01:00"},
         values={"success": "OK"}, keys=("topic_status_update",)),
    Fact("... which the topic shows", "GET", _TOPIC, values={"pinned_until": "2041-01-02T08:00:00.000Z"}),
    Fact("a pin is taken away", "PUT", _STATUS, form={"status": "pinned", "enabled": "false"},
         values={"success": "OK"}),
    Fact("... which the topic shows as well", "GET", _TOPIC, values={"pinned_at": None, "pinned_until": None}),
    Fact("enabled is the word true", "PUT", _STATUS, form=_PIN, keys=("success", "topic_status_update")),
    Fact("JSON's true means false", "PUT", _STATUS, json={"status": "closed", "enabled": True}, keys=("success",)),
    Fact("... so the topic is still open", "GET", _TOPIC, values={"closed": False}),
    Fact("an unknown status", "PUT", _STATUS, 400, form={"status": "shiny", "enabled": "true"},
         errors=(f"{INVALID} status",), error_type="invalid_parameters"),
    Fact("the status of an unknown topic", "PUT", "/t/99999999/status.json", 403, error_type="invalid_access",
         form=_PIN, errors=(NOT_ALLOWED,)),
    Fact("plain users may not pin", "PUT", _STATUS, 403, user="{one}", errors=(NOT_ALLOWED,), form=_PIN),
    Fact("a timer in the past", "POST", "/t/{topic_id}/timer.json", 400, error_type="invalid_parameters",
         form={"status_type": "close", "time": "2020-01-01"}),
    Fact("a page of a list is a number", "GET", "/latest.json?page=-1", 400, error_type="invalid_parameters",
         errors=(f"{INVALID} page",)),
)  # fmt: skip
