"""The job: campaigns that compose, run, compare and report, and the command line in front of them."""
