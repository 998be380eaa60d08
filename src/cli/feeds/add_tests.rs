use super::slug;

#[test]
fn names_are_made_of_titles() {
    for (title, name) in [
        ("BBC News - Asia", "bbc-news-asia"),
        ("  Le Monde.fr — À la une ", "le-monde-fr-a-la-une"),
        ("Новости", ""),
        ("(...)", ""),
        ("x2", "x2"),
        (
            "A title that goes on for longer than any name should",
            "a-title-that-goes-on-for-longer-than",
        ),
        (&"a".repeat(100), &"a".repeat(40)),
    ] {
        assert_eq!(slug(title), name, "of {title:?}");
    }
}
