"""Small, pure building blocks: time, ids, money and names. Imports nothing of ours."""
