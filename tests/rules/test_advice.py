"""Harm-reduction advice: each example of the trade is given when it should be, once, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.domain.assessments.advice import AdviceRules, read_rules, shipped_rules, suggest
from provider.domain.assessments.answers import FREQUENCIES, ROUTES, SUBSTANCES
from provider.domain.assessments.condition import holds, parse
from provider.domain.assessments.facts import FLAGS, Facts, Use, facts_of
from provider.domain.assessments.questions import SECTIONS
from provider.kernel.errors import Invalid


def facts(
    *uses: str | Use,
    age: int = 30,
    flags: Collection[str] = (),
    audit: int | None = None,
    dependent: Collection[str] = (),
) -> Facts:
    return Facts(
        age,
        tuple(Use(use) if isinstance(use, str) else use for use in uses),
        frozenset(flags),
        audit,
        frozenset(dependent),
    )


def use(substance: str, *routes: str, how_often: str | None = None) -> Use:
    return Use(substance, frozenset(routes), how_often)


def codes(found: Facts) -> list[str]:
    return [advice.code for advice in suggest(found, shipped_rules())]


@pytest.mark.parametrize(
    ("said", "given_advice"),
    [
        (facts("heroin", flags={"drinks_alcohol"}), "opioids_with_sedatives"),
        (facts("heroin", "alcohol"), "opioids_with_sedatives"),
        (facts("methadone", "benzodiazepines"), "opioids_with_sedatives"),
        (facts("other_opiates", "gabapentinoids"), "opioids_with_sedatives"),
        (facts("heroin", "ghb_gbl"), "opioids_with_sedatives"),
        (facts("heroin"), "naloxone"),
        (facts("heroin"), "unknown_strength"),
        (facts("benzodiazepines"), "unknown_strength"),
        (facts("cannabis", flags={"unknown_pills"}), "unknown_strength"),
        (facts("heroin", flags={"recent_break"}), "tolerance_after_a_break"),
        (facts(flags={"dependent_alcohol"}), "do_not_stop_alcohol_suddenly"),
        (facts(audit=20), "do_not_stop_alcohol_suddenly"),
        (facts(use("benzodiazepines", how_often="daily")), "do_not_stop_sedatives_suddenly"),
        (facts(use("ghb_gbl", how_often="daily")), "do_not_stop_sedatives_suddenly"),
        (facts("benzodiazepines", dependent={"benzodiazepines"}), "do_not_stop_sedatives_suddenly"),
        (facts("ghb_gbl", "alcohol"), "alcohol_with_sedatives"),
        (facts("ghb_gbl"), "ghb_dosing"),
        (facts(use("amphetamines", "inject")), "injecting"),
        (facts("cocaine", flags={"shares_equipment"}), "sharing_equipment"),
        (facts("cocaine", flags={"drinks_alcohol"}), "cocaine_with_alcohol"),
        (facts("nitrous_oxide"), "nitrous_oxide_nerves"),
        (facts("ketamine"), "ketamine_bladder"),
        (facts("mdma"), "mdma"),
        (facts("mdma", flags={"takes_antidepressants"}), "mdma_with_antidepressants"),
        (facts("cannabis", flags={"cannabis_with_tobacco"}), "cannabis_and_tobacco"),
        (facts("cannabis", flags={"psychosis"}), "psychosis_and_cannabis"),
        (facts("cannabis", flags={"psychosis_in_family"}), "psychosis_and_cannabis"),
        (facts("cannabis", flags={"pregnant"}), "pregnancy"),
        (facts(flags={"pregnant", "drinks_alcohol"}), "pregnancy"),
        (facts("cannabis", flags={"drives"}), "driving"),
        (facts("cannabis", age=17), "under_18"),
        (facts("solvents"), "solvents"),
        (facts("steroids"), "steroids"),
        (facts("synthetic_cannabinoids"), "synthetic_cannabinoids"),
        (facts("hallucinogens"), "hallucinogens"),
        (facts(flags={"suicidal_thoughts"}), "suicidal_thoughts"),
        (facts("heroin", flags={"children_at_home"}), "children_at_home"),
        (facts(audit=8), "alcohol_units"),
        (facts(use("heroin", how_often="daily")), "opioid_treatment"),
    ],
)
def test_what_was_said_brings_its_advice(said, given_advice):
    assert given_advice in codes(said)


@pytest.mark.parametrize(
    ("said", "left_out"),
    [
        (facts("heroin", "alcohol"), "naloxone"),
        (facts("heroin", "alcohol", "ghb_gbl"), "alcohol_with_sedatives"),
        (facts(use("heroin", "inject"), flags={"shares_equipment"}), "sharing_equipment"),
        (facts(audit=25), "alcohol_units"),
        (facts("cannabis"), "naloxone"),
        (facts("cannabis", flags={"recent_break"}), "tolerance_after_a_break"),
        (facts("cannabis", age=18), "under_18"),
        (facts("cocaine"), "cocaine_with_alcohol"),
        (facts(flags={"drives"}), "driving"),
    ],
)
def test_what_does_not_fit_or_is_said_already_is_left_out(said, left_out):
    assert left_out not in codes(said)


def test_nothing_said_brings_nothing():
    assert suggest(facts(), shipped_rules()) == ()


def test_every_substance_brings_some_advice_but_alcohol_at_low_risk():
    silent = [substance for substance in SUBSTANCES if not codes(facts(substance))]
    assert silent == ["alcohol"]


def test_the_worker_reads_what_the_advice_rests_on():
    found = suggest(facts(use("heroin", "inject"), flags={"drinks_alcohol"}), shipped_rules())
    because = {advice.code: advice.because for advice in found}
    assert because["opioids_with_sedatives"] == "heroin; alcohol"
    assert because["injecting"] == "heroin (injected)"


EVERYTHING = st.builds(
    Facts,
    age=st.integers(10, 90),
    uses=st.lists(
        st.builds(
            Use,
            st.sampled_from(sorted(SUBSTANCES)),
            st.frozensets(st.sampled_from(sorted(ROUTES))),
            st.none() | st.sampled_from(sorted(FREQUENCIES)),
        ),
        max_size=6,
    ).map(tuple),
    flags=st.frozensets(st.sampled_from(sorted(FLAGS))),
    audit_score=st.none() | st.integers(0, 40),
    dependent_on=st.frozensets(st.sampled_from(sorted(SUBSTANCES))),
)


@given(EVERYTHING)
def test_advice_is_in_order_of_urgency_and_never_said_twice(said):
    rules = shipped_rules()
    found = suggest(said, rules)
    place = {
        rule.code: (("life_at_risk", "soon", "useful").index(rule.urgency), n)
        for n, rule in enumerate(rules.rules)
    }
    assert [place[advice.code] for advice in found] == sorted(place[advice.code] for advice in found)
    assert len({advice.text for advice in found}) == len(found) == len({advice.code for advice in found})


def test_the_shipped_rules_wait_for_a_clinical_lead():
    rules = shipped_rules()
    assert not rules.signed_off
    assert read_rules(
        {**rules.model_dump(), "signed_off_by": "Dr Example", "signed_off_on": "2026-11-01"}
    ).signed_off


def test_rules_survive_being_stored_as_json():
    rules = shipped_rules()
    assert AdviceRules.model_validate_json(rules.model_dump_json()) == rules


RULE = {"code": "a", "urgency": "soon", "when": "cannabis", "text": "A sentence that helps.", "source": "us"}


@pytest.mark.parametrize(
    ("change", "pointer", "says"),
    [
        ({"when": "cannabis and"}, "/rules/0/when", "A name is missing."),
        ({"when": "cannabis cocaine"}, "/rules/0/when", "“cocaine” is not expected here"),
        ({"when": "(cannabis"}, "/rules/0/when", "A bracket is not closed."),
        ({"when": "cannabis)"}, "/rules/0/when", "“)” is not expected here"),
        ({"when": "Cannabis; drop"}, "/rules/0/when", "Only names in small letters"),
        ({"when": "(" * 40 + "cannabis" + ")" * 40}, "/rules/0/when", "Too many brackets"),
        ({"when": ""}, "/rules/0/when", "at least 1 character"),
        ({"when": "skunk"}, "/", "a: skunk means nothing."),
        ({"when": "cannabis:never"}, "/", "a: cannabis:never means nothing."),
        ({"when": "pregnant:daily"}, "/", "a: pregnant:daily means nothing."),
        ({"instead_of": ["b"]}, "/", "a: there is no other rule b."),
        ({"urgency": "now"}, "/rules/0/urgency", "life_at_risk"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_its_place(change, pointer, says):
    with pytest.raises(Invalid) as refused:
        read_rules({"version": "1", "rules": [{**RULE, **change}]})
    [fault] = refused.value.errors
    assert fault.pointer == pointer
    assert says in fault.detail


@pytest.mark.parametrize(
    "data",
    [
        {"version": "1", "rules": [RULE, RULE]},
        {"version": "1", "rules": [], "groups": {"cannabis": ["cannabis"]}},
        {"version": "1", "rules": [], "groups": {"downers": ["whisky"]}},
        {"rules": []},
    ],
)
def test_rules_that_contradict_themselves_are_refused(data):
    with pytest.raises(Invalid):
        read_rules(data)


@pytest.mark.parametrize(
    ("condition", "said", "true"),
    [
        ("cannabis or cocaine and heroin", facts("cannabis"), True),
        ("(cannabis or cocaine) and heroin", facts("cannabis"), False),
        ("not cannabis", facts("cocaine"), True),
        ("not cannabis and cocaine", facts("cannabis", "cocaine"), False),
        ("not (cannabis and cocaine)", facts("cannabis"), True),
        ("not not cannabis", facts("cannabis"), True),
        ("any:smoke", facts(use("cannabis", "smoke")), True),
        ("any:smoke", facts(use("cannabis", "oral")), False),
        ("any:dependent", facts(dependent={"heroin"}), False),
        ("heroin:dependent", facts("heroin", dependent={"heroin"}), True),
        ("any", facts(), False),
        ("everyone", facts(), True),
    ],
)
def test_conditions_bind_as_they_read(condition, said, true):
    assert (holds(parse(condition), said, groups={}) is not None) == true


def read_or_refused(text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return "Read."


@given(st.text(alphabet="()abc_:andornot 1", max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    assert read_or_refused(text).endswith(".")


def test_answers_become_facts_only_where_they_were_given():
    said = facts_of(
        {
            "health": {"pregnant": "unsure", "fits": "no", "numbness": "prefers_not_to_say"},
            "taking_part": {"video": "no", "private_place": "yes", "reading_need": None},
        },
        age=30,
        drinks=True,
    )
    assert said.flags == {"pregnant", "no_video", "drinks_alcohol"}
    assert said.substances == {"alcohol"}


def test_every_fact_a_question_raises_is_a_known_one_and_codes_are_unique():
    questions = [question for section in SECTIONS.values() for question in section]
    assert {flag for question in questions for flag in question.raises.values()} <= set(FLAGS)
    assert all(set(question.raises) <= set(question.codes) for question in questions)
    assert len({question.code for question in questions}) == len(questions)
