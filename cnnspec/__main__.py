"""`python -m cnnspec` is the command `cnnspec`."""

from __future__ import annotations

import sys

from cnnspec.cli import main

if __name__ == "__main__":
    sys.exit(main())
