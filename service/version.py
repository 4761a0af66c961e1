"""The version of this service, as it stands in every decision."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("moderation")
except PackageNotFoundError:  # a source tree that nobody installed
    VERSION = "0.1.0"
