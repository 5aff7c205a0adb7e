"""Plain functions that make what a test needs, through the services that people use."""
