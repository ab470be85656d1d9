"""Polls, as Discourse's poll plugin keeps them: checked when written, voted on, shown to those who may see them.

Polls of ranked choices are refused, as nothing of ours makes them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from sync_worker.practice_forum.cook.blocks import NAME, polls_in, without_quotes
from sync_worker.practice_forum.rules import people, rights
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.rules.writing import cook_post
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.tables import Poll, PollVote, Post, Topic, User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.cook.blocks import WrittenPoll
    from sync_worker.practice_forum.rules.rights import Guardian

TYPES = ("regular", "multiple", "number")
RESULTS = ("always", "on_vote", "on_close", "staff_only")
STATUSES = ("open", "closed")
VOTERS_SHOWN = 25
MARK = '<div class="poll"'
MAY_NOT = "You are not allowed to create polls."
NO_OPTION = "You must select at least 1 valid option."
_CHANGEABLE = ("close_at", "max", "min", "results", "step", "type", "title", "groups", "public", "options")


def written(guardian: Guardian, raw: str, author: User, base_url: str) -> list[WrittenPoll]:
    """Return the polls of a text that `author` wants to post, checked.

    Raises:
        RejectedError: one does not hold up, or the author may not make polls.

    """
    if "[/poll]" not in raw or not guardian.settings.flag("poll_enabled"):
        return []
    found = polls_in(cook_post(guardian.session, without_quotes(raw), author, None, base_url))
    names: set[str] = set()
    for poll in found:
        problem = _problem(poll, names, guardian.settings.number("poll_maximum_options"))
        if problem:
            raise RejectedError(problem)
        names.add(poll.name)
    if found and not (author.staff or guardian.in_any_group("poll_create_allowed_groups")):
        raise RejectedError(MAY_NOT)
    return found


def _problem(poll: WrittenPoll, names: set[str], most: int) -> str | None:
    """Return what Discourse says about a poll that does not hold up; in Discourse's order."""
    for key, allowed in (("type", TYPES), ("status", STATUSES), ("results", RESULTS)):
        value = poll.attributes.get(key)
        if value and value not in allowed:
            return f"Invalid value '{value}' for argument '{key}'."
    return _bounds_problem(poll) or _name_problem(poll, names) or _options_problem(poll, most) or _choices_problem(poll)


def _name_problem(poll: WrittenPoll, names: set[str]) -> str | None:
    if poll.name not in names:
        return None
    if poll.name == NAME:
        return (
            "When creating multiple polls, include unique names by adding <code>name=example</code> to your "
            "<code>[poll]</code> tags."
        )
    return (
        f"There are multiple polls with the same name: <strong>{poll.name}</strong>. Use the '<code>name</code>' "
        "attribute to uniquely identify your polls."
    )


def _options_problem(poll: WrittenPoll, most: int) -> str | None:
    who = "Poll" if poll.name == NAME else f"Poll named <strong>{poll.name}</strong>"
    must = {
        "have different options": len({key for key, _ in poll.options}) != len(poll.options),
        "not have any empty options": any(not text.strip() for _, text in poll.options),
        "have at least 1 option": not poll.options,
        f"have less than {most} options": len(poll.options) > most,
    }
    return next((f"{who} must {what}." for what, fails in must.items() if fails), None)


def _bounds_problem(poll: WrittenPoll) -> str | None:
    if poll.attributes.get("type") != "number":
        return None
    low, high = _number(poll, "min") or 0, _number(poll, "max")
    if low < 0:
        return "Min must be greater than 0"
    return "Max must be greater than Min" if high is not None and high < low else None


def _choices_problem(poll: WrittenPoll) -> str | None:
    if poll.attributes.get("type") != "multiple":
        return None
    count = len(poll.options)
    low, high = _number(poll, "min", 1) or 0, _number(poll, "max", count) or 0
    if 0 < low <= high <= count and low < count:
        return None
    if poll.name == NAME:
        return "Poll with multiple choices has invalid parameters."
    return f"Poll named <strong>{poll.name}</strong> with multiple choice has invalid parameters."


def _number(poll: WrittenPoll, key: str, default: int | None = None) -> int | None:
    text = poll.attributes.get(key)
    return int(text) if text and text.lstrip("+-").isdigit() else default


def store(session: Session, post: Post, polls: Sequence[WrittenPoll], now: datetime) -> None:
    """Keep the polls of a new post."""
    session.add_all(Poll(post_id=post.id, name=one.name, created_at=now, **_values(one)) for one in polls)


def _values(poll: WrittenPoll) -> dict[str, Any]:
    attributes = poll.attributes
    return {
        "type": attributes.get("type") or "regular",
        "status": attributes.get("status") or "open",
        "results": attributes.get("results") or "always",
        "public": attributes.get("public") == "true",
        "chart_type": attributes.get("charttype") or "bar",
        "min": _number(poll, "min"),
        "max": _number(poll, "max"),
        "step": _number(poll, "step"),
        "groups": attributes.get("groups"),
        "title": poll.title,
        "close_at": parse_moment(attributes.get("close") or ""),
        "options": [list(one) for one in poll.options],
    }


def revise(guardian: Guardian, post: Post, polls: Sequence[WrittenPoll]) -> None:
    """Let an edited post have these polls; one that changes loses its votes.

    Raises:
        RejectedError: a poll with votes would change after the time for edits.

    """
    session, now = guardian.session, guardian.now
    old = {one.name: one for one in session.scalars(select(Poll).where(Poll.post_id == post.id))}
    new = {one.name: one for one in polls}
    for name in old.keys() - new.keys():
        session.delete(old[name])
    store(session, post, [one for name, one in new.items() if name not in old], now)
    for name in old.keys() & new.keys():
        values = {key: value for key, value in _values(new[name]).items() if key in _CHANGEABLE}
        if all(getattr(old[name], key) == value for key, value in values.items()):
            continue
        _refuse_late_change(guardian, old[name])
        for key, value in values.items():
            setattr(old[name], key, value)
        session.execute(delete(PollVote).where(PollVote.poll_id == old[name].id))


def _refuse_late_change(guardian: Guardian, poll: Poll) -> None:
    minutes = guardian.settings.number("poll_edit_window_mins")
    voted = guardian.session.scalar(select(func.count()).where(PollVote.poll_id == poll.id))
    if voted and minutes and poll.created_at < guardian.now - timedelta(minutes=minutes):
        if poll.name == NAME:
            raise RejectedError(f"You cannot change a poll after the first {minutes} minutes.")
        said = f"the poll named <strong>{poll.name}</strong> after the first {minutes} minutes."
        raise RejectedError(f"You cannot change {said}")


def open_poll(guardian: Guardian, post: Post, topic: Topic, name: str) -> Poll:
    """Return the poll that the user may vote on.

    Raises:
        RejectedError: why the user may not.

    """
    if post.deleted_at is not None:
        raise RejectedError("Cannot act on a deleted post.")
    if topic.archived:
        raise RejectedError("The topic must be open to vote.")
    if not rights.can_reply(guardian, topic):
        raise RejectedError("You can't vote because you can't post in this topic.")
    poll = find(guardian.session, post, name)
    if is_closed(poll, guardian.now):
        raise RejectedError("Poll must be open to vote.")
    return poll


def own_poll(guardian: Guardian, post: Post, topic: Topic, user: User, name: str) -> Poll:
    """Return the poll that the user may open and close.

    Raises:
        RejectedError: why the user may not.

    """
    if topic.archived:
        raise RejectedError("The topic must be open to toggle status.")
    if post.user_id != user.id and not user.staff:
        raise RejectedError("Only a staff member or the original poster can toggle a poll status.")
    return find(guardian.session, post, name)


def find(session: Session, post: Post, name: str) -> Poll:
    """Return a post's poll.

    Raises:
        RejectedError: it has none of that name.

    """
    poll = session.scalar(select(Poll).where(Poll.post_id == post.id, Poll.name == name))
    if poll is None:
        raise RejectedError(f"No poll named <strong>{name}</strong> associated with this post.")
    return poll


def is_closed(poll: Poll, now: datetime) -> bool:
    """Whether nobody can vote any more."""
    return poll.status == "closed" or (poll.close_at is not None and poll.close_at <= now)


def vote(guardian: Guardian, poll: Poll, user: User, wanted: Sequence[str]) -> list[str]:
    """Let a user's vote be these options, as far as the poll has them; return which those are.

    Raises:
        RejectedError: none of them is an option, or they are too few or too many.

    """
    known = {option[0] for option in poll.options}
    chosen = [one for one in dict.fromkeys(wanted) if one in known]
    if not chosen:
        raise RejectedError(NO_OPTION)
    if poll.type == "multiple":
        for bound, said, fails in (
            (poll.min, "A minimum of", poll.min is not None and len(chosen) < poll.min),
            (poll.max, "A maximum of", poll.max is not None and len(chosen) > poll.max),
        ):
            if fails:
                raise RejectedError(f"{said} {bound} votes is {'required' if 'min' in said else 'allowed'}.")
    elif len(chosen) > 1:
        raise RejectedError("Only 1 vote is allowed for this poll.")
    take_back(guardian.session, poll, user)
    guardian.session.add_all(
        PollVote(poll_id=poll.id, user_id=user.id, option=one, created_at=guardian.now) for one in chosen
    )
    guardian.session.flush()
    return chosen


def take_back(session: Session, poll: Poll, user: User) -> None:
    """Remove a user's vote."""
    session.execute(delete(PollVote).where(PollVote.poll_id == poll.id, PollVote.user_id == user.id))


def polls_json(guardian: Guardian, posts: Sequence[Post]) -> Mapping[int, dict[str, Any]]:
    """Return what the JSON of each post with polls says of them: `polls`, and `polls_votes` where the user voted."""
    ids = [post.id for post in posts if MARK in post.cooked]
    if not ids or not guardian.settings.flag("poll_enabled"):
        return {}
    session = guardian.session
    authors = {post.id: post.user_id for post in posts}
    rows = session.scalars(select(Poll).where(Poll.post_id.in_(ids)).order_by(Poll.id)).all()
    votes = _votes(session, [row.id for row in rows])
    answer: dict[int, dict[str, Any]] = {}
    for row in rows:
        found = answer.setdefault(row.post_id, {"polls": []})
        found["polls"].append(poll_json(guardian, row, votes.get(row.id, []), authors[row.post_id]))
        own = [vote.option for vote in votes.get(row.id, []) if guardian.user and vote.user_id == guardian.user.id]
        if own:
            found.setdefault("polls_votes", {})[row.name] = own
    return answer


def _votes(session: Session, ids: Sequence[int]) -> dict[int, list[PollVote]]:
    found: dict[int, list[PollVote]] = {}
    query = select(PollVote).where(PollVote.poll_id.in_(ids)).order_by(PollVote.created_at, PollVote.user_id)
    for vote_ in session.scalars(query):
        found.setdefault(vote_.poll_id, []).append(vote_)
    return found


def poll_json(
    guardian: Guardian, poll: Poll, votes: Sequence[PollVote] | None = None, author: int = 0
) -> dict[str, Any]:
    """Return a poll as the user may see it; `votes` are read where they are not given."""
    session = guardian.session
    votes = _votes(session, [poll.id]).get(poll.id, []) if votes is None else votes
    author = author or session.get_one(Post, poll.post_id).user_id
    seen = _can_see_results(guardian, poll, votes, author)
    counts: dict[str, int] = {}
    for one in votes:
        counts[one.option] = counts.get(one.option, 0) + 1
    shown = [{"id": key, "html": text, **({"votes": counts.get(key, 0)} if seen else {})} for key, text in poll.options]
    answer = {"id": poll.id, "name": poll.name, "type": poll.type, "status": poll.status}
    answer |= {"public": True} if poll.public else {}
    answer["results"] = poll.results
    answer |= {key: getattr(poll, key) for key in _numbers_of(poll) if getattr(poll, key) is not None}
    answer |= {"options": shown, "voters": len({one.user_id for one in votes})}
    answer |= {"close": iso(poll.close_at)} if poll.close_at is not None else {}
    if seen and poll.public:
        answer["preloaded_voters"] = _voters(session, poll, votes)
    answer["chart_type"] = poll.chart_type
    return answer | ({"groups": poll.groups} if poll.groups else {}) | {"title": poll.title}


def _numbers_of(poll: Poll) -> tuple[str, ...]:
    return {"number": ("min", "max", "step"), "multiple": ("min", "max")}.get(poll.type, ())


def _can_see_results(guardian: Guardian, poll: Poll, votes: Sequence[PollVote], author: int) -> bool:
    user = guardian.user
    if poll.results == "staff_only":
        return guardian.is_staff
    voted = user is not None and (user.id == author or any(one.user_id == user.id for one in votes))
    return poll.results == "always" or (poll.results == "on_vote" and voted) or is_closed(poll, guardian.now)


def _voters(session: Session, poll: Poll, votes: Sequence[PollVote]) -> Any:
    """Return who voted, by option; of a poll of numbers without that."""
    users = people.by_ids(session, [one.user_id for one in votes])
    by_option: dict[str, list[dict[str, Any]]] = {}
    for one in votes:
        by_option.setdefault(one.option, []).append(people.basic_user(users[one.user_id]))
    shown = {
        key: sorted(found[:VOTERS_SHOWN], key=lambda user: str(user["username"])) for key, found in by_option.items()
    }
    return [user for found in shown.values() for user in found] if poll.type == "number" else shown
