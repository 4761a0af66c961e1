"""Reports: complaints by users, enterprise administrators, outsiders and authorities (3.4.4)."""
