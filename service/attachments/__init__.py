"""Documents that come with what people say: one home for all that explain, contest or complain."""
