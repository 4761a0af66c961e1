"""Legal days: which days are worked in China, when a notice counts as delivered, when periods end.

Nothing here knows the store or reads a clock; `load` alone reads a file, once.
"""
