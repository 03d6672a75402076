"""``python -m buildingmap``: the same as the installed command."""

from buildingmap.cli import main

main()
