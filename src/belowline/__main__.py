"""``python -m belowline``."""

from belowline.cli import main

main()
