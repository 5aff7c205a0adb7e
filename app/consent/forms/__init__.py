"""How a form is written, checked, reviewed, published, chosen and filled for one patient."""
