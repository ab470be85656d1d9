"""SCIM 2.0: groups and users of a directory."""
