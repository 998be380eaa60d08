//! Given names: which words are one, and which two are the same.
//!
//! In a headline every word has a capital, so that only a list can tell
//! "Michael Bolton" from "Envoy Bolton". It has the names that are most common
//! among people in the news; names that are also words of headlines are left
//! out, since a wrong one would hide a person.

use super::romanisation;
use super::words::{self, Words};
use crate::text::Fingerprint;
use std::sync::LazyLock;

/// Folded, of whatever language.
const COMMON: &str = "\
    aaron abdel abdul abdullah abigail abraham adam adrian adriana agnes ahmad ahmed \
    aisha alan albert alberto alejandro aleksander aleksandr alessandro alex alexander \
    alexandra alexei alexis alfred alfredo ali alice alicia alison allison alvin amanda \
    amir amy ana anastasia anatoly andre andrea andreas andrei andrew andrey andrzej \
    andy angela angelo anita ann anna anne annette annie anthony antonio arnold arthur \
    arturo ashley ashraf audrey augusto ayesha barbara barry bashar beatrice becky ben \
    benedict benjamin benny bernard bernardo bernie beth betty beverly bill billy bob \
    bobby bonnie boris brad bradley brandon brenda brent brett brian bridget bruce \
    bruno bryan calvin cameron camilla carl carla carlo carlos carmen carol caroline \
    carolyn catherine cecilia charlene charles charlie charlotte cheryl chloe chris \
    christian christina christine christopher chuck cindy claire clara claude claudia \
    clifford clive colin condoleezza connie conrad craig cristina curtis cynthia cyril \
    dan dana daniel daniela danielle danny darren dave david debbie deborah debra denis \
    denise dennis derek diana diane dick diego dieter dmitri dmitry dolores dominic \
    dominique don donald donna doris dorothy doug douglas dustin dwight dylan eddie \
    edgar edith eduardo edward edwin eileen elaine eleanor elena eli elias elijah \
    elizabeth ella ellen emily emma emmanuel enrique eric erica erik ernest ernesto \
    esther ethan eugene eva evelyn fatima felipe felix fernando fidel fiona frances \
    francesca francesco francis francisco francois franklin franz fred freddie \
    frederick friedrich gabriel gabriela gareth gary gavin geoff geoffrey george \
    georges gerald gerard gerhard giorgio giovanni giuseppe gladys gloria gordon graham \
    greg gregory guillermo gustav gustavo hamid hannah hans harold harriet harry hassan \
    heather hector heidi heinz helen helmut henri henrik henry herbert herman hillary \
    horst howard hugh hugo hussein ian ibrahim igor ilya imran ingrid irene irina isaac \
    isabel ismail ivan ivanka jack jackie jacob jacqueline jacques jaime jake jamal \
    james jamie jan jane janet janice jared jasmine jason javier jean jeanne jeb jeff \
    jeffrey jennifer jeremy jerome jerry jesse jessica jill jim jimmy joan joanna \
    joanne joe joel johann johannes john johnny jonathan jorge jose josef joseph josh \
    joshua joyce juan judith judy julia julian juliana julie julio jurgen justin kamala \
    karen karim karin karl kate katharine katherine kathleen kathryn kathy katie keith \
    kelly ken kenneth kerry kevin khaled khalid kimberly kirsten klaus kristen kristin \
    kurt kyle larry lars laura lauren laurence laurent lawrence leah leila lena leo \
    leon leonard leonid leroy leslie lewis liam lilian linda lindsay lindsey lionel \
    lisa liz lloyd lois lorenzo loretta lorraine louis louise lucas lucia luis luiz \
    luke lydia lynn mahmoud manuel marc marcel marco marcos marcus margaret maria \
    mariana marie marilyn mario marion marjorie marta martha martin martina marvin mary \
    mathieu matt matteo matthew maureen maurice mauricio maxim maxime megan melania \
    melanie melissa michael michel michelle mick miguel mike mikhail mildred milton \
    miriam mitch mitt mohamed mohammad mohammed moises molly monica moshe muhammad \
    mustafa nadia nancy naomi narendra natalia natalie natasha nathan neil nelson \
    nicholas nick nicola nicolas nicole nigel nikita nikolai nina noah noel nora norma \
    norman olaf oleg olga oliver olivia omar osama oscar otto pablo pamela paola paolo \
    pascal patricia patrick paul paula pauline paulo pedro peggy pete peter petra phil \
    philip philippe phillip phyllis pierre piotr priya rachel rafael rahul raj ralph \
    ramon randall randy raul raymond rebecca reinhard rene renee rex ricardo richard \
    rick ricky rita robert roberta roberto robin rodney rodrigo roger roland rolf ron \
    ronald ronnie rosa rosemary ross roy ruben rudolf rudy russell ruth ryan sally \
    salman sam samantha samuel sandra sara sarah saul scott sean sebastian serge sergei \
    sergey sergio seth shannon sharon shaun shawn sheila shelley shimon shinzo shirley \
    sidney silvio simon simone sofia sonia sophia sophie stacey stan stanislaw stanley \
    stefan stella stephanie stephen steve steven stuart susan susanne suzanne sven \
    sylvia tamara tammy tania tanya tara tariq ted teresa terrence terry thabo theodore \
    theresa therese thomas tiffany tim timothy tina todd tom tommy toni tony tracey \
    tracy trevor tyler ulrich uwe valentina valerie vanessa vera vernon veronica \
    vicente vicky victor victoria vijay viktor vincent vivian vladimir volker volodymyr \
    walter wanda warren wayne wendy werner wesley wilhelm william willie wolfgang \
    yasser yitzhak yolanda youssef yuri yusuf yvette yvonne zachary zoe";

/// Given names and what they are shortened to, each row of one name.
const SHORT_FORMS: &[&str] = &[
    "abraham abe",
    "albert al bert",
    "alexander alex sasha",
    "andrew andy drew",
    "anthony tony",
    "antonio tony",
    "arthur art",
    "barbara barb",
    "benjamin ben benny",
    "bernard bernie",
    "catherine cathy kate katie katherine kathryn",
    "charles charlie chuck",
    "christine chris christina",
    "christopher chris",
    "daniel dan danny",
    "david dave",
    "deborah debbie debra",
    "dennis denny",
    "donald don",
    "douglas doug",
    "edward ed eddie ted",
    "elizabeth beth betsy liz lizzie",
    "eugene gene",
    "francis frank",
    "frederick fred",
    "geoffrey geoff",
    "gerald gerry jerry",
    "gregory greg",
    "henry hank harry",
    "jacob jake",
    "james jamie jim jimmy",
    "jeffrey jeff",
    "jennifer jen jenny",
    "john johnny jack",
    "jonathan jon",
    "joseph joe",
    "joshua josh",
    "kathleen kathy",
    "kenneth ken",
    "kimberly kim",
    "lawrence larry",
    "leonard len lenny",
    "louis lou",
    "margaret maggie peggy",
    "matthew matt",
    "michael mick mike mickey",
    "mikhail misha",
    "mitchell mitch",
    "nathaniel nate nathan",
    "nicholas nick nicky",
    "pamela pam",
    "patricia pat patty",
    "patrick pat",
    "peter pete",
    "philip phil phillip",
    "raymond ray",
    "rebecca becky",
    "richard dick rich rick ricky",
    "robert bob bobby rob",
    "ronald ron ronnie",
    "rudolph rudy",
    "samuel sam",
    "stanley stan",
    "stephen steve steven",
    "susan sue",
    "terrence terry",
    "theodore ted teddy",
    "theresa tess teresa",
    "thomas tom tommy",
    "timothy tim",
    "victoria vicky",
    "vincent vince",
    "vladimir volodya",
    "walter walt",
    "william bill billy will",
    "zachary zach",
];

/// Whether a word is a given name of many people.
pub(super) fn is_common(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&[COMMON]));
    WORDS.has(word)
}

/// Whether two folded given names may be of one person: "Joe" and "Joseph".
pub(super) fn are_one(left: &str, right: &str) -> bool {
    left == right
        || romanisation::are_one(left, right)
        || SHORT_FORMS
            .iter()
            .any(|row| words::contains(row, left) && words::contains(row, right))
}
