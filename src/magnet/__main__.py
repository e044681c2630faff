"""`python -m magnet`: the command, by the Python that is named."""

from magnet.cli import main

main()
