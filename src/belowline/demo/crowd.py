"""A made-up readership: how long discussions are, how they branch, who writes what in them.

Everything follows from a number, the seed, so that the same seed gives the same discussions.
Only ``random.Random.random`` is used: what it gives is promised not to change between releases
of Python.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import msgspec

_DEEPEST = 40
_LARGEST_STORY = 100_000
_TEXTS = 3_000
_DAY = 86_400_000

Chance = Callable[[], float]
"""``random.Random.random``."""

_FIRST = (
    *("Ada", "Ben", "Chidi", "Dora", "Emil", "Fatma", "Grace", "Henrik", "Ines", "Jonas"),
    *("Kemal", "Lena", "Mira", "Noah", "Olga", "Pavel", "Quentin", "Rosa", "Sami", "Tove"),
    *("Ulla", "Viktor", "Wanda", "Ximena", "Yusuf", "Zoe", "سارة", "عمر", "ليلى", "Jürgen"),
)
_LAST = (
    *("Okafor", "Lindqvist", "Calder", "Moreau", "Yilmaz", "Novak", "Petrov", "Schmidt"),
    *("Garcia", "Haddad", "Berg", "Tanaka", "Rossi", "Weber", "Olsen", "Marsh", "Kowalski"),
    *("Adeyemi", "Brandt", "Costa", "Dietrich", "Eriksen", "Fournier", "Grant"),
)

_SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "I have lived on this street for twenty years and nobody asked us.",
        "The figures in the third paragraph do not add up.",
        "Who pays for it when the money runs out?",
        "Thank you for going there and asking.",
        "My bus was late again this morning, and it was full.",
        "That is not what the council said in March.",
        "I was at the meeting, and it was calmer than this sounds.",
        "Has anyone read the report itself?",
        "We had the same discussion ten years ago.",
        "The school needs a roof before it needs a slogan.",
        "You are right about the cost, but not about the time.",
        "There is a petition in the library, for those who want to sign.",
        "It works well in the next town, and it was cheaper there.",
        "I would like to hear from the people who work there.",
        "A good story, but the headline promises more than it holds.",
        "Please do not build it in front of the old mill.",
        "My neighbour says the opposite, and she was there.",
        "What happens to those who cannot drive?",
        "The photograph shows the wrong bridge.",
        "I changed my mind after reading this.",
        "Five years from now everyone will say they knew.",
        "It is easy to complain and hard to sit on the committee.",
        "Why was the contract not put out to tender?",
        "Somebody has to say it: the old one was better.",
    ),
    "de": (
        "Ich wohne seit zwanzig Jahren hier, und gefragt hat uns niemand.",
        "Die Zahlen im dritten Absatz können nicht stimmen.",
        "Wer zahlt das, wenn das Geld aufgebraucht ist?",
        "Danke, dass Sie vor Ort nachgefragt haben.",
        "Mein Bus kam heute früh schon wieder zu spät.",
        "Im März hat der Rat noch etwas anderes gesagt.",
        "In der Sitzung ging es ruhiger zu, als es hier klingt.",
        "Hat jemand den Bericht selbst gelesen?",
        "Bei den Kosten haben Sie recht, bei der Zeit nicht.",
        "Was wird aus denen, die nicht Auto fahren können?",
        "Im Nachbarort geht das gut, und billiger war es auch.",
        "Die Schule braucht ein Dach und keinen Wahlspruch.",
    ),
    "ar": (
        "أسكن في هذا الشارع منذ عشرين عاما ولم يسألنا أحد.",
        "الأرقام في الفقرة الثالثة غير صحيحة.",
        "من سيدفع عندما ينفد المال؟",
        "شكرا لكم على هذا التحقيق.",
        "تأخرت الحافلة مرة أخرى هذا الصباح.",
        "هل قرأ أحد التقرير نفسه؟",
        "كنت في الاجتماع وكان أهدأ من ذلك.",
        "المدرسة تحتاج إلى سقف قبل كل شيء.",
    ),
    "es": (
        "Vivo en esta calle desde hace veinte años y nadie nos preguntó.",
        "Las cifras del tercer párrafo no cuadran.",
        "¿Quién lo paga cuando se acabe el dinero?",
        "Gracias por ir hasta allí y preguntar.",
        "El autobús llegó tarde otra vez esta mañana.",
        "¿Alguien ha leído el informe?",
        "Estuve en la reunión y fue más tranquila.",
        "La escuela necesita un tejado antes que un lema.",
    ),
}
_SHARES = (("en", 0.7), ("de", 0.87), ("ar", 0.94), ("es", 1.0))

_TITLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("The bridge", "The school", "The harbour", "The night bus", "The old mill", "The budget"),
        ("that nobody asked for", "opens late", "costs twice as much", "before the court"),
    ),
    "de": (("Die Brücke", "Die Schule", "Der Hafen"), ("wird teurer", "kommt später")),
    "ar": (("الجسر", "المدرسة"), ("قبل الافتتاح", "أمام المحكمة")),
    "es": (("El puente", "La escuela"), ("llega tarde", "ante el juez")),
}


class Shape(msgspec.Struct, frozen=True):
    """What is asked for. ``held`` is the share of comments that wait, ``until`` milliseconds."""

    seed: int
    comments: int
    stories: int
    held: float
    until: int

    @property
    def readers(self) -> int:
        """How many people write all that: a few of them most of it."""
        return max(20, self.comments // 20)

    @property
    def span(self) -> int:
        """Milliseconds from the first story to the end."""
        days = min(1_000, max(7, self.comments // 3_000))
        return days * _DAY


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A story to be. ``created`` and ``ends`` are milliseconds."""

    number: int
    size: int
    title: str
    language: str
    mode: str
    created: int
    ends: int


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One comment of a discussion: its place, its author's number, and what became of it.

    ``parent`` and ``root`` are places in the discussion, -1 for none; ``fans`` recommend it.
    """

    parent: int
    root: int
    depth: int
    author: int
    text: str
    status: str
    below: int
    created: int
    edited_from: str
    fans: range
    reporter: int
    settled: bool


def name(number: int) -> str:
    """The display name of a reader; every fourth has none."""
    if number % 4 == 3:
        return ""
    index = number * 7_919 % (len(_FIRST) * len(_LAST))
    first, last = divmod(index, len(_LAST))
    return f"{_FIRST[first]} {_LAST[last]}"


def sizes(comments: int, stories: int) -> list[int]:
    """How many comments each story gets: few stories get most, as their rank says (Zipf).

    None gets more than 100,000, unless there are too few stories to hold them all.
    """
    most = max(_LARGEST_STORY, -(-comments // stories))
    low, high = 0.0, float(comments) * stories
    for _ in range(60):
        middle = (low + high) / 2
        if sum(min(most, middle / rank) for rank in range(1, stories + 1)) < comments:
            low = middle
        else:
            high = middle
    found = [int(min(most, high / rank)) for rank in range(1, stories + 1)]
    missing = comments - sum(found)
    for index in range(stories):  # what rounding took, one each, and the rest to the last
        step = 1 if missing > 0 else -1
        if not missing:
            break
        if 0 <= found[index] + step <= most:
            found[index] += step
            missing -= step
    found[-1] += missing
    return found


def topics(shape: Shape) -> list[Topic]:
    """All stories, the earliest first."""
    chance = random.Random(f"topics {shape.seed}").random
    mixed = sorted(sizes(shape.comments, shape.stories), key=lambda size: (chance(), size))
    made = []
    for number, size in enumerate(mixed):
        spoken = chance()
        language = next(code for code, share in _SHARES if spoken < share)
        subjects, verbs = _TITLES[language]
        begins = shape.until - shape.span + round(shape.span * 0.98 * number / shape.stories)
        lasts = round(_DAY * (0.25 + 3 * chance()))
        mood = chance()
        made.append(
            Topic(
                number=number,
                size=size,
                title=f"{_pick(chance, subjects)} {_pick(chance, verbs)}",
                language=language,
                mode="open" if mood < 0.8 else "reviewed" if mood < 0.95 else "closed",
                created=begins,
                ends=min(begins + lasts, shape.until - 1_000),
            )
        )
    return made


class Talk:
    """What is said under the stories of one seed."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        chance = random.Random(f"texts {shape.seed}").random
        self._texts = {language: _texts(chance, pool) for language, pool in _SENTENCES.items()}

    def discussion(self, topic: Topic) -> list[Said]:
        """The comments under ``topic``, in the order in which they were written."""
        chance = random.Random(f"talk {self._shape.seed} {topic.number}").random
        parents, roots, depths = _tree(chance, topic.size)
        statuses = self._statuses(chance, parents)
        below = _below(parents, statuses)
        return list(self._said(chance, topic, parents, roots, depths, statuses, below))

    def _statuses(self, chance: Chance, parents: list[int]) -> list[str]:
        """Nobody answers what was never seen, so a held comment becomes no parent."""
        answered = set(parents)
        leaves = len(parents) - len(answered) + 1
        held = self._shape.held * len(parents) / max(1, leaves)
        statuses: list[str] = []
        for place in range(len(parents)):
            drawn = chance()
            if drawn < held and place not in answered:
                statuses.append("held")
            elif drawn > 0.98:
                statuses.append("rejected")
            elif drawn > 0.965:
                statuses.append("withdrawn")
            else:
                statuses.append("published")
        return statuses

    def _said(
        self,
        chance: Chance,
        topic: Topic,
        parents: list[int],
        roots: list[int],
        depths: list[int],
        statuses: list[str],
        below: list[int],
    ) -> Iterator[Said]:
        texts = self._texts[topic.language]
        pool, readers, size = len(texts), self._shape.readers, len(parents)
        lasts = topic.ends - topic.created
        nobody = range(0)
        for place, status in enumerate(statuses):
            text = texts[int(chance() * pool)]
            luck = chance()
            edited_from, fans, reporter = "", nobody, -1
            author = int(readers * chance() ** 2)
            if luck < 0.03:
                edited_from, text = text, f"{text} {texts[int(chance() * pool)][:80]}"
            elif luck < 0.13 and status == "published":
                many = 1 + min(int(1 / (chance() + 0.01)), readers // 4)
                first = int((readers - many) * chance())
                fans = range(first, first + many)
                if author in fans:
                    fans = nobody
            elif luck > 0.999 and status == "published":
                reporter = (author + 1) % readers
            yield Said(
                parent=parents[place],
                root=roots[place],
                depth=depths[place],
                author=author,
                text=text,
                status=status,
                below=below[place],
                created=topic.created + int(lasts * ((place + chance()) / size) ** 2),
                edited_from=edited_from,
                fans=fans,
                reporter=reporter,
                settled=luck < 0.9998,
            )


def _tree(chance: Chance, size: int) -> tuple[list[int], list[int], list[int]]:
    """Parents (-1 at the top), threads' first comments, depths.

    Half of the replies answer something recent, the others something that has stood long: early
    threads grow wide, hot ones grow deep.
    """
    parents: list[int] = []
    roots: list[int] = []
    depths: list[int] = []
    for place in range(size):
        drawn = chance()
        if place == 0 or drawn < 0.35:
            parent = -1
        elif drawn < 0.7:
            parent = max(0, place - 1 - int(30 * chance() ** 3))
        else:
            parent = int(place * chance() ** 3)
        if parent >= 0 and depths[parent] >= _DEEPEST:
            parent = parents[parent]
        parents.append(parent)
        roots.append(roots[parent] if parent >= 0 else place)
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
    return parents, roots, depths


def _below(parents: list[int], statuses: list[str]) -> list[int]:
    below = [0] * len(parents)
    for place in range(len(parents) - 1, -1, -1):
        parent = parents[place]
        if parent >= 0:
            below[parent] += below[place] + (statuses[place] == "published")
    return below


def _texts(chance: Chance, pool: tuple[str, ...]) -> list[str]:
    """From one sentence to a few paragraphs, most of them short."""
    made = []
    for _ in range(_TEXTS):
        length = 1 + int(1 / (chance() + 0.09))
        sentences = [_pick(chance, pool) for _ in range(length)]
        if length > 5:
            sentences.insert(length // 2, "\n\n")
        made.append(" ".join(sentences).replace(" \n\n ", "\n\n"))
    return made


def _pick(chance: Chance, among: tuple[str, ...]) -> str:
    return among[int(chance() * len(among))]
