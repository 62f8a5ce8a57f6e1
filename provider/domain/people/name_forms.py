"""Which written forms are one name, and which only look it: what neither spelling nor sound can tell.

Each line is one name as it is spelt, shortened or carried over from another script. Two names of the table that share
no line are two names, however alike they look: twins are called Hassan and Hussain, Paul and Paula.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LINES: Final = """
mohammed mohammad mohamed mohamad muhammad muhammed muhamed mohd md
ahmed ahmad ahmet ahmid
hassan hasan hassen
hussain hussein husain hossain hossein hussien
yusuf yusef youssef yousef yousuf yousif youssouf
ali aly
abdul abdel abdal
aisha ayesha aysha aishah aesha
amina aminah ameena
amira amirah ameera
maryam mariam miriam meryem
fatima fatimah fatma fathima
gurpreet
harpreet
gurjeet gurjit
oliver ollie
olivia livvy
catherine katherine kathryn cathryn katharine kathrine catharine cathy kathy kate katie kat
kathleen cathleen kathy
elizabeth elisabeth liz lizzie beth betty eliza
alexander aleksandr aleksander alexandre oleksandr alex sasha
alexandra aleksandra oleksandra alex sasha
samuel sam sammy
samantha sam sammy
daniel dan danny
danielle dani danny
christopher kristopher chris
christian kristian chris
christine kristine christina kristina chris chrissy
michael mike mick micky mickey
michelle
joseph joe josef
josephine jo josie
joanne joanna jo
george
georgia
georgina
paul
paula
alan allan allen
alana
adam
erin
eric erik
robert rob bob bobby robbie
william will bill billy willem
anthony antony tony
james jim jimmy jamie
john jon johnny jack
jonathan jonathon johnathan johnathon jon
thomas tom tommy
sean shaun shawn
graham graeme grahame
lewis louis luis
leigh lee
rhys reece reese rhyse
steven stephen steve stefan
geoffrey jeffrey geoff jeff
philip phillip phil
carl karl
craig kraig
mark marc
nicholas nicolas nikolas nick
nicola nicky nikki
francis frank
frances fran
max maxwell maximilian
maxine
martin martyn
martha
marie
maria
siobhan shivaun chevonne
niamh neve
jacqueline jackie jacqui
margaret maggie meg peggy
edward ed eddie ted ned
richard rick rich dick ricky
david dave davy
andrew andy drew
matthew mathew matt
benjamin ben benny
gareth gary
zoe zoey
"""


def _by_form() -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_LINES.split("\n")):
        for form in line.split():
            found.setdefault(form, set()).add(number)
    return {form: frozenset(lines) for form, lines in found.items()}


_BY_FORM = _by_form()


def one_name(form: str, other: str) -> bool | None:
    """Whether two names in plain lower case are one; None where the table does not know them both."""
    if form not in _BY_FORM or other not in _BY_FORM:
        return None
    return not _BY_FORM[form].isdisjoint(_BY_FORM[other])
