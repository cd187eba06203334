"""The lab itself: the program language, engines, observations, comparison, verdicts and reduction."""
