"""Every refusal: a stable code and a sentence.

The sentences are English message ids; whoever shows one translates it. HTTP status codes are
given to the codes in :mod:`belowline.web.problems`, for nothing here knows of HTTP.
"""

from __future__ import annotations

from datetime import timedelta

SENTENCES: dict[str, str] = {
    # what was written
    "text_empty": "Write something first.",
    "text_too_long": "This is longer than the {limit} characters that fit here.",
    "text_characters": "This text holds characters that cannot be stored.",
    "text_refused": "This cannot be published here: {why}",
    "name_empty": "A name needs at least one letter or number.",
    "name_too_long": "A name has at most {limit} characters.",
    "name_characters": "A name cannot hold invisible or control characters.",
    "name_link": "A name cannot be a link or an e-mail address.",
    "name_reserved": "This name is reserved for the newsroom.",
    "name_taken": "This name looks like that of someone else here. Choose another.",
    "reason_unknown": "Choose one of the listed reasons.",
    "note_too_long": "A note has at most {limit} characters.",
    # what it is about
    "story_unknown": "There is no such story.",
    "story_key": "A story's key has 1 to 500 printable characters.",
    "story_mode": "A story's mode is open, reviewed, trusting or closed.",
    "story_slow": "The pause between two comments is 0 to {limit} seconds.",
    "story_days": "A discussion can close after 1 to {limit} days, or 0 for never.",
    "site_unknown": "There is no such site.",
    "site_key": "A site's key has 1 to 40 small letters, digits and hyphens.",
    "site_name": "A site's name has 1 to {limit} characters.",
    "site_address": "A site's address begins with http:// or https://.",
    "site_taken": "There is a site with this key already.",
    "site_many": "There are {limit} sites already.",
    "policy_unknown": "There is no such version of the policy.",
    "alert_unknown": "There is no such alert.",
    "alert_target": "An address of mail has an @, one of the web begins with http:// or https://.",
    "alert_when": "Say at how many comments or after how many minutes.",
    "alert_hours": "A time of the day is written as 22:00.",
    "alert_many": "There are {limit} alerts already.",
    "alert_browser": "What this browser gave cannot be used. Try again.",
    "alert_gone": "That browser takes no more alerts from here, so it was removed from the list.",
    "alert_unsent": "The browser\u2019s push service did not take the test. Try again later.",
    "rehearsal_unknown": "There is no such rehearsal.",
    "policy_rules": "The rules cannot be read. {why}",
    "policy_number": "{name} is a number from {least} to {most}.",
    "policy_list": "{name} has at most {most} entries of {limit} characters.",
    "policy_pair": "\u201c{pair}\u201d is no pair: write two different words with = between them.",
    "story_url": "A story's address begins with http:// or https://.",
    "comment_unknown": "There is no such comment.",
    "campaign_unknown": "There is no such campaign.",
    "user_unknown": "There is no such user.",
    "decision_unknown": "There is no such decision.",
    "measure_unknown": "There is no such warning, mute or ban.",
    "measure_length": "A mute lasts an hour to seven days, a ban an hour or more.",
    "statement_unknown": "There is no such statement.",
    "notice_unknown": "There is no such notice.",
    "parent_unknown": "The comment that you reply to is no longer here.",
    "order_unknown": "Comments can be ordered by newest, oldest or discussed.",
    "filter_bad": "This cannot be filtered by.",
    "cursor_bad": "This link to a further page is not one of ours. Start from the first page.",
    # what may be done
    "closed": "This discussion is closed.",
    "banned": "You cannot take part here {until}. The reason: {why}.",
    "not_allowed": "You may not do this.",
    "sign_in": "Sign in to do this.",
    "sign_in_wrong": "Name, password or code is wrong.",
    "code_wrong": "This code is wrong. Does the clock of your telephone go right?",
    "password_weak": "A password has at least {least} characters and is not your name.",
    "passkey_wrong": "This passkey was not accepted. Try again, or come in another way.",
    "passkey_doubted": "This passkey may have been copied, so it is not accepted. "
    "Come in another way, remove it, and tell an administrator.",
    "passkey_unknown": "There is no such passkey.",
    "passkey_last": "This is your last way to prove yourself. Add another one first.",
    "passkey_many": "There are {limit} passkeys already.",
    "desk_nameless": "The desk has no name here in which to write.",
    "session_unknown": "There is no such session.",
    "role_unknown": "A role is moderator, editor or administrator.",
    "link_used": "This sign-in link was used already or has expired. Ask for a new one.",
    "token_bad": "This credential is not valid. Ask for a new one.",
    "edit_window": "The time for editing this comment is over.",
    "withdrawn": "This comment was deleted by its author.",
    "own_comment": "This is your own comment.",
    "not_published": "This comment is not published.",
    "outdated": "This comment has changed since you read it. Look at it again.",
    "decided_meanwhile": "Someone else has decided this comment meanwhile.",
    "locked": "{name} is looking at this comment.",
    "already_decided": "This decision was taken back or replaced already.",
    "appeal_made": "You have objected to this already.",
    "appeal_late": "This can no longer be objected to.",
    "appeal_yours": "You made this decision. Somebody else judges the objection.",
    "appeal_early": "You made this decision. Judge the objection a day after it was made.",
    "notice_address": "Say where it is: the address of the comment.",
    "notice_email": "This e-mail address cannot be right.",
    "notice_sure": "Say that you believe in good faith that this is right.",
    "key_reused": "This Idempotency-Key was used for another comment.",
    "key_bad": "An Idempotency-Key has 1 to 200 visible ASCII characters.",
    "too_soon": "This discussion is in slow mode. You can write again in {wait}.",
    "proof_wanted": "Your browser has to do some work before this can be sent.",
    "too_fast": "You are writing too fast. Wait a moment and try again.",
    "foreign_origin": "This page may not write here.",
    # the request itself
    "body_bad": "The request is not as documented: {why}",
    "body_too_large": "The request is too large.",
    "media_type": "This kind of request body is not understood here.",
    "not_found": "There is nothing at this address.",
    "method": "This address does not take this method.",
    "internal": "Something went wrong here. It was noted; try again.",
    "unavailable": "The server cannot store anything at the moment. Try again soon.",
}

UNREADABLE = "What is stored here cannot be read at the moment. Nothing is lost."
"""The sentence of `unavailable` for whoever only wanted to read."""


class Refused(Exception):
    """Something that was asked is not done. ``code`` is a key of `SENTENCES`.

    ``field`` names the part of the request that is to blame, "" when none is; ``values`` fill the
    sentence, a span of time in the words of its language.
    """

    def __init__(self, code: str, *, field: str = "", **values: str | int | timedelta) -> None:
        self.code = code
        self.field = field
        self.values = values
        super().__init__(SENTENCES[code].format_map(values))
