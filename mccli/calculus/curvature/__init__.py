"""Whether a function is convex or concave, with a proof."""
