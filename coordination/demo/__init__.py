"""The demonstration: a fictitious corner of the Yvelines, its people, and one week of discharges.

Used by `make demo` and `make story`, refused outside a sandbox. It plays through the same services
and the same sockets as real users; only the people are invented.
"""
