"""From evidence to signals and a judgement: lists and model combined, label by label."""
