"""Where large things are kept whole: a directory, or a bucket of any S3-compatible store."""
