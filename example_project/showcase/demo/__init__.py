"""
What `manage.py demo` does, piece by piece.
"""
