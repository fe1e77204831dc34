"""Publishers: one file per network, behind one small protocol."""
