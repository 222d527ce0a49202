"""Which pages are there? One file each, with its rule beside it; a page is made once and entered many times."""
