"""Appointments and their slots, inspections, visits at the door: who is where, and when."""
