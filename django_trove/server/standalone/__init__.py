"""
A Trove without a project of its own, configured by environment variables (docs/standalone.md).
"""
