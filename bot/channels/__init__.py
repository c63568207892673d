"""One small file per channel; adding one touches nothing else but the composition."""
