"""Checks: whether what the settings name can be used, before anything relies on it.

A check looks once, for a few seconds. What is wrong is a fault: one line that names the setting.
A service does so at its start, and `coalition doctor` does.
"""
