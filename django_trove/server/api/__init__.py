"""
API endpoints for applications (protocol, sections 2.3, 2.5 and 3).
"""
