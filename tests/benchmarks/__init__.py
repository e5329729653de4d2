"""Speed side by side with peers, in one run: ratios count, not seconds."""
