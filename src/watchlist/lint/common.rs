//! Ordinary words of English: as an alias, one of them is found in texts about
//! anything; as a query, a function word is found in nearly all.

use std::collections::HashSet;

/// Words that nearly every English text has, and that mean little elsewhere:
/// "or" is gold in French.
const FUNCTION_WORDS: [&str; 20] = [
    "a", "an", "and", "are", "at", "be", "by", "for", "from", "has", "in", "is", "it", "of", "on",
    "that", "the", "this", "to", "with",
];

/// Words of everyday news that are also the names of firms, parties, papers,
/// places and people.
const ORDINARY_WORDS: &str = "\
    act aids alliance angel apple arch arrow assembly asset axis baker ball ban bank \
    banks bell best bird bishop black block blue board bond boot boots box branch bridge \
    brown bull bush butler cabinet cable camp cap care cargo case cash castle cell chair \
    chance chase church circle city cloud club coach coal coin college comet commission \
    committee common congress cook corn council country court cross crown cruise dawn \
    day direct discovery dove dream eagle east echo edge elder express federation \
    field fields fire first fish fisher flash flood force forest forum found fox frame \
    free freedom frost fund future game gap gate general gold good government grace \
    grand grant gray green group guide hall hand harmony harp head health heart hill \
    home honor hope horizon house hunt hunter ice idea image impact independence \
    independent iron joy judge justice key keys king label labour lake lamb land lane \
    law league lens liberty light lily line lion little live lock long love mail major \
    march mark market marsh master may media mint mission monitor moon mouse movement \
    nature navy new news next nickel night noble north nut oak object observer ocean \
    office olive one opera oracle orange order origin page palm parade park parks \
    parliament party path patience peak pearl people pilot pine place plane planet play \
    police pool pope port post power powers premier president press price pride prime \
    prince progress prospect pump queen quick rain ranger ray real record red \
    reform release rice rich ring rise river rock root rose royal sail sales sand senate \
    sense shadow shark sharp shell shield ship short silver sky slack small smart snap \
    snow solid song south spark spirit spring square stable staff standard star state \
    still stone storm strange stream strong student summer summers sun swan swift table \
    target team thing tide tiger time times tower town trade transit treasury trust \
    truth turkey twist union unit united unity universe value verge victory village vine \
    visa vision wall war ward waters wave wax weeks well west whale white wild will \
    winter wise wish wolf wood woods word work world young zoom";

/// Whether a folded word is in nearly every English text.
pub(super) fn is_function_word(folded: &str) -> bool {
    FUNCTION_WORDS.contains(&folded)
}

/// Words that have a common meaning beside any name, folded.
pub(super) fn ordinary_words() -> HashSet<&'static str> {
    let words = ORDINARY_WORDS.split(' ');
    words.chain(FUNCTION_WORDS).collect()
}
