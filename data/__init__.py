"""Files into notices, notices into findings; the taxonomy and the labelled corpus."""
