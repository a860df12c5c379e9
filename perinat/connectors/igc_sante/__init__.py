"""IGC-Santé: the authority that certifies legal entities. perinat only reads what the operator installed."""
