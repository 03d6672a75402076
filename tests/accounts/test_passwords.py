from __future__ import annotations

from typing import TYPE_CHECKING

from argon2 import extract_parameters, profiles

if TYPE_CHECKING:
    from argon2 import PasswordHasher


def test_a_password_costs_a_guesser_what_rfc_9106_advises(product_hasher: PasswordHasher) -> None:
    assert extract_parameters(product_hasher.hash("correct horse")) == profiles.RFC_9106_LOW_MEMORY
