"""One module for each command; each has `main(args) -> exit status`. They may import anything they need."""
