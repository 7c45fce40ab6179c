"""Display names: what may be one, and when two of them look the same.

Names are unique by look, not by bytes. Each name has two keys that storage keeps beside it:
`look`, the same for all names that can be mistaken for each other, and `honest`, the same for all
ways of writing one name in good faith. Two readers may both be called Anna; a name with Anna's
look that is honestly another name is a forgery.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category, normalize

from belowline.domain.confusables import (
    AS_SEEN,
    AS_WRITTEN,
    BY_SHAPE,
    WORD,
    mixed_scripts,
    script,
    without_accents,
)
from belowline.domain.errors import Refused
from belowline.domain.text import TextRefused, extends, normalise

__all__ = ["LONGEST_NAME", "NameRefused", "clean_name", "honest", "look", "mixed_scripts"]

LONGEST_NAME = 40
"""In characters as a reader counts them: a letter with its accents is one."""

ROLES = """
    moderator moderators moderation admin admins administrator administrators
    administration webmaster editor editors newsroom belowline
    moderatorin redaktion redakteur redakteurin chefredakteur chefredakteurin chefredaktion
    modérateur modératrice administrateur administratrice rédacteur rédactrice rédaction
    moderador moderadora administrador administradora redacción redação
    moderatore moderatrice amministratore amministratrice redazione redactie beheerder
    redaktor redaktorka redakcja redaktionen redaktör moderatör moderátor redakce
    yönetici editör moderaattori ylläpitäjä toimitus szerkesztő szerkesztőség
    модератор админ администратор редактор редакция модераторка редакція адміністратор
    συντονιστής διαχειριστής
    مشرف المشرف مشرفة المشرفة الإدارة التحرير المحرر مدیر سردبیر
    מנהל מערכת
    मॉडरेटर संपादक
    管理员 管理員 版主 编辑部 編輯部 管理人 モデレーター 編集部 운영자 관리자 편집자
"""
"""Words that make a name sound like the newsroom's, wherever in the name they stand."""

NOBODIES = """
    mod mods staff team system noname nonamed anonymous guest deleted deleteduser
    ohnename keinname gast gelöscht sansnom invité sinnombre invitado
    безимени гость بدوناسم بلااسم ضيف
"""
"""Whole names, written without spaces, for staff or for nobody in particular."""

_LINE_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, 0x061C])
_EMPTY = frozenset("\u115f\u1160\u2800")
_ADDRESS = re.compile(
    r"://|\bwww\.|[^\s@]@[^\s@]+\.[^\s@]"
    r"|\w\.(?:com|net|org|info|biz|ru|xyz|shop|online|site|top|club|store|link|click)\b",
    re.IGNORECASE,
)
_ALIKE = str.maketrans("i10", "llo")
_RAW_LIMIT = 1_000
_CODE_POINTS_EACH = 4


class NameRefused(Refused):
    """name_empty, name_too_long, name_characters, name_link or name_reserved."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code, field="name", **values)


def clean_name(raw: str, *, reserved: bool = True) -> str:
    """``raw`` as a display name: composed (NFC), its spaces made single.

    Raises NameRefused: name_empty without a letter or number; name_too_long beyond `LONGEST_NAME`;
    name_characters for line breaks, controls and all that `text.normalise` would remove, since
    a name with hidden parts is an attempt at being two names; name_link for web and e-mail
    addresses; name_reserved for what sounds like staff or nobody, unless ``reserved`` is False.
    Direction marks, which some keyboards leave behind, are dropped without a word.
    """
    if len(raw) > _RAW_LIMIT:
        raise NameRefused("name_too_long", limit=LONGEST_NAME)
    if _LINE_BREAKS.search(raw.strip()):
        raise NameRefused("name_characters")
    name = " ".join(normalize("NFC", raw).translate(_DIRECTIONS).split())
    if not name:
        raise NameRefused("name_empty")
    _demand_nothing_hidden(name)
    if not any(char.isalnum() for char in name):
        raise NameRefused("name_empty")
    length = sum(not extends(char) for char in name)
    if length > LONGEST_NAME or len(name) > LONGEST_NAME * _CODE_POINTS_EACH:
        raise NameRefused("name_too_long", limit=LONGEST_NAME)
    if _ADDRESS.search(normalize("NFKC", name)):
        raise NameRefused("name_link")
    if reserved and _is_reserved(name):
        raise NameRefused("name_reserved")
    return name


def _demand_nothing_hidden(name: str) -> None:
    try:
        seen = normalise(name)
    except TextRefused:
        raise NameRefused("name_characters") from None
    if seen != name or any(char in _EMPTY or category(char) == "Co" for char in name):
        raise NameRefused("name_characters")


def look(name: str) -> str:
    """The key by which names are unique: the same look, the same key.

    Case, spaces, punctuation, emoji and accents do not count; look-alikes of other alphabets, 0
    and O, rn and m, vv and w are the same. Since a capital I looks like an l, and an i is an I,
    all strokes are one letter: that "Neil" and "Nell" meet too is its price.

    Letters count by the shape that they have in their case, as far as the name can be read as
    Latin (a Greek capital \u039d is an N); in other names, where the two cases of a letter may look
    like two Latin ones (\u039d and \u03bd like N and v), without case.
    """
    letters = _letters(BY_SHAPE.read(name))
    if not letters.isascii() and not any(script(char) == "Latin" for char in name):
        letters = _letters(AS_WRITTEN.read(name))
    return _strokes(letters)


def honest(name: str) -> str:
    """The key of a name among its honest spellings: compatibility forms (NFKC), case, accents and
    spaces do not count, so that Jos\u00e9 and jose are one name and none forges the other."""
    plain = without_accents(normalize("NFKC", name).casefold())
    return " ".join(normalize("NFKC", plain).split())


def _letters(read: str) -> str:
    return "".join(WORD.findall(read))


def _strokes(letters: str) -> str:
    return letters.replace("rn", "m").replace("vv", "w").translate(_ALIKE)


def _is_reserved(name: str) -> bool:
    return any(word in _RESERVED_WORDS for word in _words(name)) or any(
        _strokes(_letters(read)) in _RESERVED_NAMES for read in _readings(name)
    )


def _readings(name: str) -> Iterator[str]:
    """``name`` in all the ways in which a reader could read it, with and without its digits."""
    for reading in (AS_WRITTEN, *AS_SEEN):
        yield reading.read(name)
    yield AS_WRITTEN.read(name.strip("0123456789 _.-"))


def _words(name: str) -> Iterator[str]:
    for read in _readings(name):
        for word in WORD.findall(read):
            yield _strokes(word)
            yield _strokes(word.strip("0123456789"))


def _keys(words: str) -> frozenset[str]:
    return frozenset(_strokes(_letters(AS_WRITTEN.read(word))) for word in words.split())


_RESERVED_WORDS = _keys(ROLES)
_RESERVED_NAMES = _RESERVED_WORDS | _keys(NOBODIES)
