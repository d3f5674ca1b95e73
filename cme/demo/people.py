"""Invented people: those who teach, and those who learn."""

from typing import NamedTuple


class Teacher(NamedTuple):
    """Somebody who teaches, and what they disclosed."""

    key: str
    name: str
    credentials: str
    title: str
    field: str
    affiliation: str
    bio: str
    company: str = ""
    nature: str = ""


TEACHERS = (
    Teacher(
        "venn",
        "Odalys Venn-Whitaker",
        "MD",
        "Professor of Medicine",
        "Cardiology",
        "Bayward School of Medicine",
        "Runs a clinic for blood pressure that would not come down elsewhere, and has taught for twenty years.",
    ),
    Teacher(
        "marrow",
        "Tobias Marrowgate",
        "DO",
        "Director, Rhythm Service",
        "Cardiac electrophysiology",
        "Sablecove Medical Center",
        "Reads rhythm strips for three counties and keeps a drawer of the ones that fooled everybody.",
        "Halyard Devices",
        "research support",
    ),
    Teacher(
        "calloway",
        "Ines Calloway-Brandt",
        "MD",
        "Associate Professor",
        "Preventive cardiology",
        "Bayward School of Medicine",
        "Studies who benefits from prevention and who is only worried by it; sees both on Tuesdays.",
    ),
    Teacher(
        "quintrell",
        "Halvard Quintrell",
        "PharmD",
        "Cardiology pharmacist",
        "Clinical pharmacology",
        "Tidewell Heart Institute",
        "Answers the telephone when a dose, an interaction or a price is in doubt, and teaches from those calls.",
    ),
    Teacher(
        "sorrelle",
        "Priyanka Sorrelle",
        "MD",
        "Medical Director, Advanced Heart Failure",
        "Heart failure",
        "Tidewell Heart Institute",
        "Built a heart failure service that starts treatment in the first week and follows up by telephone.",
    ),
    Teacher(
        "adair",
        "Wren Adair-Holt",
        "NP",
        "Lead nurse practitioner",
        "Team-based care",
        "Sablecove Heart Clinic",
        "Leads a team of nurse practitioners and teaches the parts of a visit that no guideline covers.",
    ),
    Teacher(
        "okonjo",
        "Ekow Okonjo-Vale",
        "MD",
        "Chief of Emergency Medicine",
        "Emergency medicine",
        "Harbor Light Hospital",
        "Has led a small emergency department through two hurricanes; teaches with the equipment most places have.",
    ),
    Teacher(
        "lindqvist",
        "Maren Lindqvist-Bell",
        "MD",
        "Professor of Endocrinology",
        "Diabetes and metabolism",
        "Mangrove State University",
        "Looks after people with diabetes from the first prescription on, and writes dosing tables people keep.",
        "Brightlake Therapeutics",
        "consultant",
    ),
    Teacher(
        "abernath",
        "Solveig Abernath",
        "MD, MPH",
        "Associate Professor of Obstetrics and Gynecology",
        "Women's health",
        "Mangrove State University",
        "Trains generalists in office procedures and has placed, removed and retrieved every device there is.",
    ),
    Teacher(
        "tamsin",
        "Rafael Tamsin-Ortega",
        "MD",
        "Director, Headache Clinic",
        "Neurology",
        "Pelican Bay Neurology",
        "Believes that most of neurology is listening, and that the rest is a good light and a reflex hammer.",
    ),
    Teacher(
        "fennimore",
        "Cosima Fennimore",
        "DO",
        "Director, Pain and Recovery Program",
        "Pain medicine",
        "Harbor Light Hospital",
        "Treats pain and addiction in the same clinic, often in the same person, and teaches how to talk about both.",
    ),
    Teacher(
        "darrowby",
        "Ilse Darrowby-Chen",
        "MD",
        "Professor of Psychiatry",
        "Psychiatry",
        "Bayward School of Medicine",
        "Teaches psychiatry to people who have twenty minutes, and ethics to people who have less.",
    ),
    Teacher(
        "penhallow",
        "Jasper Penhallow",
        "MD",
        "Director, Hospital Medicine",
        "Internal medicine",
        "Cypress Keys Medical Group",
        "Leads the night teams of three hospitals and collects the questions they ask at four in the morning.",
    ),
    Teacher(
        "wilder",
        "Anneke Wilder-Moss",
        "MD",
        "Clinical Professor of Dermatology",
        "Dermatology",
        "Cypress Keys Medical Group",
        "Photographs skin of every color and sorts what she sees by pattern.",
    ),
    Teacher(
        "harrowgate",
        "Bram Harrowgate",
        "DO",
        "Team physician and associate professor",
        "Sports medicine",
        "Destin Shore Athletics",
        "Stands at the side of a field on Fridays and in a skills lab on Saturdays.",
    ),
    Teacher(
        "estrella",
        "Luz Estrella-Dunmore",
        "MD",
        "Chief, Infectious Diseases",
        "Infectious diseases",
        "Sablecove Medical Center",
        "Spends half her week stopping antibiotics, and the other half choosing them.",
    ),
)


class Learner(NamedTuple):
    """Somebody who attends."""

    email: str
    name: str
    certification: str


LEARNERS = tuple(
    Learner(
        f"{name.split()[0].lower()}.{name.split(',')[0].split()[-1].lower()}@learners.demo.test", name, certification
    )
    for name, certification in (
        ("Alder Finchley, MD", "md"),
        ("Beatrix Oarlock, DO", "do"),
        ("Caspian Thornbury, PA-C", "pa"),
        ("Delphine Marsh-Ware, NP", "np"),
        ("Edmund Saltwell, MD", "md"),
        ("Florian Brackenridge, MD", "resident"),
        ("Greta Lowtide, RN", "rn"),
        ("Hollis Quarterdeck, MD", "md"),
        ("Imogen Pelham-Reyes, DNP", "np"),
        ("Jonah Cedarholm, PharmD", "pharmd"),
        ("Kestrel Ambrose, MD", "md"),
        ("Leocadia Windham, DO", "do"),
        ("Magnus Overbrook, MD", "mbbs"),
        ("Nerissa Tollgate, PA-C", "pa"),
        ("Oberon Hightower, MD", "retired-md"),
        ("Perpetua Lanyard, CNM", "np"),
        ("Quill Underhay, MD", "md"),
        ("Rosalind Ferncliff, MD", "md"),
        ("Sorrel Bridgewater, NP", "np"),
        ("Thaddeus Mooring, DO", "do"),
        ("Ursula Copperfield, MD", "md"),
        ("Vesper Nightingale-Roe, MD", "resident"),
        ("Wendell Harborne, PA-C", "pa"),
        ("Xanthe Rowley, MD", "md"),
    )
)
