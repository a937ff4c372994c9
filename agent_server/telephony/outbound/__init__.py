"""Calls that the agent makes."""
