"""From labelled sentences to a model version with its card. Only here is scikit-learn loaded."""
