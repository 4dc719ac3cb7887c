"""Tests of every room; packages, so that two files may have the same name."""
