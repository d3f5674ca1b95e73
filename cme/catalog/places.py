"""Where seminars take place: the states by their codes."""

import re

_NAMES = (
    "AL:Alabama AK:Alaska AZ:Arizona AR:Arkansas CA:California CO:Colorado CT:Connecticut DE:Delaware "
    "DC:District of Columbia FL:Florida GA:Georgia HI:Hawaii ID:Idaho IL:Illinois IN:Indiana IA:Iowa KS:Kansas "
    "KY:Kentucky LA:Louisiana ME:Maine MD:Maryland MA:Massachusetts MI:Michigan MN:Minnesota MS:Mississippi "
    "MO:Missouri MT:Montana NE:Nebraska NV:Nevada NH:New Hampshire NJ:New Jersey NM:New Mexico NY:New York "
    "NC:North Carolina ND:North Dakota OH:Ohio OK:Oklahoma OR:Oregon PA:Pennsylvania PR:Puerto Rico "
    "RI:Rhode Island SC:South Carolina SD:South Dakota TN:Tennessee TX:Texas UT:Utah VT:Vermont VA:Virginia "
    "WA:Washington WV:West Virginia WI:Wisconsin WY:Wyoming"
)
STATES = {code: name.strip() for code, name in re.findall(r"([A-Z]{2}):([A-Za-z ]+?)(?= [A-Z]{2}:|$)", _NAMES)}

COUNTRIES = {
    "US": "United States",
    "CA": "Canada",
    "MX": "Mexico",
    "BS": "Bahamas",
    "BM": "Bermuda",
    "CR": "Costa Rica",
    "DO": "Dominican Republic",
    "JM": "Jamaica",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "FR": "France",
    "DE": "Germany",
    "IT": "Italy",
    "ES": "Spain",
    "PT": "Portugal",
    "GR": "Greece",
    "AT": "Austria",
    "CH": "Switzerland",
    "NL": "Netherlands",
    "JP": "Japan",
    "AU": "Australia",
    "NZ": "New Zealand",
}


def country_name(code: str) -> str:
    """The name of a country, or its code where we do not know it."""
    return COUNTRIES.get(code, code)


def state_name(code: str) -> str:
    """The name of a state, or its code where we do not know it."""
    return STATES.get(code, code)
