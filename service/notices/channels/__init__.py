"""The channels of notices: one file each."""
