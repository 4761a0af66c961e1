"""From text to evidence: views, matches and the classifier. Knows no network, store or clock."""
