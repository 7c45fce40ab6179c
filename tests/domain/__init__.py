"""Tests of belowline.domain."""
