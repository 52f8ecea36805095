"""The desk's counter: selling at one PC and at several, over the operations of `sessions`."""
