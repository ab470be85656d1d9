"""Users as administration sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sync_worker.practice_forum.json.users import basic_group, groups_of, post_count
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import (
    ApiKey,
    AssociatedAccount,
    Like,
    Post,
    SsoRecord,
    Topic,
    TopicAllowedUser,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian


def listed(
    user: User,
    guardian: Guardian,
    *,
    emails: Sequence[str] | None,
    posts: int,
    silence_reason: bool = True,
) -> dict[str, Any]:
    """Return one row of the users list.

    Args:
        user: the user.
        guardian: rights of who asks.
        emails: the addresses, primary one first, where they are to be shown.
        posts: how many posts the user wrote.
        silence_reason: whether the reason of a silencing belongs to the row.

    """
    row = people.basic_user(user)
    if emails is not None:
        row |= {"email": emails[0] if emails else "", "secondary_emails": list(emails[1:])}
    now = guardian.now
    row |= {"active": user.active, "admin": user.admin, "moderator": user.moderator}
    row |= {name: iso(getattr(user, name)) for name in ("last_seen_at", "last_emailed_at", "created_at")}
    for name in ("last_seen", "last_emailed", "created_at"):
        moment = getattr(user, name if name == "created_at" else f"{name}_at")
        row[f"{name}_age"] = None if moment is None else (now - moment).total_seconds()
    row["trust_level"] = user.trust_level
    row["manual_locked_trust_level"] = user.manual_locked_trust_level
    row["title"] = user.title
    if guardian.settings.flag("must_approve_users"):
        row["approved"] = user.approved_by_id is not None
    if user.suspended(now):
        row |= {"suspended_at": iso(user.suspended_at), "suspended_till": iso(user.suspended_till)}
    if user.silenced_till:
        row["silenced_till"] = iso(user.silenced_till)
    row |= {"time_read": 0, "staged": user.staged, "can_be_deleted": not user.admin}
    if silence_reason:
        row["silence_reason"] = user.silence_reason if user.silenced_till else None
    return row | {"days_visited": 0, "posts_read_count": 0, "topics_entered": 0, "post_count": posts}


def edited(user: User, guardian: Guardian) -> dict[str, Any]:
    """Return the user as the answer to a change of the trust level shows them."""
    row = listed(user, guardian, emails=None, posts=post_count(user, guardian), silence_reason=False)
    return {**row, **_activation(user), **_addresses(user, with_ip=False), **_sso(user, guardian.session)}


def detailed(user: User, guardian: Guardian, *, on_page: bool = True) -> dict[str, Any]:
    """Return the user's page in administration; `on_page` False is how sync_sso answers, with less on it."""
    session = guardian.session
    posts = session.scalar(select(func.count(Post.id)).where(Post.user_id == user.id, Post.deleted_at.is_(None))) or 0
    row = listed(user, guardian, emails=_own_emails(user, guardian), posts=posts, silence_reason=on_page)
    row |= _activation(user) | _addresses(user, with_ip=on_page)
    row |= {
        "can_grant_admin": not user.admin,
        "can_revoke_admin": user.admin and user.id not in (guardian.user.id if guardian.user else 0, -1),
        "can_grant_moderation": not user.moderator,
        "can_revoke_moderation": user.moderator and user.id > 0,
        "can_impersonate": guardian.user is not None and guardian.user.id != user.id,
    }
    row |= _counts(user, session)
    row |= {
        "can_delete_all_posts": not user.admin,
        "can_be_anonymized": not user.staff,
        "can_be_merged": not user.staff,
        "full_suspend_reason": user.suspend_reason if user.suspended(guardian.now) else None,
        "penalty_counts": {"silenced": int(bool(user.silenced_till)), "suspended": int(bool(user.suspended_till))},
        "next_penalty": iso(guardian.now + timedelta(days=1)),
        "primary_group_id": user.primary_group_id,
        "badge_count": 0,
        "warnings_received_count": 0,
        "bounce_score": 0.0,
        "reset_bounce_score_after": None,
        "can_view_action_logs": True,
        "can_disable_second_factor": guardian.user is not None and guardian.user.id != user.id,
    }
    sso = _sso(user, session)
    row["can_delete_sso_record"] = guardian.settings.flag("enable_discourse_connect") and bool(
        sso["single_sign_on_record"],
    )
    row["api_key_count"] = _count(session, ApiKey.user_id == user.id, ApiKey.revoked_at.is_(None))
    row["external_ids"] = _external_ids(user, session)
    if on_page:
        row["similar_users_count"] = _similar_users(user, session)
    row["latest_export"] = None
    row |= sso
    for name in ("approved_by", "suspended_by", "silenced_by"):
        row[name] = _person(session, getattr(user, f"{name}_id"))
    row["groups"] = [basic_group(group, guardian) for group in groups_of(user, guardian)]
    return row


def _own_emails(user: User, guardian: Guardian) -> list[str] | None:
    own = guardian.user is not None and guardian.user.id == user.id
    if not own and not user.staged:
        return None
    session = guardian.session
    return [people.primary_email(session, user), *people.secondary_emails(session, user)]


def _activation(user: User) -> dict[str, Any]:
    return {
        "can_send_activation_email": True,
        "can_activate": not user.active,
        "can_deactivate": not user.staff,
    }


def _addresses(user: User, *, with_ip: bool) -> dict[str, Any]:
    return {
        "ip_address": user.registration_ip if with_ip else None,
        "registration_ip_address": user.registration_ip,
        "include_ip": True if with_ip else None,
    }


def _counts(user: User, session: Session) -> dict[str, Any]:
    topics = _count(session, Topic.user_id == user.id, Topic.deleted_at.is_(None), Topic.archetype == "regular")
    received = select(func.count()).select_from(Like).join(Post, Post.id == Like.post_id)
    messages = select(func.count()).select_from(TopicAllowedUser).where(TopicAllowedUser.user_id == user.id)
    return {
        "like_count": session.scalar(received.where(Post.user_id == user.id)) or 0,
        "like_given_count": _count(session, Like.user_id == user.id),
        "topic_count": topics,
        "post_edits_count": None,
        "flags_given_count": 0,
        "flags_received_count": 0,
        "private_topics_count": session.scalar(messages) or 0,
    }


def _count(session: Session, *conditions: Any) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def _similar_users(user: User, session: Session) -> int:
    if user.registration_ip is None:
        return 0
    return _count(session, User.registration_ip == user.registration_ip, User.id != user.id)


def _external_ids(user: User, session: Session) -> dict[str, str]:
    accounts = session.scalars(select(AssociatedAccount).where(AssociatedAccount.user_id == user.id))
    return {account.provider: account.uid for account in accounts}


def _person(session: Session, user_id: int | None) -> dict[str, Any] | None:
    person = session.get(User, user_id) if user_id is not None else None
    return people.basic_user(person) if person else None


def _sso(user: User, session: Session) -> dict[str, Any]:
    record = session.get(SsoRecord, user.id)
    if record is None:
        return {"single_sign_on_record": None}
    return {
        "single_sign_on_record": {
            "user_id": user.id,
            "external_id": record.external_id,
            "created_at": iso(record.created_at),
            "updated_at": iso(record.updated_at),
            "external_username": record.external_username,
            "external_name": record.external_name,
            "external_avatar_url": None,
            "external_profile_background_url": None,
            "external_card_background_url": None,
        },
    }
