"""Taking part: tell, vote, comment, confirm. What crosses features on a resident's way."""
