"""A telephone with a person at it, whichever carrier's wire it hangs on."""
