"""Storage: a place for encrypted files, a folder or an S3 bucket behind the same five verbs.

What is put is ciphertext under a name that says at most whose it is; whoever put it keeps the name
and the hash. The audit's anchors, in a store of their own, are plain: ids, numbers and hashes. Owns
no tables. ``object_store.open_store`` gives the store of an address.
"""
