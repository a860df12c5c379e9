"""Pro Santé Connect: sign-in of professionals (OpenID Connect, code flow with PKCE)."""
