"""One file per version of the store, in order; a file that has been released is never edited."""
