"""Facts about posting: topics, replies, messages, and how they are refused."""

from __future__ import annotations

from tests.contract.fact import BODY, INVALID, NOT_ALLOWED, Fact

_UNCLEAR = "Title seems unclear, most of the words contain the same letters over and over?"
_GONE = "Something has gone wrong. Perhaps this topic was closed or deleted while you were looking at it?"
_OF_POSTS = ("id", "topic_id", "topic_slug", "post_number", "raw", "cooked", "created_at", "version", "post_url")


def _post(what: str, status: int = 200, errors: tuple[str, ...] = (), **form: str) -> Fact:
    keys = _OF_POSTS if status == 200 else ("action",)
    form = {("tags[]" if name == "tag" else name): value for name, value in form.items()}
    return Fact(what, "POST", "/posts.json", status, form=form, errors=errors, keys=keys)


ABOUT_POSTS: tuple[Fact, ...] = (
    _post("a topic with an external id and a tag", category="{category_id}", raw=BODY + "0", tag="facts",
          title="A topic as the worker {suffix} starts it", external_id="made-{suffix}"),
    _post("an external id is taken, whatever its case", 422, ("External has already been taken",),
          title="A title that nobody has used {suffix} yet", raw=BODY + "1", category="{category_id}",
          external_id="FACT-{suffix}"),
    _post("an external id has letters, digits, - and _ only", 422, ("External is invalid",),
          title="A title that nobody has used {suffix} yet", raw=BODY + "2", category="{category_id}",
          external_id="a.b"),
    _post("an external id has 50 characters at most", 422, ("External is too long (maximum is 50 characters)",),
          title="A title that nobody has used {suffix} yet", raw=BODY + "3", category="{category_id}",
          external_id="x" * 51),
    Fact("titles are unique, whatever their case", "POST", "/posts.json", 422, errors=("Title has already been used",),
         form={"title": "{TITLE}", "raw": BODY + "4", "category": "{category_id}"}, keys=("action",),
         needs={"allow_duplicate_topic_titles": "false"}),
    _post("one-letter titles are unclear", 422, (_UNCLEAR,), title="x", raw=BODY, category="{category_id}"),
    _post("bodies have 20 characters at least", 422, ("Body is too short (minimum is 20 characters)",),
          title="A title that nobody has used {suffix} yet", raw="Too short", category="{category_id}"),
    _post("a topic needs a category", 422, ("Category can't be blank",),
          title="A title that nobody has used {suffix} yet", raw=BODY + "5"),
    Fact("an unknown category", "POST", "/posts.json", 400, error_type="invalid_parameters",
         errors=(f"{INVALID} category",),
         form={"title": "A title that nobody has used {suffix} yet", "raw": BODY + "6", "category": "99999999"}),
    _post("a reply to a topic that is not there", 422, (_GONE,), topic_id="99999999", raw=BODY),
    _post("a reply", 200, (), topic_id="{topic_id}", raw=BODY + "7"),
    _post("a message to somebody unknown", 422,
          ("One of the users you are sending this message to could not be found.",), raw=BODY + "8",
          title="A word about {suffix} in private", archetype="private_message", target_recipients="none-{suffix}"),
    _post("a message to nobody", 422, ("You must select a valid user.",), title="A word about {suffix} in private",
          raw=BODY + "9", archetype="private_message"),
    Fact("nested_post wraps the post", "POST", "/posts.json", keys=("action", "post.id", "success"),
         form={"topic_id": "{topic_id}", "raw": BODY + "10", "nested_post": "true"}),
    # messages
    _post("a message to a user and a group, with an external id", archetype="private_message", raw=BODY + "11",
          title="A message about {suffix} in private", target_recipients="{two},{group}",
          external_id="note-{suffix}"),
    _post("a message to a group that takes none", 422,
          ("One of the users you are sending this message to could not be found.",), raw=BODY + "14",
          title="A message to {suffix} that is refused", archetype="private_message", target_recipients="{two},admins"),
    Fact("a message by its external id", "GET", "/t/external_id/note-{suffix}.json", 301),
    _post("the external id of a message is taken as well", 422, ("External has already been taken",),
          title="Another message about {suffix} in private", raw=BODY + "12", archetype="private_message",
          target_recipients="{one}", external_id="note-{suffix}"),
    Fact("messages sent", "GET", "/topics/private-messages-sent/{admin}.json",
         keys=("topic_list.topics.title=A message about {suffix} in private.id",)),
    # replies
    Fact("a reply to a post", "POST", "/posts.json", keys=_OF_POSTS, values={"reply_to_post_number": 1},
         form={"topic_id": "{topic_id}", "raw": f"{BODY}13 <!-- lcm:key-{{suffix}} -->", "reply_to_post_number": "1"}),
    Fact("a reply's hidden marker stays in its source", "GET", "/t/{topic_id}.json?print=true&include_raw=true",
         values={"post_stream.posts.reply_to_post_number=1.raw": f"{BODY}13 <!-- lcm:key-{{suffix}} -->"}),
    # likes and lists
    Fact("a like", "POST", "/post_actions.json", user="{one}", form={"id": "{post_id}", "post_action_type_id": "2"},
         keys=("id", "actions_summary")),
    Fact("a second like by the same user", "POST", "/post_actions.json", 403, user="{one}",
         form={"id": "{post_id}", "post_action_type_id": "2"},
         errors=("Oops! You already performed this action. Can you try refreshing the page?",)),
    Fact("who liked a post", "GET", "/post_action_users.json?id={post_id}&post_action_type_id=2",
         keys=("post_action_users",)),
    Fact("nobody deletes a topic's first post, but only the topic", "DELETE", "/posts/{post_id}.json", 403,
         errors=(NOT_ALLOWED,), error_type="invalid_access"),
    Fact("the latest posts leave out the one named", "GET", "/posts.json?before=1", values={"latest_posts": []}),
)  # fmt: skip
