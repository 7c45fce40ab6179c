"""What those who have sent in a notice or objected are told by mail."""

from __future__ import annotations

from belowline.domain.statements import Appeal, Notice
from belowline.render.language import translations


def written(notice: Notice, kind: str, *, site_name: str, page: str) -> tuple[str, str]:
    """The subject and the text, in the notice's language.

    Nothing of the notice is in it but where it stands: who wrote it may have named somebody else's
    address, who should get no words of a stranger by us.
    """
    words = translations(notice.language)
    _ = words.ugettext
    if kind == "receipt":
        subject = _("We have your notice of illegal content")
        first = _("Somebody here will look at it and decide. The answer will stand here:")
    else:
        subject = _("Your notice of illegal content is decided")
        done = _("We have acted on it.") if notice.acted else _("We have not acted on it.")
        first = f"{done}\n\n{notice.answer}\n\n" + _(
            "If you disagree, write to the newsroom or turn to a court. The decision stands here:"
        )
    ending = _(
        "You get this because your address was given with the notice. If it was not you, "
        "there is nothing to do."
    )
    return f"{site_name}: {subject}", f"{first}\n{page}\n\n{ending}\n"


def written_to_author(appeal: Appeal, kind: str, *, site_name: str, page: str) -> tuple[str, str]:
    """The subject and the text about an appeal, in the language of the page it was written on.

    Nothing of the comment or the appeal is in it: the address may be somebody else's.
    """
    _ = translations(appeal.language).ugettext
    if kind == "receipt":
        subject = _("We have your objection")
        first = _(
            "The statement of reasons stands here, and so will the answer. Whoever has this "
            "address can read them:"
        )
    else:
        subject = _("Your objection is answered")
        done = (
            _("You were right. It was taken back.") if appeal.upheld else _("The decision stands.")
        )
        first = f"{done}\n\n{appeal.answer}\n\n" + _("All of it stands here:")
    ending = _(
        "You get this because your address was given with the objection. If it was not you, "
        "there is nothing to do. The address is deleted once the answer has been sent."
    )
    return f"{site_name}: {subject}", f"{first}\n{page}\n\n{ending}\n"
