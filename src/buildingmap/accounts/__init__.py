"""Who may come in, and as what: accounts, sessions, tokens, the secret they hang on."""

from buildingmap.accounts.account import Account
from buildingmap.accounts.errors import AccountError, TooManyAttemptsError
from buildingmap.accounts.passwords import check_password
from buildingmap.accounts.roles import ROLES, Role, at_least
from buildingmap.accounts.secret import secret_for
from buildingmap.accounts.store import Accounts
from buildingmap.accounts.tokens import ApiToken, ApiTokens

__all__ = [
    "ROLES",
    "Account",
    "AccountError",
    "Accounts",
    "ApiToken",
    "ApiTokens",
    "Role",
    "TooManyAttemptsError",
    "at_least",
    "check_password",
    "secret_for",
]
