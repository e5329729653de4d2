"""The labelling loop: two readings compared, likely label errors found."""
