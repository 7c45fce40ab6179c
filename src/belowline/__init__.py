"""Belowline: live, moderated discussion for news sites."""
