"""Worksheets for the programs that classes use: quizzes of Moodle and QTI, graded notebooks."""
