"""Facts about reading a webinar's log: the shapes services save, and what cannot be read."""

from datetime import UTC, datetime, timedelta

import pytest

from cme.registration.rules import webinar_log
from cme.registration.rules.attendance import merged, minutes_within
from cme.registration.rules.webinar_log import LogTooLong, LogUnreadable, read

ZONE = "America/New_York"
EIGHT = datetime(2027, 3, 15, 12, 0, tzinfo=UTC)  # 8:00 in New York

ZOOM_MEETING = """Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
81,Cardiology,03/15/2027 07:50:00 AM,03/15/2027 10:30:00 AM,host@example.test,160,1

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest
Ada Q (Ada Quillfeather),ada@example.test,03/15/2027 08:00:00 AM,03/15/2027 09:00:00 AM,60,Yes
"""
ZOOM_WEBINAR = """Attendee Report
Report Generated:,03/16/2027 09:00

Attendee Details
Attended,User Name (Original Name),First Name,Last Name,Email,Join Time,Leave Time,Time in Session (minutes)
Yes,Ada Q,Ada,Quillfeather,ada@example.test,"Mar 15, 2027 08:00:00 AM","Mar 15, 2027 09:00:00 AM",60
No,Otto,Otto,Stranger,otto@example.test,--,--,--
"""
TEAMS = (
    "1. Summary\nMeeting title\tCardiology\nAttended participants\t1\n\n"
    "2. Participants\nName\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tRole\n"
    "Ada Q\t3/15/27, 7:00:00\u202fAM\t3/15/27, 11:00:00\u202fAM\t1h\tada@example.test\tAttendee\n\n"
    "3. In-Meeting Activities\nName\tJoin Time\tLeave Time\tDuration\tEmail\tRole\n"
    "Ada Q\t3/15/27, 8:00:00\u202fAM\t3/15/27, 9:00:00\u202fAM\t1h\tada@example.test\tAttendee\n"
)
TEAMS_SHORT = """2. Participants
Name	First Join	Last Leave	Email
Ada Q	3/15/27, 8:00 AM	3/15/27, 9:00 AM	ada@example.test
"""
WEBEX = """"Name","Attendee Email","Join Time","Leave Time"
"Ada Q","ada@example.test","2027-03-15 08:00:00","2027-03-15 09:00:00"
"""
GOTO = """First Name,Last Name,Email Address,Join Time,Leave Time
Ada,Q,ada@example.test,"Mar 15, 2027 08:00 AM EDT","Mar 15, 2027 09:00 AM EDT"
"""
PLAIN = "Email;Joined;Left\nada@example.test;2027-03-15T12:00:00Z;2027-03-15T08:00:00-05:00\n"
EUROPE = "Email;Join;Leave\nada@example.test;15.03.2027 08:00;15.03.2027 09:00\n"
DAY_FIRST = "Email,Join Time,Leave Time\nada@example.test,15/3/2027 08:00,15/3/2027 09:00\n"
SHAPES = [ZOOM_MEETING, ZOOM_WEBINAR, TEAMS, TEAMS_SHORT, WEBEX, GOTO, PLAIN, EUROPE, DAY_FIRST]


@pytest.mark.parametrize("text", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_usual_shape_says_the_same(text, encoding):
    log = read(text.encode(encoding), ZONE)
    assert [(each.email, each.joined, each.left) for each in log.presences] == [
        ("ada@example.test", EIGHT, EIGHT + timedelta(hours=1))
    ]
    assert log.problems == []


def test_a_log_of_actions_is_paired_by_person():
    text = "Full Name\tUser Action\tTimestamp\n"
    for who, did, at in [("Ada", "Joined", "8:00"), ("Bo", "Joined before", "8:10"), ("Ada", "Left", "8:30")]:
        text += f"{who}\t{did}\t3/15/2027, {at}:00 AM\n"
    log = read(text.encode("utf-16"), ZONE)
    assert [(each.name, each.joined, each.left) for each in log.presences] == [
        ("Ada", EIGHT, EIGHT + timedelta(minutes=30))
    ]
    assert log.problems == ["Bo joined and is never said to have left"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("ada@example.test,yesterday,2027-03-15 09:00", "Line 2: has a time we cannot read: yesterday"),
        ("ada@example.test,2027-03-15 09:00,2027-03-15 08:00", "Line 2: ada@example.test left before joining"),
        ("ada@example.test,2027-03-15 08:00,2027-03-17 08:00", "Line 2: ada@example.test stayed for more than a day"),
        ("ada@example.test,2027-03-15 08:00,", "Line 2: lacks a time"),
        (",2027-03-15 08:00,2027-03-15 09:00", "Line 2: says neither an email address nor a name"),
        ("ada@example.test,03/32/2027 8:00,2027-03-15 09:00", "Line 2: has a time we cannot read: 03/32/2027 8:00"),
        (
            "ada@example.test,3/15/2027 13:00 PM,2027-03-15 09:00",
            "Line 2: has a time we cannot read: 3/15/2027 13:00 PM",
        ),
        (
            "ada@example.test,0001-01-01T00:00:00+14:00,2027-03-15 09:00",
            "Line 2: has a time we cannot read: 0001-01-01T00:00:00+14:00",
        ),
        (
            "ada@example.test,9999-12-31T23:00:00,2027-03-15 09:00",
            "Line 2: has a time we cannot read: 9999-12-31T23:00:00",
        ),
    ],
)
def test_what_cannot_be_read_is_said(line, problem):
    log = read(f"Email,Join Time,Leave Time\n{line}\n".encode(), ZONE)
    assert (log.presences, log.problems) == ([], [problem])


def test_time_runs_on_while_the_clocks_are_changed():
    lines = b"a@b.test,3/14/2027 1:30 AM,3/14/2027 3:30 AM\na@b.test,11/7/2027 12:30 AM,11/7/2027 2:30 AM\n"
    log = read(b"Email,Join,Leave\n" + lines, ZONE)
    assert [each.left - each.joined for each in log.presences] == [timedelta(hours=1), timedelta(hours=3)]


@pytest.mark.parametrize("opened", ['"Bo', '"' + "x" * 140_000], ids=["to the end", "too long"])
def test_lines_that_a_quotation_mark_took_in_are_said(opened):
    line = "{},a@b.test,2027-03-15 08:00,2027-03-15 08:30\n"
    text = "Name,Email,Join,Leave\n" + line.format("Ada") + line.format(opened) + line.format("Cy") * 3
    log = read(text.encode(), ZONE)
    assert [each.name for each in log.presences] == ["Ada"]
    assert log.problems == ["Line 3: opens a quotation mark that is not closed there: what follows was not read"]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"hello", b"\xff\xfe\x00", b"PK\x03\x04\x00\x00", b"%PDF-1.7", b"Email,Name\na@b.test,Ada\n"),
        b"<html><table><tr><td>Email</td></tr></table></html>",
        b"Email,Join Time,Leave Time\n",
        b"a" * 300_000,
        b'"' * 10_001,
    ],
)
def test_what_is_no_log_is_refused_in_words(content):
    with pytest.raises(LogUnreadable):
        read(content, ZONE)


def test_a_log_longer_than_any_webinar_is_refused():
    with pytest.raises(LogTooLong):
        read(b"Email,Join,Leave\n" + b"a@b.test,2027-03-15 08:00,2027-03-15 09:00\n" * webinar_log.MOST_ROWS, ZONE)


def test_signs_that_nobody_sees_are_dropped():
    [found] = read(b"Name,Join,Leave\nAda\x07\xc2\xa0Q,2027-03-15 08:00,2027-03-15 09:00\n", ZONE).presences
    assert found.name == "Ada Q"


def minutes(*spans: tuple[int, int]) -> int:
    """How much of a session of an hour from eight these spans of minutes cover."""
    moments = [(EIGHT + timedelta(minutes=a), EIGHT + timedelta(minutes=b)) for a, b in spans]
    return minutes_within(moments, EIGHT, EIGHT + timedelta(hours=1))


@pytest.mark.parametrize(
    ("spans", "covered"),
    [
        ([(0, 60)], 60),
        ([(-30, 200)], 60),
        ([(0, 20), (40, 60)], 40),
        ([(0, 40), (20, 60)], 60),
        ([(0, 60), (0, 60), (10, 20)], 60),
        ([(0, 30), (30, 60)], 60),
        ([(-60, 0), (60, 90)], 0),
        ([(10, 10)], 0),
        ([], 0),
    ],
)
def test_overlapping_spans_count_once_and_never_beyond_the_session(spans, covered):
    assert minutes(*spans) == covered
    assert minutes(*reversed(spans)) == covered


def test_a_span_within_another_changes_nothing():
    hour = (EIGHT, EIGHT + timedelta(hours=1))
    assert merged([hour, (EIGHT + timedelta(minutes=5), EIGHT + timedelta(minutes=6))]) == [hour]


@pytest.mark.parametrize(("seconds", "whole"), [(29, 0), (30, 1), (59, 1), (3599, 60), (3569, 59)])
def test_minutes_are_whole_ones_to_the_nearest(seconds, whole):
    assert minutes_within([(EIGHT, EIGHT + timedelta(seconds=seconds))], EIGHT, EIGHT + timedelta(hours=1)) == whole
