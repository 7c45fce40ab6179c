"""A comment that arrives, beside what is remembered: read once, compared once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

import msgspec

from belowline.campaigns import citing, matching, spaces, typos
from belowline.campaigns.matching import Closest, Core
from belowline.campaigns.reading import LEAST_ANSWER, Text, Word, answering, read
from belowline.campaigns.rereading import Reread, rereadings, same_place

_STATEMENT = 3
"""Words in a row that say something: one or two between copied ones are put in for others."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a group: the comments in it, and what was decided for coming ones.

    ``standing`` is "publish", "reject" or "" where nothing was decided or that is over.
    """

    core: Core
    copies: int
    accounts: int
    is_campaign: bool = False
    authors: frozenset[int] = frozenset()
    standing: str = ""


class Common:
    """Prints that are common, as this process has seen: they need not be read again.

    What is common stays so until what has it is old, since later subjects take the places of
    earlier ones: the `COMMON`-th newest subject says until when.
    """

    _MOST = 50_000

    def __init__(self) -> None:
        self._until: dict[int, int] = {}

    def unknown(self, prints: Collection[int], since: int) -> list[int]:
        """Those of ``prints`` that are not known to be common among ids from ``since`` on."""
        until = self._until
        return [one for one in prints if until.get(one, -1) < since]

    def learn(self, subjects: Mapping[int, Sequence[int]]) -> None:
        """Takes what has each print."""
        if len(self._until) > self._MOST:
            self._until.clear()
        for one, some in subjects.items():
            if len(some) >= matching.COMMON:
                self._until[one] = sorted(some)[-matching.COMMON]


class Arrival:
    """One new or edited text. `prints` are looked up first, then `meet` says what was found.

    ``failure`` is what went wrong with it: whoever asks for `closest` meets it, so that the check
    holds the comment, and nothing else does, so that the comment is stored.
    """

    def __init__(self, text: str) -> None:
        self.failure: Exception | None = None
        self._text = Text(text, (), ())
        self._words: tuple[Word, ...] = ()
        self._in_words: list[int] = []
        self._in_a_row: list[int] = []
        self._beginnings: list[int] = []
        self._subjects: Mapping[int, Sequence[int]] = {}
        self._known: Mapping[int, Known] = {}
        self.prints: list[int] = []
        self.newest = 0
        try:
            self._take(read(text), lambda read_text: read_text.own + read_text.quoted)
        except Exception as error:
            self.failure = error

    @property
    def quotes(self) -> bool:
        """Whether some of it looks like a quotation."""
        return bool(self._text.quoted)

    def answers(self, texts: Sequence[str]) -> None:
        """Takes what stands where it replies: only what is quoted from there is a quotation."""
        if not self.quotes or self.failure is not None:
            return
        try:
            there = [read(text) for text in texts]
            self._take(self._text, lambda read_text: answering(read_text, there))
        except Exception as error:
            self.failure = error

    def stands_under(self, story: str, parent: str) -> None:
        """Takes the text of the story and of the comment that it replies to, "" for none: what it
        repeats of these and answers is quoted, with marks or without."""
        if self.failure is not None:
            return
        try:
            words = citing.apart_from_story(self._words, self._in_words, story)
            if parent:
                words = citing.apart_from_comment(self._text.raw, words, self._in_words, parent)
            if len(words) < len(self._words):
                self._take(self._text, lambda _: words)
        except Exception as error:
            self.failure = error

    def _take(self, text: Text, words: Callable[[Text], tuple[Word, ...]]) -> None:
        self._text = text
        self._words = words(text)
        self._in_words = matching.prints(self._words)
        self._in_a_row = spaces.prints(text, self._words)
        self._beginnings = typos.prints(text, self._words)
        self.prints = self._in_words + self._in_a_row + self._beginnings

    def meet(self, subjects: Mapping[int, Sequence[int]]) -> list[int]:
        """Takes what has each print; answers those worth comparing, the likeliest first."""
        self._subjects = {one: subjects.get(one, ()) for one in self.prints}
        for one in ("_alike_in_a_row", "_alike_in_beginnings"):
            self.__dict__.pop(one, None)
        in_words = {one: self._subjects[one] for one in self._in_words}
        likely = matching.candidates(in_words, len(self._words))
        return list(dict.fromkeys(likely + self._alike_in_a_row + self._alike_in_beginnings))

    def compare(self, known: Mapping[int, Known], newest: int) -> None:
        """Takes what is remembered of them; ``newest`` is the last comment that was seen."""
        self._known = known
        self.newest = newest
        for one in ("_fitting", "_again", "_reread", "others", "kept"):
            self.__dict__.pop(one, None)

    @property
    def closest(self) -> Closest | None:
        """What it is a copy of, a campaign before a single comment; None when of nothing.

        Raises what went wrong with the text, if anything did.
        """
        if self._fitting:
            return self._fitting[0]
        return self._again.closest if self._again else None

    @property
    def bridged(self) -> list[int]:
        """Campaigns for which nothing stands and which this text shows to be one with `closest`."""
        if not self._fitting or self._stands(self._fitting[0]):
            return []
        found = [*matching.bridged(self._fitting), *self._reread]
        return [one.subject for one in found if not self._stands(one)]

    def _stands(self, one: Closest) -> bool:
        known = self._known[one.subject]
        return not known.is_campaign or bool(known.standing)

    @cached_property
    def _fitting(self) -> list[Closest]:
        if self.failure is not None:
            raise self.failure
        if not self._known:
            return []
        seen = matching.look(self._words, self._subjects)
        campaigns, singles = (
            {
                subject: known.core
                for subject, known in self._known.items()
                if known.is_campaign is wanted
            }
            for wanted in (True, False)
        )
        return matching.fitting(seen, campaigns) or matching.fitting(seen, singles)

    @cached_property
    def _alike_in_a_row(self) -> list[int]:
        having = {one: self._subjects.get(one, ()) for one in self._in_a_row}
        return spaces.candidates(having, len(self._words))

    @cached_property
    def _alike_in_beginnings(self) -> list[int]:
        return typos.candidates({one: self._subjects.get(one, ()) for one in self._beginnings})

    @cached_property
    def _again(self) -> Reread | None:
        """What it is a copy of with other spaces or letters."""
        return next(self._rereadings(), None)

    @cached_property
    def _reread(self) -> list[Closest]:
        """What it is a copy of with other spaces or letters, besides what its words fit."""
        first = self._fitting[0]
        return [
            one.closest
            for one in self._rereadings({one.subject for one in self._fitting})
            if same_place(self._words, first, one)
        ]

    def _rereadings(self, but: Collection[int] = ()) -> Iterator[Reread]:
        cores = {one: known.core for one, known in self._known.items() if one not in but}
        return rereadings(
            *(self._text, self._words, cores), self._alike_in_a_row, self._alike_in_beginnings
        )

    @property
    def _compared(self) -> tuple[Word, ...]:
        """Its words as `closest` was found by."""
        return self._words if self._fitting or not self._again else self._again.words

    @property
    def group(self) -> Known | None:
        """What is remembered of `closest`."""
        return self._known[self.closest.subject] if self.closest else None

    @cached_property
    def others(self) -> list[int]:
        """Single comments that it is a copy of too: they came before anybody knew."""
        if not self._fitting:
            return []
        seen = matching.look(self._words, self._subjects)
        seconding = {one.subject for one in matching.bridged(self._fitting)}
        reread = [one.subject for one in self._reread if not self._known[one.subject].is_campaign]
        return reread + [
            subject
            for subject, known in self._known.items()
            if subject != self._fitting[0].subject
            and not known.is_campaign
            and (found := matching.match(seen, known.core)) is not None
            and (found.sure or subject in seconding)
        ]

    @property
    def place(self) -> tuple[int, int]:
        """Where what is shared stands in the text."""
        if self.closest is None or not self.closest.match.shared:
            return -1, -1
        words = [self._compared[place] for place in self.closest.match.shared]
        return self._text.place(min(w.start for w in words), max(w.end for w in words))

    @property
    def adds(self) -> bool:
        """Whether it quotes, or says so much of its own that a person has to read it."""
        if self.closest is None or self.quotes:
            return True
        shared = set(self.closest.match.shared)
        for example in self.closest.core.examples:
            words = typos.reread(self._compared, example) or self._compared
            shared |= matching.repeated(words, example)
        own, run = 0.0, list[float]()
        for place, word in enumerate(self._compared):
            if place in shared:
                run = []
                continue
            run.append(word.value)
            if len(run) == _STATEMENT:
                own += sum(run)
            elif len(run) > _STATEMENT:
                own += word.value
        return own >= LEAST_ANSWER

    @cached_property
    def kept(self) -> list[int]:
        """The prints to remember it by."""
        return [
            *matching.kept(self._words, self._subjects),
            *spaces.kept(self._in_a_row, self._subjects),
            *typos.kept(self._beginnings, self._subjects),
        ]

    @property
    def essence(self) -> tuple[int, ...]:
        """The same for texts that read the same."""
        return tuple(word.number for word in self._words)

    def joined(self, core: Core) -> Core:
        """``core`` with this text in it."""
        reads_anew = self.failure is None and not self._fitting and self._again is not None
        return matching.joined(core, self._words, self._compared if reads_anew else ())


@lru_cache(maxsize=2048)  # in a flood the same few are compared with everything that comes
def core_of(text: str) -> Core:
    """What a single comment is compared by."""
    said = read(text)
    return matching.alone(said.own + said.quoted)


def plainest(texts: Sequence[str]) -> str:
    """Of a campaign's ``texts`` the one whose words most of the others have: neither disguised
    nor wrapped. The first among equals, "" of none.
    """
    said = [core_of(text).examples[0].numbers for text in texts]
    copies = Counter(number for numbers in said for number in set(numbers))
    shares = [sum(copies[one] for one in numbers) / max(1, len(numbers)) for numbers in said]
    return texts[shares.index(max(shares))] if texts else ""


def pack(core: Core) -> str:
    """``core`` as it is stored."""
    return msgspec.json.encode(core).decode()


def unpack(stored: str) -> Core:
    """A stored core."""
    return _decoder.decode(stored)


_decoder = msgspec.json.Decoder(Core)
