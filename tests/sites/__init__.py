"""Tests of the room sites."""
