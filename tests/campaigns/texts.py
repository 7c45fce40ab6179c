# ruff: noqa: RUF001, E501 -- look-alike letters are what this is about
"""A campaign of our own, and people who have nothing to do with it."""

from __future__ import annotations

CORE = (
    "The harbour council sold the fish market to its own cousins and nobody in Lower Quay was "
    "asked, so share this before the ballot on Sunday"
)

GERMAN = (
    "Der Hafenrat hat den Fischmarkt an seine eigenen Vettern verkauft und niemand in der "
    "Unterstadt wurde gefragt, bitte vor der Abstimmung weitersagen"
)

JAPANESE = "港の議会は魚市場を自分の親戚に売り渡したのに下町の住民には一言も相談がなかった"

KOREAN = "항구 의회가 어시장을 사촌들에게 팔아넘겼는데 아래 부두 주민에게는 아무도 묻지 않았습니다"

WRAPPED = (
    f"My aunt has had a stall there since I was small. {CORE}. Anyway, the weather held up nicely.",
    "I do not usually write here, but my neighbour told me and I believe him. "
    f"{CORE} Has anybody seen the ferry timetable for the holidays?",
    f"Rain again on the ridge, sheep everywhere. {CORE} Greetings from the allotments!",
)

DISGUISED = (
    "Тhe hаrbоur соunсil sоld thе fish mаrkеt tо its оwn соusins аnd nоbоdy in Lоwеr Quаy wаs "
    "аskеd, sо shаrе this bеfоrе thе bаllоt оn Sundаy",
    "th3 h4rbour c0uncil s0ld the f1sh m4rket to its 0wn cous1ns and n0body in l0wer quay was "
    "ask3d, so sh4re this bef0re the ball0t on sund4y",
    "The har\u200bbour coun\u200bcil s\u200bold the fi\u200bsh mar\u200bket to its own cous\u200bins "
    "and no\u200bbody in Lower Quay was as\u200bked, so share this before the bal\u200blot",
    "T.h.e harbour c-o-u-n-c-i-l s*o*l*d the fish m.a.r.k.e.t to its own cousins and nobody in "
    "L o w e r Quay was a_s_k_e_d, so share this before the ballot",
    "𝐓𝐡𝐞 𝐡𝐚𝐫𝐛𝐨𝐮𝐫 𝐜𝐨𝐮𝐧𝐜𝐢𝐥 𝐬𝐨𝐥𝐝 𝐭𝐡𝐞 𝐟𝐢𝐬𝐡 𝐦𝐚𝐫𝐤𝐞𝐭 𝐭𝐨 𝐢𝐭𝐬 𝐨𝐰𝐧 𝐜𝐨𝐮𝐬𝐢𝐧𝐬 and nobody in Lower Quay was asked",
    "The haarbour counncil sold the fiish market 🐟 to its own cousinss 🐟 and nobody in Lower Quay "
    "was assked!!! so share this beffore the ballot on Sunday 🔥🔥",
    "so share this before the ballot on Sunday: nobody in Lower Quay was asked, the harbour "
    "council sold the fish market to its own cousins",
    "GOOD MORNING ALL!! THE HARBOR COUNCIL FLOGGED THE FISH MARKET TO THEIR OWN COUSINS AND NOBODY "
    "IN LOWER QUAY WAS CONSULTED, SO SHARE THIS BEFORE THE VOTE ON SUNDAY https://x.example/a1",
    "Teh habrour cuoncil sodl the fish makret to its own cuosins and noboyd in Lower Quay was "
    "aksed, so sahre this before the ballot",
)

MOVED = (
    "Th eharbou rcounci lsol dth efis hmarke tt oit sow ncousin san dnobod yi nLowe rQua ywa sasked, "
    "s oshar ethi sbefor eth eballo to nSunday",
    CORE.replace(" ", ""),
    "".join(word.title() for word in CORE.split()),
    "Hello folks! Theharbour councilsold thefish marketto itsown cousinsand nobody inLower Quaywas "
    "asked so sharethis beforethe balloton Sunday https://x.example/1",
)
"""Its spaces moved, taken out, or both."""

MISTYPED = (
    "Tha harboir counsil sald tje fsh markut ti itz owm cousans end nobodi ir Lowr Qyay waz ashed, "
    "su shart thiss bifore tha balot un Sundax",
    "Hello folks, this cannot be said too often and I for one have had enough. The harbourr xouncil "
    "sald the fishe markit to its awn cousims and nobedy in Lowr Quay wos askud, so shure this "
    "befor the ballat on Sundey",
)
"""A letter wrong, missing or too many in each word, or in each that is longer."""

MISTYPED_GERMAN = (
    "Dur Hafenrad het den Fischmarkd an seime eigenem Vetern verkaust und niemant im dar "
    "Unterstatt wurte gefrakt, bitde vor dar Abstimnung weitersagem"
)

INNOCENT = (
    "The harbour council should publish the minutes of the meeting about the fish market.",
    "Who owns the fish market now? I read that the council sold it, is that true?",
    "I agree.",
    "Thank you!",
    "I agree with Ben, thank you for saying it.",
    "Lower Quay floods every spring and the council does nothing about the drains.",
    "There is a ballot on Sunday, please go and vote, whatever you think.",
    "My cousins moved away years ago because nobody could pay the rents any more.",
    "Nobody asked us either when they closed the school on the ridge.",
    "Share your lifts to the polling station, the bus does not run on Sunday.",
)

HALVES = (
    "kitchen harbour forty orchard the fish violin to gravel own forty and yesterday in Lower Quay "
    "was asked, so share this before the ballot on Sunday",
    "The harbour council sold the fish market to its own cousins and copper saddle windows orchard "
    "pepper pepper so share forty before the again evening thunder",
)
"""Too little alike for one campaign, and both much like what they come from."""
