"""What a run does: pull, match, plan, guard, apply."""
