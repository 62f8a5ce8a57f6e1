"""Something is wrong with how we send, and somebody has to put it right: raised once, ended when it is gone."""
