"""The language and script of a text, guessed from its letters and its commonest words.

Meant for comments: a few words are often enough, and where they are not, the answer is "".
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache

import msgspec

from belowline.domain.confusables import script

_LOOKED_AT = 600
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST = 0.9
"""Evidence below this is none: one word that several languages share."""

_BY_SCRIPT = {
    "Hangul": "ko",
    "Hiragana": "ja",
    "Katakana": "ja",
    "Han": "zh",
    "Greek": "el",
    "Hebrew": "he",
    "Thai": "th",
    "Devanagari": "hi",
    "Bengali": "bn",
    "Tamil": "ta",
    "Georgian": "ka",
    "Armenian": "hy",
}

_BY_LETTERS = {
    "Cyrillic": (("uk", "іїєґ"), ("sr", "ђћџљњј"), ("ru", "ыэё"), ("bg", "ъ")),
    "Arabic": (("ur", "ٹڈڑےں"), ("fa", "پچژگکی")),
}
"""Letters that tell a language from the others of its script, in the order of asking."""

_BY_DEFAULT = {"Cyrillic": "ru", "Arabic": "ar"}

_COMMON = """
en: the and of to is in it that you for was on are with as this be have not they your at but
    from who what so he she we can would about just all if there their has had will been more
    people like think know get do does did no its an my me how why when only out up than then
    them his her im dont youre very because should could too much
de: der die das und ist nicht ich sie es ein eine zu den mit von dem auf für sich auch so wie
    wir aber noch nur bei aus wenn was hat sind war oder nach kann man im am zum werden wird
    haben mehr schon doch immer hier mal einen einem keine kein dass daß du ihr euch mich dich
    über gegen diese dieser
fr: le la les des et est pas je il elle une un en que qui ne dans pour sur ce ça c au avec plus
    vous nous ils se tout mais sont ou par on du aux fait comme été cette ces leur même bien
    être ont avoir quand moi toi sans y a si très aussi son sa ses mon ma mes d l n j qu
es: el la los las de que y en es no se un una por con para su lo del al más pero como si son
    este esta todo ya muy sin sobre también me te le yo ha hay ser cuando porque donde fue está
    están eso esos qué nos hasta desde mi tu todos nada
it: il la lo gli le di che e è non un una per con in si del della dei delle sono ma come più
    anche se ci ha questo questa mi ti al alla nel nella da dal io tu lui lei noi voi loro
    perché quando cosa fatto solo tutti tutto essere hanno molto sempre chi
pt: o a os as de que e é não um uma em para com por se do da dos das no na nos nas mais mas como
    ao eu você ele ela isso esse essa já muito também foi são está tem meu minha quando só sem
    pra vc até porque quem ser ter tudo nem vai
nl: de het een en van is niet dat ik je in op te zijn voor met die er maar ook aan als was dan
    nog wel om naar bij uit ze hij wij we heeft hebben worden wordt kan geen meer zo wat waar
    door over dit deze moet mensen gewoon jij
pl: i w nie na to się z że do jest jak o co ale po tak za czy od już tylko by dla ma są był była
    było być przez mnie tego ten ta mi ja ty on ona my oni może kiedy gdzie bo też jeszcze
    bardzo jego tym tej który która
cs: a je se na to v že s z do o i jak ale za by co tak po jsem jsou si už když jen nebo jako
    který která které není byl byla bylo bude mít má my ty on tam také ještě proto protože než
    pro ve ze při
sk: a je sa na to v že s z do o i ako ale za by čo tak po som sú si už keď len alebo ktorý ktorá
    nie bol bola bolo bude má my ty on tam aj ešte preto pretože než pre vo zo pri
ro: și si în in la de a nu este e o un că ca pe cu din să sa se care mai dar pentru sunt am ai
    are au fost asta cum după prea doar fi când unde tot lui ei noi voi dacă daca decât acest
    această cei cele ce mă te
hu: a az és hogy nem is egy ez van meg de ha mint csak már még volt lesz el ki be fel kell vagy
    én te ő mi ti ők aki ami azt ezt itt ott sem minden olyan mert nagyon lehet nincs
tr: ve bir bu da de için ne çok ama o ile mi gibi daha var yok ben sen biz siz onlar her
    kadar olan olarak değil sonra hiç şey neden böyle ki ya en diye kim bile oldu olur gün bunu
sv: och i att det som en på är av för med den till inte om har de ett jag men var man vi så kan
    du när från ut nu bara eller vad alla ska mycket också hur här över efter vara dom mig dig
    finns
da: og i at det er en til på som af for med den ikke har de der et jeg men var vi kan du man om
    så når fra ud nu kun eller hvad alle skal meget også hvor her over efter være mig dig hvis
    han hun
no: og i å det er en til på som av for med den ikke har de et jeg men var vi kan du man om så
    når fra ut nå bare eller hva alle skal mye også hvor her over etter være meg deg hvis han
    hun
fi: ja on ei se että en hän oli ovat joka mutta niin kun ole tai jos kuin myös vain nyt mitä
    tämä siis sitten voi vielä minä sinä me te he olen olet ollut kaikki jo kyllä sen sitä
id: yang dan di ini itu dengan untuk tidak dari ke ada pada juga akan bisa saya kamu dia kita
    mereka tapi karena sudah belum lebih sangat orang kalau saja apa kenapa lagi jangan aja yg
    ga gak nya oleh atau
vi: và của là không có được cho người các một những này thì với đã trong để cũng khi như nhiều
    ra vào lại mà nó tôi bạn anh chị em ông bà rồi nên đến sẽ phải làm gì vì về quá còn đi nào
hr: i je u se na da ne za su od što kao to s o ali sam bi ili će samo koji koja ima bio bila
    nije biti ako kad sve ja ti on mi vi oni više još jer po iz nisu
"""

_LETTERS = {
    "de": "ß",
    "pl": "łąęśźżńć",
    "cs": "ěřů",
    "ro": "țșăţş",
    "hu": "őű",
    "tr": "\u0131ğ",
    "vi": "ạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹđơư",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "da": "æ",
}

_OF_LETTER = {letter: language for language, letters in _LETTERS.items() for letter in letters}
"""Letters that are rare in other languages."""

LANGUAGES = (
    frozenset(re.findall("^([a-z]+):", _COMMON, re.MULTILINE))
    | frozenset(_BY_SCRIPT.values())
    | frozenset(_BY_DEFAULT.values())
    | {language for told in _BY_LETTERS.values() for language, _ in told}
)
"""The codes (ISO 639-1) that `guess` can answer with."""


UNKNOWN = "und"
"""ISO 639's code for a language that is not known, in addresses, files and the policy's rules."""

_REMEMBERED = 256  # texts: the checks, the policy and the storage ask about the same one


class Tongue(msgspec.Struct, frozen=True):
    """What a text is written in: ISO 639-1 and Unicode's name of the script, "" for do not know."""

    language: str = ""
    script: str = ""


def guess(text: str) -> str:
    """The code of the language that ``text`` is most likely written in, "" for do not know."""
    return _told(text[:_LOOKED_AT]).language


def of_comment(text: str, story: str) -> Tongue:
    """What a comment is written in: where its own words do not tell, in its ``story``'s language.

    A text that was looked at a moment ago costs nothing.
    """
    told = _told(text[:_LOOKED_AT])
    return told if told.language else Tongue(primary(story), told.script)


def primary(tag: str) -> str:
    """The language in a tag: "de" of "de-AT"."""
    return tag.split("-")[0].lower()


@lru_cache(_REMEMBERED)
def _told(text: str) -> Tongue:
    text = text.lower()
    if not _WORD.search(text):
        return Tongue()
    if text.isascii():
        return Tongue(_by_words(text), "Latin")
    name = _main_script(text)
    if name in _BY_SCRIPT:
        return Tongue(_japanese(text) if name == "Han" else _BY_SCRIPT[name], name)
    if name in _BY_LETTERS:
        return Tongue(_by_letters(text, name), name)
    return Tongue(_by_words(text) if name == "Latin" else "", name)


def _main_script(text: str) -> str:
    """The script of most letters; where Latin only names an address or a product, the other."""
    counted = Counter(_script(char) for char in text)
    counted[""] = 0
    if counted["Hiragana"] + counted["Katakana"] and counted["Han"]:
        counted["Hiragana"] += counted["Han"]
    latin = counted.pop("Latin", 0)
    name, count = max(counted.items(), key=lambda item: item[1])
    return name if 3 * count > latin else "Latin"


@cache
def _script(char: str) -> str:
    return script(char) if not char.isascii() else "Latin" if char.isalpha() else ""


def _japanese(text: str) -> str:
    return "ja" if any("\u3040" <= char <= "\u30ff" for char in text) else "zh"


def _by_letters(text: str, name: str) -> str:
    for language, letters in _BY_LETTERS[name]:
        if any(letter in text for letter in letters):
            return language
    return _BY_DEFAULT[name]


def _by_words(text: str) -> str:
    evidence: dict[str, float] = {}
    words = _words()
    for word in _WORD.findall(text):
        for language in words.get(word, ()):
            evidence[language] = evidence.get(language, 0.0) + 1 / len(words[word])
    if not text.isascii():
        for letter in set(text):
            language = _OF_LETTER.get(letter, "")
            if language:
                evidence[language] = evidence.get(language, 0.0) + 1
    if not evidence:
        return ""
    language, most = max(evidence.items(), key=lambda item: (item[1], item[0]))
    return language if most >= _FEWEST else ""


@cache
def _words() -> dict[str, tuple[str, ...]]:
    """Common word -> the languages that have it."""
    found: dict[str, list[str]] = {}
    for entry in re.split(r"\n(?=[a-z]+:)", _COMMON.strip()):
        language, _, words = entry.partition(":")
        for word in words.split():
            found.setdefault(word, []).append(language)
    return {word: tuple(dict.fromkeys(languages)) for word, languages in found.items()}
