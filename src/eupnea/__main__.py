"""`python -m eupnea`, for where the command is not on the path."""

from eupnea.cli import main

main()
