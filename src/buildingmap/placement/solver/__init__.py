"""The choice of sites and sectors as arrays, and its best plan with a proof."""
