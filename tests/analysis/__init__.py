"""Tests of what the towers come to."""
