"""Appeals: whoever is judged contests it before somebody else, and gets all back if right."""
