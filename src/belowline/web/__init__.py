"""HTTP: who is asking, what do they want, call one action, present the answer."""
