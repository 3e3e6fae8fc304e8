"""
How each service is asked. A connector knows no model and no request: it is given its settings and
what the index knows, and yields pages of content.

A new service is one file here, one line in `registry`, and one test file.
"""
