"""Who is referred in the demo: invented people of many kinds, the same ones each time. Their numbers reach nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

# Self-defined code, officer-observed code, how many in a hundred, given names (women's last), family names.
_GROUPS: tuple[tuple[str, str, int, str, str], ...] = (
    (
        "W1",
        "1",
        44,
        "Jack Oliver Ryan Liam Connor Callum Kyle Lewis Dean Josh Aaron Luke / Emma Chloe Megan Lauren Jade Amy",
        "Harper Bennett Cole Webb Palmer Fletcher Marsh Dixon Pearce Hobbs Naylor Tranter Yardley",
    ),
    ("W2", "1", 3, "Sean Cormac Declan / Aoife Niamh", "Brennan Kavanagh Ó Briain"),
    ("W3", "1", 2, "Miley Tommy / Kathleen", "Doherty Ward"),
    (
        "W9",
        "2",
        7,
        "Piotr Andrei Mateusz Luca / Agnieszka Ioana",
        "Kowalski Popescu Wiśniewski Rossi Dumitru",
    ),
    (
        "B1",
        "3",
        9,
        "Jerome Marlon Tyrone Kieran / Shanice Kezia",
        "Campbell Grant Bailey Francis Morrison",
    ),
    ("B2", "3", 6, "Kwame Tunde Chidi Abdi / Ama Ngozi", "Mensah Okafor Adeyemi Diallo Warsame"),
    ("M1", "7", 6, "Jaden Reece Corey / Leah Tia", "Clarke Reid Barrett Lindo"),
    ("M9", "7", 2, "Zak Leo / Maya", "Santos Novak-Reid"),
    ("A1", "4", 5, "Arjun Rohan / Priya", "Patel Sharma Gill"),
    ("A2", "4", 8, "Hamza Bilal Usman Zain / Aisha", "Hussain Mahmood Khan Akhtar"),
    ("A3", "4", 3, "Rafi Tanvir / Nusrat", "Miah Begum Choudhury"),
    ("A4", "5", 1, "Wei / Mei", "Chen Wong"),
    ("O2", "6", 2, "Yusuf Omar / Layla", "Haddad Saleh"),
    ("NS", "0", 2, "Alex Sam Charlie Robin", "Ashby Lowe"),
)
_LANGUAGES = {
    "Kowalski": "pl",
    "Wiśniewski": "pl",
    "Popescu": "ro",
    "Dumitru": "ro",
    "Saleh": "ar",
    "Warsame": "so",
}
_TOWNS = {
    "midshire": ("Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton"),
    "thamesford": ("Reading", "Slough", "Oxford", "Banbury", "Aylesbury"),
}
_POSTCODES = {"midshire": ("B", "CV", "DY", "WV", "WS"), "thamesford": ("RG", "SL", "OX", "HP")}
FICTIONAL = range(7700900000, 7700901000)


@dataclass(frozen=True)
class Invented:
    """Somebody who does not exist. ``mobile`` is one of Ofcom's numbers for drama, given to nobody else here."""

    given_name: str
    family_name: str
    date_of_birth: date
    gender: str
    self_defined_ethnicity: str
    officer_observed_ethnicity: str
    mobile: str
    street: str
    town: str
    postcode: str
    language: str


class Cast:
    """Invents people, each with a number of their own; the same ones in the same order for the same ``random``."""

    def __init__(self, random: Random, *, today: date) -> None:
        self._random, self._today = random, today
        self._numbers = random.sample(FICTIONAL, len(FICTIONAL))
        self._named: set[tuple[str, str]] = set()

    def person(self, force: str, *, young: bool) -> Invented:
        return _one(self._random, force, young, self.mobile(), self._today, self._named)

    def mobile(self) -> str:
        """A number that nobody else here has."""
        number = self._numbers.pop()
        return f"0{number // 1_000_000} {number % 1_000_000:06}"


def _one(
    random: Random, force: str, young: bool, mobile: str, today: date, taken: set[tuple[str, str]]
) -> Invented:
    code, observed, given, family, gender = _name(random, taken)
    town = random.choice(_TOWNS[force])
    return Invented(
        given_name=given,
        family_name=family,
        date_of_birth=_born(random, young=young, today=today),
        gender=gender,
        self_defined_ethnicity=code,
        officer_observed_ethnicity=observed if random.random() < 0.95 else "0",
        mobile=mobile,
        street=f"{random.randint(1, 160)} {random.choice(('Example Street', 'Sample Road', 'Specimen Lane'))}",
        town=town,
        postcode=f"{random.choice(_POSTCODES[force])}{random.randint(1, 29)} {random.randint(1, 9)}"
        + "".join(random.choices("ABDEFGHJLNPQRSTUWXYZ", k=2)),
        language=_LANGUAGES.get(family, "en") if random.random() < 0.7 else "en",
    )


def _name(random: Random, taken: set[tuple[str, str]]) -> tuple[str, str, str, str, str]:
    while True:
        code, observed, _, given, family = random.choices(_GROUPS, [group[2] for group in _GROUPS])[0]
        men, _, women = given.partition(" / ")
        female = bool(women) and random.random() < 0.2
        first = random.choice((women if female else men).split())
        last = random.choice(family.replace("Ó Briain", "Ó_Briain").split()).replace("_", " ")
        if (first, last) not in taken or random.random() < 0.05:
            break
    taken.add((first, last))
    gender = "female" if female else random.choices(("male", "non_binary", "not_known"), (96, 2, 2))[0]
    return code, observed, first, last, gender


def _born(random: Random, *, young: bool, today: date) -> date:
    """Most are between 18 and 30; the oldest in their sixties. Young: 13 to 17."""
    years = random.uniform(13.2, 17.6) if young else min(18.3 + random.expovariate(1 / 9), 66)
    return today - timedelta(days=int(years * 365.25))
