"""What an evaluation may ask, what answers it, and what of it is ever shown."""

from dataclasses import replace
from typing import Any

import pytest

from cme.credits.rules import questions as asking
from cme.credits.rules.questions import Item, Question
from cme.credits.rules.tallies import tally

RATED = Item("overall", "rating", "Overall", "overall", "rating")
BIAS = Item("free_of_bias", "bias", "Free of bias?", "free_of_bias", "bias")
WORDS = Item("comments", "text", "Anything?", "comments", "text")
MANY = Item("change", "choices", "What will you change?", "change", "changes", options=("A", "B", "C"))


def everything() -> list[Item]:
    return asking.asked_of(
        [*asking.USUAL, *asking.MORE],
        objectives=["Choose a target.", "Defend it."],
        speakers=[("venn", "Odalys Venn, MD")],
        sessions=[("2027-03-15-0800", "Lipids"), ("2027-03-15-0915", "Rhythm")],
    )


def test_the_usual_wants_four_taps_and_no_typing():
    wanted = [each for each in asking.USUAL if each.is_required]
    assert [each.kind for each in wanted] == ["rating", "rating", "rating", "bias"]


def test_a_question_about_each_becomes_one_rating_for_each():
    about = [(each.key, each.label, each.about) for each in everything() if each.about]
    assert about == [
        ("speakers-venn", "Odalys Venn, MD", "speaker:venn"),
        ("sessions-2027-03-15-0800", "Lipids", "session:2027-03-15-0800"),
        ("sessions-2027-03-15-0915", "Rhythm", "session:2027-03-15-0915"),
        ("objectives-1", "Choose a target.", "objective"),
        ("objectives-2", "Defend it.", "objective"),
    ]


@pytest.mark.parametrize("each", [*asking.USUAL, *asking.MORE], ids=lambda each: each.key)
def test_a_question_is_kept_and_read_again(each: Question):
    assert Question.from_json(each.to_json() | {"added later": 1}) == each


@pytest.mark.parametrize("each", everything(), ids=lambda each: each.key)
def test_what_was_asked_is_kept_and_read_again(each: Item):
    assert Item.from_json(each.to_json()) == each


@pytest.mark.parametrize(
    ("item", "answer", "is_one"),
    [
        (RATED, 1, True),
        (RATED, 5, True),
        (RATED, 0, False),
        (RATED, 6, False),
        (RATED, True, False),
        (RATED, "5", False),
        (RATED, 4.5, False),
        (RATED, None, False),
        (BIAS, True, True),
        (BIAS, False, True),
        (BIAS, 1, False),
        (MANY, ["A", "C"], True),
        (MANY, ["A", "A"], False),
        (MANY, ["A", "D"], False),
        (MANY, [], False),
        (MANY, "A", False),
        (MANY, [["A"]], False),
        (replace(MANY, kind="choice"), "B", True),
        (replace(MANY, kind="choice"), "D", False),
        (replace(MANY, kind="choice"), ["A"], False),
        (WORDS, "More cases", True),
        (WORDS, "", False),
        (WORDS, "x" * 2001, False),
    ],
)
def test_only_what_was_asked_for_is_an_answer(item: Item, answer: Any, is_one: bool):
    assert asking.fits(item, answer) is is_one


def test_what_was_not_asked_is_left_out():
    said = {"overall": 4, "name": "Ada", "free_of_bias": True, "bias_noticed": "none", "comments": 3}
    assert asking.fitting([RATED, BIAS, WORDS], said) == {"overall": 4, "free_of_bias": True, "bias_noticed": ""}


@pytest.mark.parametrize("kind", asking.ONCE_ONLY)
def test_what_is_asked_once_is_not_asked_twice(kind: str):
    questions = [Question("first", kind, "Once")]
    with pytest.raises(asking.AskedAlready):
        asking.check_new(questions, Question("second", kind, "Once more"))


def test_forty_questions_are_enough():
    questions = [Question(f"q{number}", "text", "?") for number in range(40)]
    asking.check_new(questions[:39], questions[39])
    with pytest.raises(asking.TooManyQuestions, match="at most 40"):
        asking.check_new(questions, Question("more", "text", "?"))


@pytest.mark.parametrize(
    ("key", "step", "order"), [("a", 1, "bac"), ("a", -1, "abc"), ("c", -1, "acb"), ("c", 1, "abc"), ("x", 1, "abc")]
)
def test_a_question_moves_one_place_and_stays_at_the_end(key: str, step: int, order: str):
    questions = [Question(name, "text", "?") for name in "abc"]
    assert "".join(each.key for each in asking.moved(questions, key, step)) == order


def test_three_months_later_what_was_intended_is_asked_about():
    items = asking.asked_of(asking.USUAL, objectives=[], speakers=[], sessions=[])
    meant = asking.intended_in(items, {"will_change": ["How I counsel patients", asking.CONFIRMED]})
    asked = {each.key: each.options for each in asking.asked_later(meant)}
    assert asked["what"] == ("How I counsel patients", "Something else")
    assert len(next(each for each in asking.asked_later(()) if each.key == "what").options) == 5


# What is shown


def said_by(*answers: dict[str, Any], items: tuple[Item, ...] = (RATED, BIAS, WORDS, MANY)) -> list[Any]:
    return [(items, each) for each in answers]


def test_ratings_are_added_up():
    [found] = tally(said_by(*[{"overall": n} for n in (5, 5, 4, 3, 5, 4)], items=(RATED,)))
    assert found.counts == (("1", 0), ("2", 0), ("3", 1), ("4", 2), ("5", 3))
    assert (found.answered, found.mean, found.share(3)) == (6, "4.3", 50)


@pytest.mark.parametrize(("given", "mean"), [((4, 4, 4, 4, 5), "4.2"), ((1,) * 5, "1.0"), ((4,) * 19 + (5,), "4.1")])
def test_a_mean_has_one_decimal_and_goes_up_at_the_tie(given: tuple[int, ...], mean: str):
    [found] = tally(said_by(*[{"overall": n} for n in given], items=(RATED,)))
    assert found.mean == mean


def test_what_four_people_said_is_not_shown():
    four = [{"overall": 1, "free_of_bias": False, "bias_noticed": "Ads", "comments": "Me!", "change": ["A"]}] * 4
    for found in tally(said_by(*four)):
        assert (found.answered, found.is_shown) == (4, False)
        assert (found.counts, found.texts, found.mean) == ((), (), "")


def test_what_five_people_said_is_shown():
    five = [{"overall": 1, "free_of_bias": False, "bias_noticed": "Ads", "comments": "Me!", "change": ["A"]}] * 5
    rated, bias, words, many = tally(said_by(*five))
    assert all(each.is_shown for each in (rated, bias, words, many))
    assert bias.counts == (("Yes", 0), ("No", 5))
    assert bias.texts == ("Ads",) * 5
    assert many.counts == (("A", 5), ("B", 0), ("C", 0))


def test_a_speaker_few_rated_is_not_broken_down_although_many_evaluated():
    speaker = Item("speakers-venn", "rating", "Odalys Venn", "speakers", "speakers", about="speaker:venn")
    people = [{"overall": 5}] * 16 + [{"overall": 5, "speakers-venn": 1}] * 4
    overall, rated = tally(said_by(*people, items=(RATED, speaker)))
    assert overall.is_shown
    assert (rated.answered, rated.is_shown, rated.counts) == (4, False, ())


def test_one_comment_among_many_who_could_have_written_it_is_shown():
    [found] = tally(said_by({"comments": "More cases"}, *[{}] * 4, items=(WORDS,)))
    assert found.texts == ("More cases",)


def test_a_comment_is_not_shown_where_few_were_asked_for_one():
    found = tally([*said_by({"comments": "Me!"}, {}, {}, {}), *said_by(*[{"overall": 3}] * 9, items=(RATED,))])
    assert [each.texts for each in found if each.kind == "text"] == [()]


def test_words_stand_in_the_order_of_the_alphabet():
    [found] = tally(said_by(*[{"comments": text} for text in ("b", "C", "a", "E", "d")], items=(WORDS,)))
    assert found.texts == ("a", "b", "C", "d", "E")


def test_other_words_are_another_question():
    reworded = replace(RATED, label="In all")
    found = tally([*said_by(*[{"overall": 5}] * 5, items=(RATED,)), *said_by({"overall": 1}, items=(reworded,))])
    assert [(each.label, each.answered, each.mean) for each in found] == [("Overall", 5, "5.0"), ("In all", 1, "")]


def test_a_speaker_who_took_another_title_is_one_speaker():
    before = Item("speakers-venn", "rating", "Odalys Venn, MD", "speakers", "speakers", about="speaker:venn")
    after = replace(before, label="Odalys Venn, MD, PhD")
    people = [
        *said_by(*[{"speakers-venn": 5}] * 3, items=(before,)),
        *said_by(*[{"speakers-venn": 4}] * 2, items=(after,)),
    ]
    [found] = tally(people)
    assert (found.answered, found.mean) == (5, "4.6")
