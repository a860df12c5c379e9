"""Who is signed in, as a test says it: named by ACCESS_TOKENS in place of the vault of Pro Santé Connect."""

SIGNED_IN: set[str] = set()


def is_open(user_id: str) -> bool:
    return user_id in SIGNED_IN


def access_token(user_id: str) -> str | None:
    return f"jeton-{user_id}" if user_id in SIGNED_IN else None
