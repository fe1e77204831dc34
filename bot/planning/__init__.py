"""When a campaign speaks, and with which item. Pure: no store, no network, no clock."""
