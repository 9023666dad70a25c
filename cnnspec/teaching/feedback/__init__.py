"""What students and teachers see of marks: pages, tables, statistics of a class, sheets for gradebooks."""
