"""The pages a person opens, and the answers that the map page draws itself from."""

from flask import Blueprint

pages = Blueprint("pages", __name__)
