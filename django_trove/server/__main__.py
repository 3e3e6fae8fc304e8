"""
`python -m django_trove.server`
"""

from __future__ import annotations

from .standalone.command import main

if __name__ == "__main__":
    main()
