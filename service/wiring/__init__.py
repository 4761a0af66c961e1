"""Names adapters, and nothing else does: a file for each role, and for each feature of the API.

A role imports the file that builds it, so that it loads only what it is made of.
"""
