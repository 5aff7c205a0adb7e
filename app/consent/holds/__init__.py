"""What stops a patient on the way to signing, who decides about it, and what the decision does."""
