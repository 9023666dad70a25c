"""What a class handed in, unread: files, folders, archives."""
