"""
Connector for Immich.
"""
