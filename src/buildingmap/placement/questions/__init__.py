"""What is asked about a plan: why not, what else, at what price, and how steady it is."""
