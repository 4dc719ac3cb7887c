"""Tests of the embedded AWS against a running server; every gap is tried on plain moto too."""
