"""`make faults-dmp`: everything that can go wrong between perinat and the DMP, at every step, judged from outside."""
