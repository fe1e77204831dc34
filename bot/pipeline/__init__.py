"""The flow: sync, plan, send, sweep, operate, and the scheduler that drives them. Owns every transaction."""
