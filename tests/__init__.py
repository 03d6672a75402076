"""The tests of buildingmap, one folder per room."""
