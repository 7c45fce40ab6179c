"""Tests of belowline.checks."""
