"""Feeds of a system's calendar: each with a token of its own, which its person can take back."""

from __future__ import annotations

import secrets

from django.http import Http404
from django.utils import timezone

from schemes.models import ApiToken, CalendarFeed, System, User
from schemes.people.permissions import Permission, has_permission, require


def open_feed(*, by: User, system: System) -> str:
    """The token of a new feed, shown this once; Http404 for who may not read the system."""
    require(by, Permission.READ_SYSTEM, system=system)
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(user=by, system=system, digest=ApiToken.digest_of(token))
    return token


def revoke_feed(*, by: User, feed_id: int) -> None:
    """End a feed of one's own; Http404 for any other."""
    own = CalendarFeed.objects.filter(pk=feed_id, user=by, revoked_at=None)
    if not own.update(revoked_at=timezone.now()):
        raise Http404


def feed_of(token: str) -> CalendarFeed:
    """The feed that a token opens, while its person may read the system; else Http404."""
    feed = (
        CalendarFeed.objects.filter(
            digest=ApiToken.digest_of(token), revoked_at=None, user__is_active=True
        )
        .select_related("user", "system")
        .first()
    )
    if feed is None or not has_permission(feed.user, Permission.READ_SYSTEM, system=feed.system):
        raise Http404
    return feed
