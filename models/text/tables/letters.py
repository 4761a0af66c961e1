"""Letters of other scripts, each followed by the Latin letter or digit it looks like.

Written by `models.training.build_tables`, not by hand. Derived from:
confusable_homoglyphs (MIT; Unicode's confusables.txt, Unicode licence).
"""

# ruff: noqa: E501

ALIKE = (
    "ıi ƅb ƍg ƽs ǀl ɑa ɡg ɣy ɩi ɯw ʋu ʝj αa βb γy εe ζz ηh ιi κk μm νn οo ρp σc τt υu χx ϝf ϳj ϻm аa вb гr еe кk мm нh оo рp сc тt уy хx ьb ѕs іi јj ѡw ѵv үy һh ҽe ӏi ԁd ԍg ԛq ԝw աw գq զq հh ոn ռn սu տs ցg քf օo Ꭰd Ꭱr Ꭲt Ꭵi Ꭹy Ꭺa Ꭻj Ꭼe Ꮁr Ꮃw Ꮇm Ꮋh Ꮍy Ꮐg Ꮒh Ꮓz Ꮟb Ꮢr Ꮤw Ꮥs Ꮩv Ꮪs Ꮮl Ꮯc Ꮲp Ꮶk Ꮷd Ᏻg Ᏼb ᴑo ᴦr "
    "ᶃg ᶌy ẝf ỿy ⲅr ⲏh ⲓl ⲕk ⲙm ⲛn ⲟo ⲣp ⲥc ⲧt ⲩy ⲭx ⳑl ꓐb ꓑp ꓒd ꓓd ꓔt ꓖg ꓗk ꓙj ꓚc ꓜz ꓝf ꓟm ꓠn ꓡl ꓢs ꓣr ꓦv ꓧh ꓪw ꓫx ꓬy ꓮa ꓰe ꓲl ꓳo ꓴu ꙇi ꞙf ꞟu ꞵb ꬲe ꬵf ꬽo ꭇr ꭈr ꭎu ꭒu ꭓx ꭚy "
)
