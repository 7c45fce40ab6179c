"""The tests: the folders mirror those of src/belowline; support/ holds the real parts they use."""
