"""Many people at once, each with a number and a referral that has ended: made by a seed, laid down in bulk."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from provider.domain.people.matching import Identity, name_key
from provider.domain.people.names import joined
from provider.kernel.database import Base, db, transaction
from tests.builders import World
from tests.cases import add_case
from tests.fakes import A_TUESDAY

_GIVEN_NAMES = """
Mohammed Oliver Jack Harry George Noah Charlie Jacob Alfie Freddie Oscar Leo Logan Archie Theo Thomas James
Joshua Henry William Max Lucas Ethan Arthur Mason Isaac Harrison Teddy Finley Daniel Riley Edward Joseph
Alexander Adam Reggie Samuel Jaxon Sebastian Elijah Harley Toby Arlo Dylan Jude Benjamin Rory Tommy Jake Louie
Carter Jenson Hugo Bobby Frankie Ollie Zachary David Albie Lewis Luca Ronnie Jackson Matthew Alex Harvey
Reuben Jayden Caleb Hunter Theodore Nathan Blake Luke Elliot Roman Stanley Dexter Michael Elliott Tyler Ryan
Ellis Finn Albert Kai Liam Aaron Olivia Amelia Isla Ava Emily Sophia Grace Mia Poppy Ella Lily Evie Isabella
Sophie Ivy Freya Harper Willow Charlotte Jessica Rosie Daisy Alice Elsie Sienna Florence Evelyn Phoebe Aria
Ruby Isabelle Esme Scarlett Matilda Sofia Millie Eva Layla Chloe Luna Maisie Lucy Erin Eliza Ellie Mila Imogen
Bella Lola Molly Maya Violet Lilly Holly Thea Emilia Hannah Penelope Harriet Georgia Emma Lottie Nancy Rose
Amber Elizabeth Gracie Zara Darcie Summer Hallie Aurora Ada Anna Orla Robyn Bonnie Abigail Darcy Eleanor
Arabella Lexi Clara Heidi Lyla Annabelle Jasmine Aisha Fatima Maryam Yusuf Ahmed Hassan Hussain Ali Ibrahim
Abdul Gurpreet Harpreet Priya Kwame Oluwaseun Wei Dmitri
"""
_FAMILY_NAMES = """
Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts
Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose Davis Turner Hill Clark
Ward Ali Cook Hussain Begum Morgan Ahmed Cooper Harris King Moore Parker Bennett Allen Watson Young Kelly Shaw
Price Murphy Collins Bailey Edwards Lee Baker Richardson Marshall Cox Adams Simpson Chapman Griffiths Stevens
Knight Rogers Webb Hussein Singh Kaur Malik Shah Akhtar Iqbal Begley Okafor Adeyemi Mensah Kowalski Nowak
Petrov Nguyen Zhang Chen Wang O'Brien O'Connor McDonald MacDonald McKenzie Fitzgerald Smith-Jones Hughes
Gibson Harvey Graham Ellis
"""
GIVEN_NAMES, FAMILY_NAMES = _GIVEN_NAMES.split(), _FAMILY_NAMES.split()
ENDS = tuple(
    f"{one}{other}" for one in ("", "son", "man", "ley", "ton", "field", "well") for other in ("", "e", "s")
)
AT_ONCE = 5_000


def identities(how_many: int, *, seed: int = 1) -> Iterator[Identity]:
    """People whose names are as unevenly common as names are, born in some forty years."""
    dice = random.Random(seed)
    for number in range(how_many):
        given = GIVEN_NAMES[int(len(GIVEN_NAMES) * dice.random() ** 2)]
        family = FAMILY_NAMES[int(len(FAMILY_NAMES) * dice.random() ** 2)] + dice.choice(ENDS)
        born = date(1967, 1, 1) + timedelta(days=dice.randrange(15_000))
        postcode = f"B{dice.randrange(1, 99)} {dice.randrange(1, 10)}{dice.choice('AB')}{dice.choice('DE')}"
        yield Identity(given, family, born, postcode, f"+447{number:09d}")


def lay_down(world: World, crowd: Sequence[Identity]) -> None:
    """Add them all, each with a number and a referral of Midshire's that was completed."""
    pattern = _referral_of(add_case(world, given_name="Pattern", family_name="Nobody"))
    with world.app.app_context():
        for start in range(0, len(crowd), AT_ONCE):
            with transaction():
                _add(crowd[start : start + AT_ONCE], first=start + 1_000_000, pattern=pattern(world))


def _referral_of(known: Any) -> Any:
    def read(world: World) -> dict[str, Any]:
        table = Base.metadata.tables["referrals"]
        row = db.session.execute(sa.select(table).where(table.c.id == known.referral_id)).mappings().one()
        return {**row, "case_id": None, "status": "completed", "closed_at": A_TUESDAY}

    return read


def _add(some: Sequence[Identity], *, first: int, pattern: dict[str, Any]) -> None:
    tables, connection = Base.metadata.tables, db.session.connection()
    numbered = list(enumerate(some, first))
    connection.execute(sa.insert(tables["people"]), [_person(number, one) for number, one in numbered])
    connection.execute(sa.insert(tables["phone_numbers"]), [_number(number, one) for number, one in numbered])
    connection.execute(
        sa.insert(tables["referrals"]),
        [
            {**pattern, "id": number, "person_id": number, "reference": f"{number:09d}"}
            for number, _ in numbered
        ],
    )


def _person(number: int, one: Identity) -> dict[str, Any]:
    return {
        "id": number,
        "given_name": one.given_name,
        "family_name": one.family_name,
        "name_key": name_key(one.given_name, one.family_name),
        "family_key": joined(one.family_name),
        "date_of_birth": one.date_of_birth,
        "gender": "not_known",
        "postcode": one.postcode,
        "created_at": A_TUESDAY,
    }


def _number(number: int, one: Identity) -> dict[str, Any]:
    return {
        "person_id": number,
        "as_given": one.mobile_e164,
        "e164": one.mobile_e164,
        "created_at": A_TUESDAY,
    }
