"""Pages in a real browser: what a patient sees, presses, draws and loses (nothing)."""
