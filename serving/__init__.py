"""The tagger behind ``tag``, batches of files, and what is written of them."""
