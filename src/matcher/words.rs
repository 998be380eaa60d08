//! Lists of words, folded: those of other languages than English that stand before
//! a surname without being part of a name, and what is known of whole languages.

use crate::text::Fingerprint;
use rustc_hash::FxHashSet;

/// Titles, in languages that write them with a capital.
pub(super) const HONORIFICS: &str = "\
    aussenminister aussenministerin bundeskanzler bundeskanzlerin bundesminister \
    bundesprasident cancelliere canciller chancelier chanceliere finanzminister \
    innenminister kanzler kanzlerin konig konigin kremlchef kronprinz ministerin \
    ministerprasident ministerprasidentin ministra ministro papa papst parteichef \
    prasident prasidentin premiera premierminister premierministerin presidente \
    prezydent primer primera regierungschef rey staatschef staatsprasident statsminister \
    statsministern utrikesminister verteidigungsminister";

/// Words of more than one letter that begin a sentence.
pub(super) const SENTENCE_OPENERS: &str = "\
    aan ai ale als am ama anche ao aos apos ar ate att au auch auf aunque aus aux av \
    avec az bei beim bez bij bir bis bu ca cand ce cela ces cette che chez chi cine co \
    com come comme como con contra contro cu cuando cum czy da dal dalla dans dar das \
    dass dat de dei del della dem den depois depuis der des desde despues det deze di \
    die din dla dlaczego do doch dok donde door dopo dos du dupa durante durch ed een \
    efter egy ein eine einem einen einer eines el ella elle em en enquanto entre er es \
    est esta este et ett face fara foi fran fur gdy gegen gli ha hacia han har hasta hat \
    het hij hoe hogy hon hur ich icin ihr il ile ili ils im infor ise ist iz jak jako je \
    jer jesli jest kada kako kde kdo kdyz ke kiedy kod kto la las laut le les leur lo \
    los ma maar mais mas med meme men mert met mi mientras miert mikor mit na naar nach \
    nad nakon nao nar nas ne neden nel nella nem ni nie niet no non nos nous nun ob och \
    od ohne om onder ook op oraz os ou over pa par para pas pe pela pelo pendant pentru \
    perche pero po pod podczas podle por porque pour pourquoi pred prema pres pri prin \
    pro proc proti protiv protoze przed przez przy puis quand quando que quem qui quien \
    sa samo sans se secondo segun segundo sein seit selon sem senza ses si sich sie sin \
    sinds sob sobre sous sto su sub sul sulla sur sus szerint tak take tambien tandis \
    tegen till tko toen tot tra tras trotz tylko uber uit um uma un una und une unter \
    utan uz van var varfor ve vem vers vid voici vom von voor vor waarom wahrend wat \
    wedlug wegen weil wenn wer wie wird wo ya za zasto ze zij zonder zu zum zur αλλα αν \
    ανα απο για γιατι δεν εκ εν ενα ενασ επι και κατα με μετα μια να οι οπωσ οταν που \
    πριν προσ πωσ σε στα στη στην στισ στο στον στουσ τα την τησ τι τισ το τον του τουσ \
    των ωσ або але али без был во все във від где да для до док его ее если за зад зашто \
    защо зі из или их його када как како като когато когда код кой коли кто към между на \
    над након не ни но ні об од от перед по под после почему пред през према при про \
    проти против під після са само след со със та так там те то только тому уз хто через \
    чому что шта што ще що щоб это як який із јер";

/// Languages that write the adjectives of nations and peoples with a small letter.
pub(super) const SMALL_DEMONYMS: &str = "\
    be bg bs ca cs da de el eo es et eu fi fr gl hr hu is it lt lv mk nb nn no pl pt ro ru sk \
    sl sq sr sv uk";

/// Words of English that, in a text all of capitals, look like an acronym.
pub(super) const ENGLISH_WORDS: &str = "\
    act acts age ago aid aids aim air all am an and ant any arc are area arm arms art as ask \
    at ban bar bat be bet bid big bit but buy by can cap car care cart case cast cat chip cis \
    cop cope cut dare date day deal do ease eat eco end era etc face fact fair far fast fat \
    fed few fit fix for free from gap gas get go had has he hear help her him his home hope \
    how ice if ill in is it its jet key lab land last law led less let life lift line live \
    lot low mad main man map mark may me mine mint miss more most my nap near net new nice \
    no non nor not now of off oil old on one or our out over own pace pact pan part past pay \
    peace per plan play post rap rate raw read real rest rich rip rise risk run sad safe sale \
    salt same save saw say sea see sell set shape share she ship shop sit site ski smart so \
    son spa star start stop sum sun swift take tap tar tax team test that the this time tip \
    to top trade trip try two up us use van via vote war was way we west who why will win \
    wise with yes you";

/// Folded words, looked up by what the words of an article are known by: nothing
/// is folded and no list is read where an article has a word.
#[derive(Debug)]
pub(super) struct Words(FxHashSet<Fingerprint>);

impl Words {
    /// The words of lists, each of which may have several parted by spaces.
    pub(super) fn of(lists: &[&str]) -> Self {
        let words = lists.iter().flat_map(|list| list.split(' '));
        Self(words.map(Fingerprint::of).collect())
    }

    pub(super) fn has(&self, word: Fingerprint) -> bool {
        self.0.contains(&word)
    }
}

/// Whether a word is in one of these lists, which is read to its end: for what is
/// seldom asked.
pub(super) fn contains(list: &str, folded: &str) -> bool {
    list.split(' ').any(|word| word == folded)
}
