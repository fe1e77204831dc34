"""A campaign bot: sourced facts and calls to action, planned, rendered, sent once, and logged."""
