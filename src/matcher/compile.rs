//! A watchlist to a matcher, and an article through it.

use super::actors::Mention;
use super::anchors::{Anchors, Judge};
use super::evaluate::{Answers, Evaluation, Found, Node, Term, TopicQuery};
use super::forms::{exact, phrases};
use super::frequencies::Frequencies;
use super::lexicon::{Lexicon, Piece};
use super::needs::{Known, Needs, Offer};
use super::reading::Reading;
use super::roster::{Collector, Form, Label, Roster};
use super::rows::Rows;
use super::score::{salience, score};
use super::{ActorMatch, Because, Evidence, Matches, TopicMatch};
use crate::article::Article;
use crate::text::fold;
use crate::watchlist::query::{Query, Word, WordForm};
use crate::watchlist::{Actor, ActorId, Salience, Severity, Topic, TopicId, Watchlist};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most spans of evidence that one match carries; the counts go on.
pub const EVIDENCE_MAX: usize = 100;

/// Why a watchlist cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the watchlist cannot be used: {0}")]
pub struct CompileError(String);

/// A compiled watchlist.
///
/// ```
/// use wirewatch::article::Input;
/// use wirewatch::matcher::Matcher;
/// use wirewatch::watchlist::{Topic, TopicId, Watchlist, query};
///
/// let topic = Topic::new(TopicId::new("talks")?, query::parse("nuclear NEAR/5 talk*")?);
/// let watchlist = Watchlist { actors: vec![], topics: vec![topic] };
/// let matcher = Matcher::compile(&watchlist)?;
/// let article = Input::from_text("Talks on the nuclear programme go on.").into_article(0);
/// let matches = matcher.matches(&article);
/// assert_eq!(matches.topics[0].evidence[0].quote, "Talks");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Matcher {
    compiled: Arc<Compiled>,
    anchors: Anchors,
}

/// What does not depend on how common words are.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) lexicon: Lexicon,
    pub(super) roster: Roster,
    pub(super) queries: Vec<TopicQuery>,
    needs: Needs,
    topics: Vec<TopicLabel>,
}

/// What is told of a topic that matches, and what it asks for beside its query.
#[derive(Debug)]
struct TopicLabel {
    id: TopicId,
    name: String,
    severity: Severity,
    salience: Salience,
    threshold: f64,
    tags: Vec<String>,
}

impl Matcher {
    /// Compiles a watchlist.
    ///
    /// # Errors
    /// When the watchlist has a reference to nowhere or a circle; a watchlist
    /// that `wirewatch check` accepts has none.
    pub fn compile(watchlist: &Watchlist) -> Result<Self, CompileError> {
        if let Some(flaw) = watchlist.flaws().first() {
            return Err(CompileError(flaw.message.clone()));
        }
        let mut lexicon = Lexicon::default();
        let mut collector = Collector::new(&mut lexicon);
        for (index, actor) in (0..).zip(&watchlist.actors) {
            collector.add(index, actor);
        }
        let roster = collector.finish();
        let mut compiler = Compiler {
            lexicon,
            families: Families::of(&watchlist.actors),
            topics: (watchlist.topics.iter().enumerate())
                .map(|(index, topic)| (&topic.id, index))
                .collect(),
        };
        let queries: Vec<TopicQuery> = watchlist
            .topics
            .iter()
            .map(|topic| TopicQuery {
                query: compiler.node(&topic.query),
                unless: topic.unless.as_ref().map(|unless| compiler.node(unless)),
            })
            .collect();
        let mut lexicon = compiler.lexicon;
        lexicon.finish();
        let compiled = Arc::new(Compiled {
            lexicon,
            roster,
            needs: Needs::of(&queries),
            queries,
            topics: watchlist.topics.iter().map(TopicLabel::of).collect(),
        });
        Ok(Self::with(compiled, &Frequencies::default()))
    }

    /// The same watchlist, with what is looked for first chosen by how common
    /// words are. It matches the same; on a large watchlist, faster.
    #[must_use]
    pub fn adapted_to(&self, frequencies: &Frequencies) -> Self {
        Self::with(Arc::clone(&self.compiled), frequencies)
    }

    fn with(compiled: Arc<Compiled>, frequencies: &Frequencies) -> Self {
        let anchors = Anchors::of(&Judge {
            topics: &compiled.queries,
            roster: &compiled.roster,
            frequencies,
            known: RefCell::default(),
        });
        Self { compiled, anchors }
    }

    pub(super) fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// Finds topics and actors in an article.
    pub fn matches<'a>(&'a self, article: &'a Article) -> Matches<'a> {
        let reading = Reading::new(article);
        let hits = self.compiled.lexicon.scan(&reading);
        let mentions = self.compiled.roster.mentions(&reading, &hits);
        let mut by_actor: Vec<&Mention<'_>> = mentions.iter().collect();
        by_actor.sort_by_key(|mention| mention.form.actor);
        let mut mentioned: Vec<u32> = by_actor.iter().map(|mention| mention.form.actor).collect();
        mentioned.dedup();
        let queries = &self.compiled.queries;
        let evaluation = Evaluation::new(&reading, &hits, &mentions, queries);
        let mut candidates = self.anchors.candidates(&hits, &mentioned);
        let offer = Offer {
            hits: &hits,
            actors: &mentioned,
        };
        let mut known = Known::default();
        candidates.retain(|topic| self.compiled.needs.are_met(*topic, offer, &mut known));
        candidates.sort_unstable();
        candidates.dedup();
        Matches {
            topics: candidates
                .into_iter()
                .filter_map(|index| {
                    let (topic, query) = self.compiled.topic(index)?;
                    topic_match(topic, &evaluation.topic(query)?, &reading)
                })
                .collect(),
            actors: self.compiled.actor_matches(&reading, &by_actor),
        }
    }
}

impl Compiled {
    fn topic(&self, index: u32) -> Option<(&TopicLabel, &TopicQuery)> {
        let index = index as usize;
        self.topics.get(index).zip(self.queries.get(index))
    }

    /// The actors of mentions, which are sorted by actor.
    fn actor_matches<'a>(
        &'a self,
        reading: &Reading<'a>,
        mentions: &[&Mention<'a>],
    ) -> Vec<ActorMatch<'a>> {
        let by_actor = mentions.chunk_by(|a, b| a.form.actor == b.form.actor);
        let matches = by_actor.filter_map(|mentions| {
            let actor = self.roster.label(mentions.first()?.form)?;
            Some(actor_match(actor, mentions, reading))
        });
        matches.collect()
    }
}

impl TopicLabel {
    fn of(topic: &Topic) -> Self {
        Self {
            id: topic.id.clone(),
            name: topic.name.clone(),
            severity: topic.severity,
            salience: topic.salience,
            threshold: topic.threshold,
            tags: topic.tags.clone(),
        }
    }
}

fn topic_match<'a>(
    topic: &'a TopicLabel,
    found: &Found<'_, 'a>,
    reading: &Reading<'a>,
) -> Option<TopicMatch<'a>> {
    let score = score(found, reading);
    let spans = found.proofs.iter().map(|proof| proof.span);
    let prominent = salience(spans, reading) >= topic.salience;
    if score < topic.threshold || !prominent {
        return None;
    }
    let evidence = found.proofs.iter().filter_map(|proof| {
        let because = match proof.answers {
            Answers::Term(text) => Because::Term(text.into()),
            Answers::Mention(mention) => because(mention.form),
        };
        reading.evidence(proof.span, because)
    });
    Some(TopicMatch {
        id: topic.id.as_str().into(),
        name: topic.name.as_str().into(),
        severity: topic.severity,
        tags: topic.tags.as_slice().into(),
        score,
        evidence: in_order(evidence.collect()),
    })
}

fn actor_match<'a>(
    actor: Label<'a>,
    mentions: &[&Mention<'a>],
    reading: &Reading<'a>,
) -> ActorMatch<'a> {
    let evidence = mentions
        .iter()
        .filter_map(|mention| reading.evidence(mention.span, because(mention.form)));
    ActorMatch {
        id: actor.id.into(),
        name: actor.name.into(),
        kind: actor.kind,
        alert: actor.alert,
        mentions: mentions.len(),
        salience: salience(mentions.iter().map(|mention| mention.span), reading),
        confidence: mentions
            .iter()
            .map(|mention| mention.confidence)
            .fold(0.0, f64::max),
        evidence: in_order(evidence.collect()),
    }
}

pub(super) fn because(form: Form<'_>) -> Because<'_> {
    Because::Alias {
        text: form.text.into(),
        class: form.class,
    }
}

/// Evidence in the order of the text, each piece once, at most [`EVIDENCE_MAX`].
fn in_order(mut evidence: Vec<Evidence<'_>>) -> Vec<Evidence<'_>> {
    evidence.sort_by(|a, b| {
        (a.field, a.start, a.end, &a.because).cmp(&(b.field, b.start, b.end, &b.because))
    });
    evidence.dedup();
    evidence.truncate(EVIDENCE_MAX);
    evidence
}

struct Compiler<'a> {
    lexicon: Lexicon,
    families: Families<'a>,
    topics: FxHashMap<&'a TopicId, usize>,
}

impl Compiler<'_> {
    fn node(&mut self, query: &Query) -> Node {
        match query {
            Query::And(parts) => Node::And(self.nodes(parts)),
            Query::Or(parts) => Node::Or(self.nodes(parts)),
            Query::Not(part) => Node::Not(self.boxed(part)),
            Query::Proximity { reach, left, right } => Node::Proximity {
                reach: *reach,
                left: self.boxed(left),
                right: self.boxed(right),
            },
            Query::Apart { reach, left, right } => Node::Apart {
                reach: *reach,
                left: self.boxed(left),
                right: self.boxed(right),
            },
            Query::Word(word) => Node::Term(self.word(word)),
            Query::Phrase(words) => Node::Term(self.phrase(words)),
            Query::Actor { id, strong } => Node::Actor {
                family: self.families.of_actor(id),
                strong: *strong,
            },
            Query::Topic(id) => self
                .topics
                .get(id)
                .map_or(Node::Or(Vec::new()), |index| Node::Topic(*index)),
            Query::In(field, part) => Node::In(*field, self.boxed(part)),
            Query::AtLeast(count, part) => Node::AtLeast(*count, self.boxed(part)),
            Query::First(count, part) => Node::First(*count, self.boxed(part)),
            Query::Of(count, parts) => Node::Of(*count, self.nodes(parts)),
            Query::Weighted(part, weight) => Node::Weighted(self.boxed(part), *weight),
        }
    }

    fn nodes(&mut self, parts: &[Query]) -> Vec<Node> {
        parts.iter().map(|part| self.node(part)).collect()
    }

    fn boxed(&mut self, part: &Query) -> Box<Node> {
        Box::new(self.node(part))
    }

    fn word(&mut self, word: &Word) -> Term {
        let spellings = match word.form {
            WordForm::Folded | WordForm::Exact => phrases(&word.text),
            WordForm::Stem => vec![vec![Piece::Stem(fold(&word.text))]],
        };
        Term {
            leaves: self.leaves(&spellings),
            text: word.text.clone(),
            exact: (word.form == WordForm::Exact).then(|| exact(&word.text)),
        }
    }

    fn phrase(&mut self, words: &[Word]) -> Term {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let text = texts.join(" ");
        Term {
            leaves: self.leaves(&phrases(&text)),
            text,
            exact: None,
        }
    }

    fn leaves(&mut self, spellings: &[Vec<Piece>]) -> Vec<super::lexicon::Leaf> {
        let added = spellings
            .iter()
            .filter_map(|phrase| self.lexicon.add(phrase));
        added.collect()
    }
}

/// Who belongs to whom.
struct Families<'a> {
    numbers: FxHashMap<&'a ActorId, u32>,
    /// By actor, those who say that they are members of it.
    members: Rows,
}

impl<'a> Families<'a> {
    fn of(actors: &'a [Actor]) -> Self {
        let numbers: FxHashMap<&ActorId, u32> =
            actors.iter().map(|actor| &actor.id).zip(0..).collect();
        let members = (0..).zip(actors).flat_map(|(member, actor)| {
            let groups = actor.member_of.iter().filter_map(|id| numbers.get(id));
            groups.map(move |group| (*group, member))
        });
        Self {
            members: Rows::of(members.collect()),
            numbers,
        }
    }

    /// The numbers of an actor and of all who belong to it, sorted.
    fn of_actor(&self, id: &ActorId) -> Vec<u32> {
        let mut family: BTreeSet<u32> = BTreeSet::new();
        let mut waiting: Vec<u32> = self.numbers.get(id).copied().into_iter().collect();
        while let Some(next) = waiting.pop() {
            if family.insert(next) {
                waiting.extend(self.members.row(next));
            }
        }
        family.into_iter().collect()
    }
}
