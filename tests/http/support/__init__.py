"""Starts the real server and speaks to it; see the modules."""
