"""The rules of PDF/A-1b that perinat checks: identifier, clause of ISO 19005-1:2005, French sentence.

Compared with the veraPDF profile for PDF/A-1b. Not checked: what needs to interpret font programs
(glyph widths 6.3.6, presence of every glyph 6.3.5), the spacing of bytes around objects (6.1.4,
6.1.6, 6.1.8), XMP properties outside the predefined schemas (6.7.8, 6.7.9). A file is refused in
doubt: the cost of a wrong refusal is a conversion.
"""

from __future__ import annotations

RULES: dict[str, tuple[str, str]] = {
    "UNREADABLE": ("6.1.1", "Le fichier ne peut pas être relu."),
    "HEADER": ("6.1.2", "L'en-tête du fichier n'est pas celui d'un PDF/A-1."),
    "VERSION": ("6.1.2", "La version du format PDF est postérieure à la version 1.4."),
    "TRAILER_ID": ("6.1.3", "L'identifiant du fichier manque."),
    "ENCRYPTED": ("6.1.3", "Le fichier est chiffré ou restreint."),
    "AFTER_END": ("6.1.3", "Des octets suivent la fin du fichier."),
    "XREF_STREAM": ("6.1.4", "La table des objets est compressée (flux de références)."),
    "OBJECT_STREAM": ("6.1.4", "Des objets sont compressés (flux d'objets)."),
    "EXTERNAL_STREAM": ("6.1.7", "Un contenu se trouve hors du fichier."),
    "LZW": ("6.1.10", "La compression LZW est utilisée."),
    "FILTER": ("6.1.10", "Une compression étrangère à PDF 1.4 est utilisée."),
    "EMBEDDED_FILE": ("6.1.11", "Le fichier contient une pièce jointe."),
    "LIMITS": ("6.1.12", "Une limite de taille interne du format est dépassée."),
    "LAYERS": ("6.1.13", "Le fichier contient des calques."),
    "OUTPUT_INTENT": ("6.2.2", "Le profil de couleur de sortie manque."),
    "OUTPUT_PROFILE": ("6.2.2", "Le profil de couleur de sortie n'est pas valable."),
    "DEVICE_COLOUR": ("6.2.3", "Une couleur dépend de l'appareil sans profil qui la définisse."),
    "ICC_PROFILE": ("6.2.3", "Un profil de couleur n'est pas valable."),
    "IMAGE": ("6.2.4", "Une image utilise une fonction interdite (variantes, interpolation, 16 bits)."),
    "XOBJECT": ("6.2.5", "Un objet graphique est de type PostScript, OPI ou lié à un autre fichier."),
    "EXTGSTATE": ("6.2.8", "Un réglage graphique interdit est utilisé (fonction de transfert)."),
    "RENDERING_INTENT": ("6.2.9", "Un mode de rendu des couleurs est inconnu."),
    "OPERATOR": ("6.2.10", "La page contient un opérateur inconnu."),
    "FONT_NOT_EMBEDDED": ("6.3.4", "Une police n'est pas incorporée."),
    "FONT_TYPE": ("6.3.2", "Une police est mal décrite."),
    "FONT_CMAP": ("6.3.3", "Le codage d'une police composite n'est pas incorporé ou complet."),
    "FONT_SUBSET": ("6.3.5", "La liste des caractères d'une police incorporée en partie manque."),
    "FONT_ENCODING": ("6.3.7", "Le codage d'une police TrueType n'est pas conforme."),
    "SOFT_MASK": ("6.4", "Une image ou un dessin est transparent (masque)."),
    "TRANSPARENCY": ("6.4", "Un dessin est transparent (opacité inférieure à 1)."),
    "BLEND_MODE": ("6.4", "Un mode de fusion des couleurs est utilisé."),
    "TRANSPARENCY_GROUP": ("6.4", "Un groupe transparent est utilisé."),
    "ANNOTATION_TYPE": ("6.5.2", "Une annotation est d'un type interdit."),
    "ANNOTATION": ("6.5.3", "Une annotation est cachée, transparente ou sans apparence."),
    "JAVASCRIPT": ("6.6.1", "Le fichier contient un programme (JavaScript)."),
    "ACTION": ("6.6.1", "Le fichier contient une action interdite."),
    "TRIGGER": ("6.6.2", "Une action se déclenche sans geste du lecteur."),
    "METADATA": ("6.7.2", "Les métadonnées XMP manquent ou sont illisibles."),
    "METADATA_MISMATCH": ("6.7.3", "Les métadonnées XMP et les propriétés du document diffèrent."),
    "PDFA_CLAIM": ("6.7.11", "Le fichier ne se déclare pas PDF/A-1."),
    "FORM": ("6.9", "Un champ de formulaire n'a pas d'apparence propre."),
}
