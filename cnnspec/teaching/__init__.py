"""Exercises that grade themselves: a .cnn file with blanks, answers of any form, marks with an explanation."""
