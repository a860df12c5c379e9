"""README.TXT and INDEX.HTM of an XDM archive, on the CI-SIS pattern (same blocks and words).

Neither names the patient: an archive opened by hand shows who sent it and what to do.
"""

from __future__ import annotations

from html import escape

from coordination.ports import Parcel
from mssante.conf import MssanteConfig
from mssante.naming import one_line


def readme_txt(parcel: Parcel, names: list[str], config: MssanteConfig) -> bytes:
    """UTF-8, CRLF. `names`: the document files of the subset."""
    sender = parcel.sender
    user = sender.user
    line, postal_code, city = sender.address
    address = ", ".join(part for part in (line, f"{postal_code} {city}".strip()) if part)
    lines = [
        "Emetteur :",
        "==========",
        f". Nom : {one_line(f'{user.given_name} {user.family_name}')}",
        f". Organisme : {one_line(sender.name)}",
        f". Adresse : {one_line(address)}",
        f". Téléphone : {one_line(sender.phone)}",
        "",
        "Application de l'émetteur :",
        "===========================",
        f". Nom : {config.software_name}",
        f". Version : {config.software_version}",
        f". Editeur : {config.software_editor}",
        "",
        "Instructions :",
        "==============",
        ". Consultez les fichiers reçus par messagerie sécurisée de santé dans votre logiciel métier.",
        "",
        "Arborescence :",
        "==============",
        "README.TXT",
        "INDEX.HTM",
        "IHE_XDM",
        "   SUBSET01",
        "      METADATA.XML",
        *(f"      {name}" for name in names),
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def index_htm(parcel: Parcel) -> bytes:
    """XHTML 1.0 Strict, UTF-8."""
    sender = parcel.sender
    phone = f" ({one_line(sender.phone)})" if sender.phone else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr" lang="fr">
<head><title>Documents de santé</title></head>
<body>
<p>Emetteur : {escape(one_line(sender.name))}{escape(phone)}</p>
<p><a href="README.TXT">Voir le fichier README.TXT</a></p>
</body>
</html>
""".replace("\n", "\r\n").encode()
