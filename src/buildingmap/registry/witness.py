"""A witness outside the registry remembers how far the audit trail had come: one that was set back is noticed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a registry's audit trail.

    ``uid``: which content, a new one when a backup is put in place; ``version``: of the last revision; ``hash``: its
    seal, which holds everything before it too.
    """

    uid: str
    version: int
    hash: str


class Witness(Protocol):
    """Who remembers heads in a place of its own, not in the registry's file: whoever sets that back leaves this."""

    def remember_head(self, head: Head) -> None:
        """Keep ``head``; called after each revision is committed, and after a backup was put in place.

        Threads and processes call it in any order: of one ``uid`` the highest version stays, and a head of another
        ``uid`` than the newest one's becomes the newest. It may come late or, after a crash, never: a witness that
        is behind the registry is no damage, so it need not wait for the disk. Must not raise for a full disk.
        """

    def remembered_heads(self) -> Sequence[Head]:
        """Return what is remembered, the newest ``uid`` last; at least its highest version. Empty when nothing is."""


def disagreement(
    witness: Witness, uid: str, version: int, hash_at: Callable[[int], str | None]
) -> tuple[Head, tuple[str, str]] | None:
    """Return a head that the registry's trail does not hold, and why in both languages; None when it holds all.

    ``hash_at`` gives the trail's seal of a version, None where it has none.
    """
    heads = witness.remembered_heads()
    if not heads:
        return None
    newest = heads[-1]
    if newest.uid != uid:
        return newest, ("another content was put in its place", "已被另一份内容替换")
    if newest.version > version:
        return newest, ("it was set back to an earlier state", "已被退回到较早的状态")
    # all of them: who set it back and went on writing from there got past the newest
    for head in heads:
        if head.uid == uid and hash_at(head.version) != head.hash:
            return head, ("its past is not the one that was remembered", "其历史与所记住的不符")
    return None
