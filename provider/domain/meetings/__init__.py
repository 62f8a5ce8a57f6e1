"""Where people join a session online: meetings and who may join them, and who was there, whoever told us."""
