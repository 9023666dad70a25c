"""One rule a file. Each says in its page, `cnnspec/pages/CODE.md`, what it means and when to ignore it."""
