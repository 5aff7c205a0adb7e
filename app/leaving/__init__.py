"""How a clinic leaves: a full export, its import elsewhere, and the deletion of what is left.

What is exported follows from the models' metadata, so that a new table is in it without anybody
adding a line. The clinic owns its data: inside the export they are plain, at rest it is encrypted.
"""
