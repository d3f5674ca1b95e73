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
    company: str = ""
    nature: str = ""


TEACHERS = (
    Teacher("venn", "Odalys Venn-Whitaker", "MD", "Professor of Medicine", "Cardiology", "Bayward School of Medicine"),
    Teacher(
        "marrow",
        "Tobias Marrowgate",
        "DO",
        "Director, Rhythm Service",
        "Cardiac electrophysiology",
        "Sablecove Medical Center",
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
    ),
    Teacher(
        "quintrell",
        "Halvard Quintrell",
        "PharmD",
        "Cardiology pharmacist",
        "Clinical pharmacology",
        "Tidewell Heart Institute",
    ),
    Teacher(
        "sorrelle",
        "Priyanka Sorrelle",
        "MD",
        "Medical Director, Advanced Heart Failure",
        "Heart failure",
        "Tidewell Heart Institute",
    ),
    Teacher("adair", "Wren Adair-Holt", "NP", "Lead nurse practitioner", "Team-based care", "Sablecove Heart Clinic"),
    Teacher(
        "okonjo",
        "Ekow Okonjo-Vale",
        "MD",
        "Chief of Emergency Medicine",
        "Emergency medicine",
        "Harbor Light Hospital",
    ),
    Teacher(
        "lindqvist",
        "Maren Lindqvist-Bell",
        "MD",
        "Professor of Endocrinology",
        "Diabetes and metabolism",
        "Mangrove State University",
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
    ),
    Teacher("tamsin", "Rafael Tamsin-Ortega", "MD", "Director, Headache Clinic", "Neurology", "Pelican Bay Neurology"),
    Teacher(
        "fennimore",
        "Cosima Fennimore",
        "DO",
        "Director, Pain and Recovery Program",
        "Pain medicine",
        "Harbor Light Hospital",
    ),
    Teacher(
        "darrowby", "Ilse Darrowby-Chen", "MD", "Professor of Psychiatry", "Psychiatry", "Bayward School of Medicine"
    ),
    Teacher(
        "penhallow",
        "Jasper Penhallow",
        "MD",
        "Director, Hospital Medicine",
        "Internal medicine",
        "Cypress Keys Medical Group",
    ),
    Teacher(
        "wilder",
        "Anneke Wilder-Moss",
        "MD",
        "Clinical Professor of Dermatology",
        "Dermatology",
        "Cypress Keys Medical Group",
    ),
    Teacher(
        "harrowgate",
        "Bram Harrowgate",
        "DO",
        "Team physician and associate professor",
        "Sports medicine",
        "Destin Shore Athletics",
    ),
    Teacher(
        "estrella",
        "Luz Estrella-Dunmore",
        "MD",
        "Chief, Infectious Diseases",
        "Infectious diseases",
        "Sablecove Medical Center",
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
