"""The shell: home, sign in and out, lock, health."""
