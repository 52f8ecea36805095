"""What 1,000 clubs with 60,000 PCs need, worked out from what one evening costs (`docs/scale.md`)."""
