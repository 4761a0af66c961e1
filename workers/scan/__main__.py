"""`python -m workers.scan CONTROL [RULES]`: the nursery, on the socket with this number."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from workers.scan.nursery import serve

if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]) if sys.argv[2:] else None)
