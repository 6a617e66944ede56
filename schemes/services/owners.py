"""Owners are roles and organisations: a person's name is refused, also beside a role or a body.

A name is two or three words that begin with capitals, alone or right behind a role, none of them a
word for a role, a body or their field of work; the name of a partner, a body, a system or an area
that is known is none. Before a role, in capitals only, or as one word behind a role, a name is told
by a common given name alone: "Kalvert Wells Account Manager" reads like the name of a place, and
"KALVERT WELLS" like two abbreviations, so that these pass.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

from esbt.kit.problems import Fault, Refused
from schemes.models import Body, Partner, PartnerName, System

# a word that makes a phrase a role or a body; a name has none of them
_ROLES = re.compile(
    r"\b(administrator|advis[eo]r|analyst|assistant|associate|authority|authorities|board|bodies|"
    r"body|ccg|chair|chief|clerk|clinician|clinical|commissioner|committee|consultant|coordinator|"
    r"council|deputy|department|director|directorate|executive|finance|governing|group|head|"
    r"healthwatch|hub|icb|lead|leader|management|manager|matron|meeting|member|network|nhs|nurse|"
    r"office|officer|operation|owner|partner|partnership|pharmacist|pmo|practitioner|president|"
    r"programme|project|provider|representative|secretary|service|social|specialist|sponsor|"
    r"strategist|supervisor|surveyor|team|treasurer|trust|unit|worker|workforce)s?\b",
    re.IGNORECASE,
)

# words of places and of fields of work, which stand beside a role and in no person's name
_FIELDS = re.compile(
    r"\b(acute|adult|ambulance|borough|business|cancer|care|children|city|college|commissioning|"
    r"communication|community|communities|contract|contracting|corporate|county|delivery|dental|"
    r"development|digital|district|education|emergency|engagement|england|estate|families|fire|gp|"
    r"health|healthcare|hospital|housing|improvement|informatics|information|integration|joint|"
    r"learning|legal|maternity|medical|medicine|mental|national|nursing|operating|outcome|"
    r"performance|pharmacy|planning|police|policy|practice|primary|procurement|public|quality|"
    r"region|regional|rescue|safety|school|secondary|sector|strategic|strategy|system|technology|"
    r"therapies|town|transformation|transport|university|urgent|voluntary)s?\b",
    re.IGNORECASE,
)

# given names that stand in the documents of the field, and the commonest of England; none of them
# is a word of a role or a month
_GIVEN = re.compile(
    r"(abi|abigail|adam|adrian|alan|alex|alexander|alexandra|alice|alison|allison|"
    r"amanda|amy|andrea|andrew|andy|angela|ann|anna|anne|annette|anthony|barbara|"
    r"becky|ben|benjamin|bernard|beth|brenda|brian|carol|caroline|carolyn|catherine|"
    r"charles|charlotte|chris|christina|christine|christopher|claire|clare|colin|"
    r"craig|cynthia|daniel|daniela|darren|dave|david|dawn|deborah|debbie|denise|"
    r"derek|diana|diane|donna|dorothy|edward|elaine|eleanor|elizabeth|ellen|emily|"
    r"emma|eric|evelyn|fiona|frances|gareth|garry|gary|gavin|geoff|george|gillian|"
    r"gordon|graham|hannah|harriet|harry|heather|helen|henry|hilary|hugh|hugo|ian|"
    r"jack|jackie|jacqueline|james|jane|janet|jason|jayne|jean|jennifer|jenny|"
    r"jeremy|jessica|jill|jim|jo|joan|joanna|joanne|joe|john|jonathan|joseph|"
    r"judith|julia|julian|julie|justin|karen|kate|katherine|kathryn|katie|keith|"
    r"kelly|ken|kenneth|kerry|kevin|kim|laura|lauren|lee|leon|lesley|liam|linda|"
    r"lisa|liz|lorraine|louise|lucy|luke|lynn|maggie|malcolm|margaret|maria|marie|"
    r"marion|martin|mary|matthew|maureen|melanie|michael|michelle|mike|mohammed|"
    r"nadia|natalie|neil|nicholas|nick|nicola|nigel|oliver|olivia|pamela|patricia|"
    r"patrick|paul|paula|pauline|peter|philip|philippa|rachel|ralph|rebecca|richard|"
    r"robert|robin|roger|ronald|rosemary|ross|ruth|ryan|sally|sam|samantha|samuel|"
    r"sandra|sarah|scott|sean|sharon|sheila|shirley|simon|sophie|stephanie|stephen|"
    r"steve|steven|stuart|susan|suzanne|sylvia|teresa|terry|theresa|thomas|tim|"
    r"timothy|tina|tom|tony|tracey|tracy|trevor|vanessa|victoria|vincent|wendy|"
    r"william|yvonne|zoe)",
    re.IGNORECASE,
)
_SAINT = re.compile(r"(king|lord|prince|princess|queen|royal|saint|st)\.?", re.IGNORECASE)
_PART = re.compile(r"[;,:()/]| [\N{EN DASH}\N{EM DASH}-] ")
_NAME_WORD = re.compile(r"[^\W\d_]+(['\N{RIGHT SINGLE QUOTATION MARK}-][^\W\d_]+)*\.?")
_SHORT = re.compile(r"\b[A-Z][A-Z&]{2,}\b|A&E")  # an abbreviation in capitals is a body

# upper floors say here whether they know a place of some name
_places: list[Callable[[str], bool]] = []


def on_place(knows: Callable[[str], bool]) -> None:
    """Have ``knows`` asked whether words are part of the name of a place."""
    if knows not in _places:
        _places.append(knows)


def refuse_people(specs: Sequence[Any], field: str) -> None:
    """Raise Refused for specs whose owner is a name."""
    if faults := people_in(specs, field):
        raise Refused(faults)


def people_in(specs: Sequence[Any], field: str) -> list[Fault]:
    """A fault for each spec whose owner is a name."""
    found = [owner_fault(getattr(spec, field), field, spec.row) for spec in specs]
    return [fault for fault in found if fault]


def owner_fault(text: str, field: str, row: int | str | None) -> Fault | None:
    """What is wrong with the words for an owner: a part of them that names no role, or a person.

    Owners stand with semicolons between; a role and its body with a comma or a colon. An
    abbreviation in capitals (ESCC, A&E) is a body.
    """
    remedy = "Personal names are not kept here: write the role, such as Director of Public Health."
    for owner in filter(None, (part.strip() for part in text.split(";"))):
        for part in filter(None, (part.strip() for part in _PART.split(owner))):
            named = _named_in(part) or _given_in(part)
            if named and not _known(named):
                return Fault(f"This looks like the name of a person. {remedy}", field, named, row)
        if not _ROLES.search(owner) and not _SHORT.search(owner) and not _known(owner):
            return Fault(f"This names no role and no body. {remedy}", field, owner[:60], row)
    return None


def _named_in(part: str) -> str:
    """The words like a name that a part is, or that its role is followed by; "" for none."""
    words = part.split()
    name: list[str] = []
    while words and len(name) < 3 and _of_a_name(words[-1]):
        name.insert(0, words.pop())
    alone = not words or bool(_ROLES.search(words[-1]) or _FIELDS.search(words[-1]))
    return " ".join(name) if len(name) > 1 and alone else ""


def _given_in(part: str) -> str:
    """A common given name with the word behind it, or as the last word behind a role; "" for none.

    That of a saint or a queen is a hospital's.
    """
    words = part.split()
    for at, word in enumerate(words):
        before, behind = words[at - 1] if at else "", words[at + 1 : at + 2]
        given = word[0].isupper() and _GIVEN.fullmatch(word)
        if not given or _SAINT.fullmatch(before):
            continue
        if behind and _NAME_WORD.fullmatch(behind[0]) and behind[0][0].isupper():
            if not (_ROLES.search(behind[0]) or _FIELDS.search(behind[0])):
                return f"{word} {behind[0]}"
        elif not behind and (_ROLES.search(before) or _FIELDS.search(before)):
            return word
    return ""


def _of_a_name(word: str) -> bool:
    return (
        bool(_NAME_WORD.fullmatch(word))
        and word[0].isupper()
        and not (_ROLES.search(word) or _FIELDS.search(word) or _SHORT.search(word))
    )


def _known(part: str) -> bool:
    """Whether words are, or are part of, a name that is known: seven queries at most."""
    named = Q(name__icontains=part)
    return (
        Partner.objects.filter(named | Q(short_name__icontains=part)).exists()
        or any(model.objects.filter(named).exists() for model in (PartnerName, Body, System))
        or any(knows(part) for knows in _places)
    )
