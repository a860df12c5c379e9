"""Content-free notices by ordinary e-mail: that something waits in perinat, never what or about whom."""
