"""The assessment, its scores, harm-reduction advice and the pathway."""
