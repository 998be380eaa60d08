//! What the elements of feeds mean to us: one table for all formats.
//!
//! RSS, Atom and their extensions name the same things in many ways, and
//! publishers mix them. Where two elements say the same thing, the one with the
//! lower rank is believed.

use crate::feed::names::Vocabulary;

/// What an element tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feed) enum Field {
    Entry,
    Title,
    Link,
    Guid,
    Published,
    Updated,
    Summary,
    Content,
    Person,
    PodcastAuthor,
    PersonName,
    PersonAddress,
    Category,
    Keywords,
    Language,
    Enclosure,
    Picture,
    Image,
    ImageAddress,
    Source,
    SourceTitle,
    Comments,
    OriginalLink,
    Point,
    Latitude,
    Longitude,
    PlaceName,
    Ttl,
    Hour,
    Day,
    Period,
    Frequency,
    /// An element whose children are no fields of what it stands in.
    Aside,
}

/// The longest name in [`lookup`], in bytes.
const NAME_BYTES_MAX: usize = 20;

/// What an element means, and its rank.
pub(in crate::feed) fn lookup(vocabulary: Vocabulary, name: &str) -> Option<(Field, u8)> {
    let mut lower = [0_u8; NAME_BYTES_MAX];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match vocabulary {
        Vocabulary::Feed => of_feeds(lower),
        Vocabulary::Dublin => of_dublin(lower),
        Vocabulary::DublinTerms => match &*lower {
            b"created" | b"issued" | b"date" => Some((Field::Published, 3)),
            b"modified" => Some((Field::Updated, 1)),
            other => of_dublin(other),
        },
        Vocabulary::Content => (&*lower == b"encoded").then_some((Field::Content, 0)),
        Vocabulary::Media => of_media(lower),
        Vocabulary::Itunes => of_itunes(lower),
        Vocabulary::Xhtml => (&*lower == b"body").then_some((Field::Content, 2)),
        Vocabulary::FeedBurner => (&*lower == b"origlink").then_some((Field::OriginalLink, 0)),
        Vocabulary::Syndication => match &*lower {
            b"updateperiod" => Some((Field::Period, 0)),
            b"updatefrequency" => Some((Field::Frequency, 0)),
            _ => None,
        },
        Vocabulary::GeoRss | Vocabulary::Geo | Vocabulary::Gml => of_places(lower),
        Vocabulary::Rdf | Vocabulary::Other | Vocabulary::Unknown => None,
    }
}

fn of_feeds(name: &[u8]) -> Option<(Field, u8)> {
    Some(match name {
        b"item" | b"entry" => (Field::Entry, 0),
        b"title" => (Field::Title, 0),
        b"link" => (Field::Link, 0),
        b"guid" | b"id" => (Field::Guid, 0),
        b"pubdate" | b"published" => (Field::Published, 0),
        b"issued" | b"date" => (Field::Published, 2),
        b"created" => (Field::Published, 4),
        b"updated" | b"modified" | b"lastbuilddate" => (Field::Updated, 0),
        b"description" | b"summary" | b"subtitle" | b"tagline" => (Field::Summary, 0),
        b"abstract" => (Field::Summary, 1),
        b"content" => (Field::Content, 1),
        b"fullitem" | b"body" => (Field::Content, 2),
        b"author" | b"managingeditor" => (Field::Person, 0),
        b"category" => (Field::Category, 0),
        b"language" => (Field::Language, 0),
        b"enclosure" => (Field::Enclosure, 0),
        b"image" => (Field::Image, 0),
        b"logo" => (Field::ImageAddress, 0),
        b"icon" => (Field::ImageAddress, 1),
        b"source" => (Field::Source, 0),
        b"comments" => (Field::Comments, 0),
        b"ttl" => (Field::Ttl, 0),
        b"hour" => (Field::Hour, 0),
        b"day" => (Field::Day, 0),
        b"textinput" | b"contributor" => (Field::Aside, 0),
        _ => return None,
    })
}

fn of_dublin(name: &[u8]) -> Option<(Field, u8)> {
    Some(match name {
        b"title" => (Field::Title, 2),
        b"creator" | b"author" => (Field::Person, 0),
        b"date" => (Field::Published, 1),
        b"subject" => (Field::Category, 0),
        b"language" => (Field::Language, 1),
        b"description" => (Field::Summary, 1),
        b"identifier" => (Field::Guid, 3),
        _ => return None,
    })
}

fn of_media(name: &[u8]) -> Option<(Field, u8)> {
    Some(match name {
        b"title" => (Field::Title, 3),
        b"description" => (Field::Summary, 4),
        b"content" => (Field::Enclosure, 1),
        b"thumbnail" => (Field::Picture, 1),
        b"keywords" => (Field::Keywords, 0),
        b"category" => (Field::Category, 0),
        _ => return None,
    })
}

fn of_itunes(name: &[u8]) -> Option<(Field, u8)> {
    Some(match name {
        b"author" => (Field::PodcastAuthor, 0),
        b"title" => (Field::Title, 1),
        b"summary" => (Field::Summary, 2),
        b"subtitle" => (Field::Summary, 3),
        b"image" => (Field::Picture, 0),
        // With `rel="image"`, as podcasts had it at first.
        b"link" => (Field::Picture, 1),
        b"keywords" => (Field::Keywords, 0),
        b"category" => (Field::Category, 0),
        b"owner" => (Field::Aside, 0),
        _ => return None,
    })
}

fn of_places(name: &[u8]) -> Option<(Field, u8)> {
    Some(match name {
        b"point" | b"pos" => (Field::Point, 0),
        b"lat" => (Field::Latitude, 0),
        b"long" | b"lon" => (Field::Longitude, 0),
        b"featurename" => (Field::PlaceName, 0),
        _ => return None,
    })
}

/// What an element means inside of a person, an image or a source.
pub(super) fn inside(outer: Field, vocabulary: Vocabulary, name: &str) -> Option<Field> {
    if vocabulary != Vocabulary::Feed {
        return None;
    }
    let is = |word: &str| name.eq_ignore_ascii_case(word);
    match outer {
        Field::Person if is("name") => Some(Field::PersonName),
        Field::Person if is("email") => Some(Field::PersonAddress),
        Field::Person if is("uri") || is("url") => Some(Field::Aside),
        Field::Image if is("url") => Some(Field::ImageAddress),
        Field::Image | Field::Source if is("link") => Some(Field::Aside),
        Field::Image if is("title") => Some(Field::Aside),
        Field::Source if is("title") => Some(Field::SourceTitle),
        Field::Source if is("id") || is("updated") => Some(Field::Aside),
        _ => None,
    }
}
