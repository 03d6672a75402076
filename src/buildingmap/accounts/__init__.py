"""Who may come in, and as what: accounts, sessions, tokens, the secret they hang on."""

from buildingmap.accounts.account import Account
from buildingmap.accounts.errors import AccountError, TooManyAttemptsError
from buildingmap.accounts.keeping import back_up, move, restore_backup
from buildingmap.accounts.opening import attend, can_be_kept, store_of
from buildingmap.accounts.passwords import check_password
from buildingmap.accounts.reads import Asked, Read, ReadLog
from buildingmap.accounts.roles import ROLES, Role, at_least
from buildingmap.accounts.secret import secret_for
from buildingmap.accounts.store import Accounts, SignedIn
from buildingmap.accounts.tokens import ApiToken, ApiTokens
from buildingmap.accounts.trail import AccountEvent
from buildingmap.accounts.verifying import AccountDamage, acknowledge, untold, verify_accounts
from buildingmap.accounts.witness import AccountsWitness

__all__ = [
    "ROLES",
    "Account",
    "AccountDamage",
    "AccountError",
    "AccountEvent",
    "Accounts",
    "AccountsWitness",
    "ApiToken",
    "ApiTokens",
    "Asked",
    "Read",
    "ReadLog",
    "Role",
    "SignedIn",
    "TooManyAttemptsError",
    "acknowledge",
    "at_least",
    "attend",
    "back_up",
    "can_be_kept",
    "check_password",
    "move",
    "restore_backup",
    "secret_for",
    "store_of",
    "untold",
    "verify_accounts",
]
