"""
The Trove client: Python alone, no Django.
"""
