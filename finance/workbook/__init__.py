"""Figures out in workbooks and in again: plain data and bytes, rows or cell faults, no writes."""
