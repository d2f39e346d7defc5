"""Timetables: when the runs of a DAG are due, as DAG files declare it."""
