"""Stories: why learning together is needed in a town, in a resident's words."""
