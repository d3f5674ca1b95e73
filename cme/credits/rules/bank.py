"""Reading a question bank from a spreadsheet file."""

import csv
import io
import unicodedata

from cme.credits.rules.assessing import LONGEST_OPTION, LONGEST_TEXT, MOST_QUESTIONS, Asked, faults

LETTERS = "ABCDEFGH"
WANTED = ("question", "right", "rationale")
MOST_FAULTS = 20
FORCED = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}  # directions set by hand


def read_bank(content: bytes) -> tuple[list[Asked], list[str]]:
    """The questions of a file, and what is wrong with it by line.

    Columns, in any order: question, answer A to answer H, right (letters), rationale, reference.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], ["Save the file as CSV in UTF-8"]
    if "\0" in text:
        return [], ["This is no CSV file"]
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        lines = [(rows.line_num, row) for row in rows]
    except csv.Error:
        return [], ["This is no CSV file"]
    names = [_plain(name).casefold() for name in lines[0][1]] if lines else []
    missing = [name for name in WANTED if name not in names]
    if missing:
        return [], [f"The first line must name the columns; {' and '.join(missing)} missing"]
    found: list[Asked] = []
    wrong: list[str] = []
    for number, row in lines[1:]:
        if any(cell.strip() for cell in row):
            cells = {name: _plain(cell) for name, cell in zip(names, row, strict=False)}
            question, problems = _question(cells)
            if question.stem.casefold() in {each.stem.casefold() for each in found}:
                problems.append("This question stands in the file twice")
            found.append(question)
            wrong += [f"Line {number}: {problem}" for problem in problems]
    if not found:
        wrong.append("There is no question in the file")
    if len(found) > MOST_QUESTIONS:
        wrong.append(f"A bank has at most {MOST_QUESTIONS} questions")
    return ([], wrong[:MOST_FAULTS]) if wrong else (found, [])


def _question(cells: dict[str, str]) -> tuple[Asked, list[str]]:
    options = [cells.get(f"answer {letter.casefold()}", "") for letter in LETTERS]
    here = [letter for letter, option in zip(LETTERS, options, strict=True) if option]
    right = [letter for letter in cells.get("right", "").upper() if letter not in " ,;+/&"]
    question = Asked(
        stem=cells.get("question", ""),
        options=tuple(option for option in options if option),
        right=tuple(sorted({here.index(letter) for letter in right if letter in here})),
        rationale=cells.get("rationale", ""),
        reference=cells.get("reference", ""),
    )
    problems = faults(question)
    if any(letter not in here for letter in right):
        problems.append("The right answer is none of the answers: enter letters like A or A, C")
    texts = (question.stem, question.rationale, question.reference)
    if max(map(len, texts)) > LONGEST_TEXT or max(map(len, question.options), default=0) > LONGEST_OPTION:
        problems.append("A text is too long")
    return question, problems


def _plain(cell: str) -> str:
    """A cell without what cannot be shown, or would show it backwards."""
    text = unicodedata.normalize("NFC", cell).replace("\r\n", "\n").replace("\r", "\n")
    shown = (each for each in text if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"})
    return "".join(each for each in shown if unicodedata.bidirectional(each) not in FORCED).strip()
