"""Tests of the one filter."""
