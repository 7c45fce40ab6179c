"""Signs of spam in a text: ways to get in touch, goods, promises and requests, in many languages.

Every sign is counted once, has a weight that anybody can read, and tells its place. Look-alike
letters, accents and case are folded; words with digits for letters and words that are spelt out
are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from math import exp
from typing import NamedTuple

from belowline.domain.confusables import AS_SEEN, AS_WRITTEN, WORD, fold, script
from belowline.domain.text import plain_links

MOST_CHARACTERS = 10_000

WEIGHTS = {
    "link": 2.4,
    "bare": 1.0,
    "shortener": 1.5,
    "phone": 2.5,
    "mail": 2.0,
    "handle": 1.0,
    "messenger": 2.0,
    "profile": 4.0,
    "begging": 1.5,
    "ware": 2.0,
    "earning": 2.2,
    "prize": 2.0,
    "lure": 1.3,
    "money": 1.0,
    "action": 1.2,
    "offer": 2.0,
    "hidden": 2.5,
}
"""Sign -> what it adds to the odds (natural logarithm) that a text is spam.

``lure`` is a word that honest people use too; ``begging`` is to ask for a visit twice; ``offer``
is a ware, an earning, a prize, or a lure with a request, together with a way to get it; ``hidden``
is a telling word that is spelt out or has digits for letters.
"""

_BASE = -5.5


class Sign(NamedTuple):
    """A sign of spam: its name in `WEIGHTS` and its place in code points, -1 for the whole."""

    name: str
    start: int
    end: int

    @property
    def weight(self) -> float:
        """What it adds to the odds."""
        return WEIGHTS[self.name]


_TERMS = {
    "messenger": """
        telegram*, whatsapp*, whats app, wechat, viber, snapchat, kik, skype, dm me, pm me,
        inbox me, message me, text me on, contact me, write me, write to me, in private, schreib
        mir, schreibt mir, kontaktiere mich, contactez moi, contacte moi, ecrivez moi,
        escribeme, escribanme, contactame, me chama, chama no, chame no, scrivimi, contattami,
        napisz do mnie, bana yaz*, пишите в лс, пиши в лс, в лс, в личк*, в личные сообщения,
        пишите мне, пиши мне, телеграм*, телеграмм*, ватсап*, вотсап*, вайбер*, тг канал*,
        واتساب, واتس اب, تلغرام, تليجرام, راسلني, تواصل معي, 微信, 加微, 加我,
        私聊, 电报, ライン追加, 카톡, 텔레그램
        """,
    "profile": """
        my channel*, our channel*, my page, my profile, my chanel, my youtube, my video*, my
        vid, my vids, my new video*, my music, my song*, my cover*, my remix*, my rap*, my
        mixtape, my blog, my website, my web site, my site, my shop, my store, my instagram, my
        insta, my facebook, my twitter, my onlyfans, my album, my playlist, our page, our
        website, our shop, our video*, our music, subscribe*, sub to, sub me, sub 4 sub, sub for
        sub, check out this, check out my, check out our, check my, check me out, check this
        out, check it out, checkout, visit my, visit our, follow me, follow us, add me, like my,
        like us, look at my, click my, see my bio, link in bio, link in my, new channel, small
        channel, upcoming artist*, give me a chance, give us a chance, give it a listen, mein
        kanal, meinen kanal, mein profil, meinem profil, meine seite, meiner seite, meinem
        kanal, abonniert, folgt mir, folge mir, mon profil, ma chaine, mon blog, mon site,
        abonnez vous, abonne toi, suivez moi, mi canal, mi perfil, mi pagina, suscribete,
        suscribanse, sigueme, siganme, meu canal, meu perfil, minha pagina, inscreva se, se
        inscreve, me segue, il mio canale, mio profilo, iscriviti, seguimi, moj kanal*, mojego
        kanalu, moj profil*, subskrybuj*, kanalima, profilime, abone ol*, мой канал*, моем
        канале, моего канала, мой профиль, моем профиле, подпишись, подпишитесь, подписывайся,
        подписывайтесь, подписаться, наш канал*, нашем канале, قناتي, تابع حسابي, صفحتي, اشترك,
        اشتركوا, تابعني, 我的频道, 我的主页, 关注我, チャンネル登録, 구독
        """,
    "ware": """
        casino*, kasino*, jackpot, betting, sportsbook, roulette, wettanbieter*, sportwetten,
        apuestas, tragamonedas, apostas, scommesse, bahis*, zaklady bukmacherskie, казино,
        ставк* на спорт, ставки, букмекер*, bitcoin*, btc, crypto*, krypto*, cripto*, крипт*,
        биткоин*, арбитраж*, ethereum, usdt, airdrop*, nft, nfts, forex, форекс, binary option*,
        trading signal*, trading bot*, трейдинг*, viagra, cialis, levitra, виагр*, xanax,
        tramadol, steroids, weight loss, lose weight, diet pill*, male enhancement, abnehmen,
        penis enlargement, cbd oil, без рецепта, rezeptfrei, sans ordonnance, sin receta, payday
        loan*, loan*, kredit ohne schufa, sofortkredit, pret rapide, prestamo*, emprestimo*,
        prestito, kredyt bez, займ*, микрозайм*, escort*, sexcam*, webcam girl*, hot girls, sexy
        girls, hookup*, dating site, chatline, интим*, эскорт*, проститут*, знакомств*, buy free
        followers, followers, backlink*, seo service*, накрутк*, рассылк*, раскрутк*, essay
        writ*, replica watch*, fake passport, spell caster, love spell*, ringtone*, polyphonic,
        wallpaper*, adf, gift card*, voucher*, vouchers, coupon*, скидк*, скидок, промокод*,
        rabattcode, gutscheincode, كازينو, قرض, قروض, فياجرا, بيتكوين, 赌场, 博彩, 彩票, 贷款,
        比特币, 壮阳,
        カジノ, 카지노, 토토, 대출
        """,
    "earning": """
        make money, making money, earn money, earning*, extra income, passive income, work
        working from home, from home, online job*, part time job*, my paycheck, investment*,
        roi, financial freedom, get rich, geld verdienen, von zu hause, nebenverdienst,
        heimarbeit, passives einkommen, gagner de l argent, argent facile, travail a domicile,
        revenu passif, ganar dinero, gana dinero, desde casa, ingresos extra, trabajo desde,
        ganhar dinheiro, ganhe dinheiro, renda extra, em casa, guadagnare, guadagna, lavoro da
        casa, zarabia*, praca zdalna, z domu, para kazan*, evden calis*, заработ*, зарабат*,
        подработк*, удаленн* работ*, удаленк*, вакансия, от 18 лет, ищу людей, ищем людей, набор
        людей, набираем, требуются, реклам*, пассивн*, اربح, ربح, العمل من المنزل, دخل اضافي,
        استثمار, 赚钱, 兼职, 日赚, 投资, 副業, 稼げる, 부업
        """,
    "prize": """
        you have won, you ve won, you won, giveaway*, give away*, selected to receive, free
        entry, free gift*, 100 free, limited time, limited offer, special offer, unsubscribe,
        opt out, stop to, t cs, tcs, gutschein*, gagnez, cadeau*, sorteio, vincita, darmow*,
        nagrod*, bedava, ucretsiz, розыгрыш*, выигра*, бонус*, مجانا, جائزة, هدية, فزت, 免费, 中奖,
        奖金, 無料, 무료
        """,
    "lure": """
        earn, from home, per day, per hour, per week, a day, a week, an hour, last month,
        invest*, profit*, в день, в неделю, партнер*, бизнес*, доход*, прибыл*, инвест*, has
        won, winner, winners, prize*, claim*, award*, awarded, lottery, guaranteed,
        congratulations, for free, free, bonus*, offer*, urgent, cash, reward*, gewinn*,
        gewonnen, kostenlos, gratis, gratuit*, premio*, regalo*, gratuito*, ganador*, приз,
        призы, гарант*, акци*, подарок, подарки, бесплатн*, discount*, hack*, cheats, singles,
        followers, slots, poker, replica
        """,
    "action": """
        click*, click here, call, call now, txt, text, reply, sign up, signup, join, register*,
        registration, visit, order, order now, buy, buy now, download*, share this, please
        share, go to, send, apply, don t miss, hurry, contact, vote, help me, watch, donate*,
        listen to, klick*, melde dich, jetzt, bestell*, besuche, kaufen, hier klicken, cliquez,
        commandez, inscrivez vous, visitez, haz clic, visita, registrate, compra, clique,
        acesse, compre, cadastre se, clicca, iscriviti, kliknij, zapisz sie, kup, tikla*,
        переход*, жми*, пиши, пишите, звони*, регистрир*, заказ*, закажи*, купи*, куплю, продам,
        продаю, узнай*, вступай*, присоедин*, обращай*, ссылк*, канал*, чат*, бот, бота, اضغط,
        سجل, اطلب, اتصل, 点击, 加入, 注册, クリック, 登録, 클릭, 가입
        """,
}
"""Sign -> the words that make it, in the languages that spam is written in. A ``*`` stands for the
rest of a word."""

_SHORTENERS = frozenset(
    [
        "bit.ly",
        "adf.ly",
        "goo.gl",
        "tinyurl.com",
        "ow.ly",
        "is.gd",
        "cutt.ly",
        "rebrand.ly",
        "t.me",
        "telegram.me",
        "wa.me",
        "api.whatsapp.com",
        "chat.whatsapp.com",
        "discord.gg",
        "onlyfans.com",
        "linktr.ee",
        "vk.cc",
        "clck.ru",
        "gofundme.com",
        "paypal.me",
        "cash.app",
    ]
)
_PHONE = re.compile(r"(?<![\w.,/:$#-])\+?\(?\d[\d ()./-]{7,18}\d(?![\w%-])")
_SHORT_CODE = re.compile(r"\b(?:to|on|call|text|txt|send|sms)\W{0,2}\d{4,6}\b")
_MAIL = re.compile(r"(?<![\w/.+-])[\w.+-]{2,64}@[\w-]{2,63}\.[a-z]{2,10}\b")
_HANDLE = re.compile(r"(?<![\w/@.])@[a-z][a-z0-9_]{3,31}\b")
_ADDRESSED = re.compile(r"(?i)[^\w@]*(?:rt )?(?:@\w+[^\w@]+)+")
"""Whom a text speaks to, at its beginning: an answer, and no way to get in touch."""
_MONEY = re.compile(
    r"[$\u20ac\xa3\u20bd\u20ba\xa5\u20b9]\s?\d[\d.,]{0,15}|\b\d[\d.,]{0,15}\s?(?:[$\u20ac\xa3\u20bd\u20ba\xa5\u20b9]"
    r"|(?:k |)(?:usd|eur|euros?|dollars?|pounds?|gbp|rub|"
    + fold("\u0440\u0443\u0431")
    + r"\w*|"
    + fold("\u0434\u043e\u043b\u043b")
    + r"\w*|tl|zl|reais|pesos)\b)|\b\d{2,4}\s?%"
)
_SPELT_OUT = re.compile(r"(?<!\w)(?:\w[ ._*\-]{1,2}){3,20}\w(?!\w)")
_LEETED = re.compile(r"(?<![\w@.])(?=\w*[a-z]\w*)(?=\w*\d)\w{4,20}(?!\w)")
_DIGIT_OR_AT = re.compile(r"[\d@]")
_DATE = re.compile(r"(?:19|20)\d\d")
_FEWEST_DIGITS = 9
_TELLING = ("messenger", "ware", "profile", "earning")
_UNSPACED = frozenset({"Han", "Hiragana", "Katakana", "Hangul"})
_SHORTEST_STEM = 3


class _Terms(NamedTuple):
    """First word, or its beginning, -> what has to follow, and the sign; ``inside`` has terms of
    scripts that put no spaces between words."""

    words: dict[str, list[tuple[tuple[str, ...], str]]]
    stems: dict[str, list[tuple[tuple[str, ...], str]]]
    inside: list[tuple[str, str]]
    longest_stem: int


def prepare() -> None:
    """Reads the lists of words, which takes longer than a check may."""
    _terms()


def score(text: str, commoner: float = 0.0) -> float:
    """How likely ``text`` is spam, from 0 to 1; 0 for a text without a sign.

    ``commoner`` is for a place where spam is commoner: natural logarithm of how many times the
    odds are.
    """
    found = signs(text)
    return probability(found, commoner) if found else 0.0


def probability(found: Sequence[Sign], commoner: float = 0.0) -> float:
    """How likely a text with these signs is spam."""
    return 1 / (1 + exp(-_BASE - commoner - sum(sign.weight for sign in found)))


def signs(text: str) -> list[Sign]:
    """The signs in ``text``, each once, where it stands first; the heaviest come first."""
    text = text[:MOST_CHARACTERS]
    found: dict[str, Sign] = {}
    for sign in _all_signs(text):
        first = found.setdefault(sign.name, sign)
        if sign.name == "profile" and sign != first:
            found.setdefault("begging", Sign("begging", sign.start, sign.end))
    offered = any(name in found for name in ("ware", "earning", "prize")) or (
        "lure" in found and "action" in found
    )
    if offered and any(name in found for name in ("link", "phone", "mail", "handle", "messenger")):
        found["offer"] = Sign("offer", -1, -1)
    return sorted(found.values(), key=lambda sign: -sign.weight)


def _all_signs(text: str) -> Iterator[Sign]:
    yield from _links(text)
    read = AS_WRITTEN.read(text)
    addressed = _ADDRESSED.match(text)
    begin = addressed.end() if addressed else 0
    for name, start, end in (*_written(read), *_patterns(read)):
        sign = Sign(name, *AS_WRITTEN.places(text, start, end))
        if name != "handle" or sign.start >= begin:
            yield sign
    for start, end in _hidden(read):
        yield Sign("hidden", *AS_WRITTEN.places(text, start, end))


def _links(text: str) -> Iterator[Sign]:
    links = plain_links(text)
    for link in links:
        yield Sign("link", link.start, link.end)
        if link.host.lower().removeprefix("www.") in _SHORTENERS:
            yield Sign("shortener", link.start, link.end)
    if links and sum(link.end - link.start for link in links) * 2 > len(text):
        yield Sign("bare", links[0].start, links[0].end)


def _patterns(read: str) -> Iterator[tuple[str, int, int]]:
    if not _DIGIT_OR_AT.search(read):
        return  # most texts, seen to at once
    for match in _PHONE.finditer(read):
        digits = "".join(filter(str.isdigit, match.group()))
        if len(digits) >= _FEWEST_DIGITS and not _DATE.match(digits):
            yield "phone", *match.span()
    for name, pattern in (
        ("phone", _SHORT_CODE),
        ("mail", _MAIL),
        ("handle", _HANDLE),
        ("money", _MONEY),
    ):
        for match in pattern.finditer(read):
            yield name, *match.span()


def _written(read: str) -> Iterator[tuple[str, int, int]]:
    terms = _terms()
    matches = list(WORD.finditer(read))
    parts = [match.group() for match in matches]
    for place, part in enumerate(parts):
        for rest, name in _beginning_with(part):
            after = parts[place + 1 : place + 1 + len(rest)]
            if len(after) == len(rest) and all(map(_fits, after, rest)):
                yield name, matches[place].start(), matches[place + len(rest)].end()
    if not read.isascii():
        for term, name in terms.inside:
            start = read.find(term)
            if start >= 0:
                yield name, start, start + len(term)


@lru_cache(maxsize=20_000)  # people use the same words
def _beginning_with(part: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    terms = _terms()
    found = terms.words.get(part, [])
    for length in range(_SHORTEST_STEM, min(len(part), terms.longest_stem) + 1):
        found = found + terms.stems.get(part[:length], [])
    return tuple(found)


def _fits(part: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return part.startswith(wanted[:-1])
    return part == wanted


def _hidden(read: str) -> Iterator[tuple[int, int]]:
    """Telling words that are spelt out ("c a s i n o") or have digits for letters ("cas1no")."""
    for match in _SPELT_OUT.finditer(read):
        if _tells("".join(filter(str.isalnum, match.group()))):
            yield match.span()
    for match in _LEETED.finditer(read) if _DIGIT_OR_AT.search(read) else ():
        if any(_tells(reading.read(match.group())) for reading in AS_SEEN):
            yield match.span()


def _tells(word: str) -> bool:
    return any(name in _TELLING and not rest for rest, name in _beginning_with(fold(word)))


@cache
def _terms() -> _Terms:
    terms = _Terms({}, {}, [], 0)
    for name, listed in _TERMS.items():
        for term in " ".join(listed.split()).split(", "):
            if any(script(char) in _UNSPACED for char in term):
                terms.inside.append((fold(term), name))
                continue
            first, *rest = (
                fold(part.rstrip("*")) + ("*" if part.endswith("*") else "")
                for part in term.split()
            )
            table = terms.stems if first.endswith("*") else terms.words
            table.setdefault(first.rstrip("*"), []).append((tuple(rest), name))
    return terms._replace(longest_stem=max(map(len, terms.stems)))
