"""Tests of the code that runs inside Lambda, and of the packager."""
