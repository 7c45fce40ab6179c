"""Small programs for those who work on Belowline; none of them is part of the package."""
