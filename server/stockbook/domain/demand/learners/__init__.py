"""The learners: baselines first, each better one measured against them. Only here is River known."""
