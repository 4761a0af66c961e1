"""Banks of known bad content: digests of files, likenesses of pictures, domains."""
