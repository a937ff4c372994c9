"""What the sync with CRMs keeps."""
