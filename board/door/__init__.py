"""The door: signing in to the desk, second factors, sessions, who has which seat."""
