use super::*;

#[test]
fn a_new_folder_gets_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new");
    assert_eq!(run(&dir), exit::DONE);
    for (name, text) in FILES {
        assert_eq!(fs::read_to_string(dir.join(name)).unwrap(), text);
    }
}

#[test]
fn nothing_is_written_when_one_of_them_exists() {
    for (existing, _) in FILES {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(existing), "mine").unwrap();
        assert_eq!(run(folder.path()), exit::IO);
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(files.len(), 1);
        let kept = fs::read_to_string(folder.path().join(existing)).unwrap();
        assert_eq!(kept, "mine");
        let error = write(folder.path()).unwrap_err().to_string();
        assert!(error.contains(existing), "{error}");
    }
}

#[test]
fn what_to_do_next_names_the_file_unless_it_is_found_by_itself() {
    assert!(next(Path::new(".")).contains("wirewatch check"));
    assert!(next(Path::new("etc")).contains("wirewatch --config etc/wirewatch.toml check"));
}
