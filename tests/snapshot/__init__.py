"""Tests of the columns of one version."""
