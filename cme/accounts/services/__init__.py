"""What people and staff can do with accounts, one file for each subject."""

from cme.accounts.services.details import save_details
from cme.accounts.services.hashing import hash_password
from cme.accounts.services.identifiers import keep_identifiers, save_identifiers
from cme.accounts.services.joining import Joined, ask_to_join, finish_joining
from cme.accounts.services.passwords import change_password, check_password
from cme.accounts.services.resets import ask_for_reset, reset_password
from cme.accounts.services.roles import make_staff, seed_roles
from cme.accounts.services.signing_in import end_other_sign_ins, notice, open_sign_in, sign_in, sign_out
from cme.accounts.services.tidying import tidy

__all__ = [
    "Joined",
    "ask_for_reset",
    "ask_to_join",
    "change_password",
    "check_password",
    "end_other_sign_ins",
    "finish_joining",
    "hash_password",
    "keep_identifiers",
    "make_staff",
    "notice",
    "open_sign_in",
    "reset_password",
    "save_details",
    "save_identifiers",
    "seed_roles",
    "sign_in",
    "sign_out",
    "tidy",
]
