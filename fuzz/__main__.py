"""`python -m fuzz` is `gradfuzz`."""

import sys

from fuzz.cli import main

sys.exit(main())
