use super::writer::{GROUP_MAX, Job, Writer, gather, operation};
use super::*;
use std::os::unix::fs::PermissionsExt;
use tokio::sync::mpsc;

fn stay(name: &str) -> impl FnOnce(&Connection) -> Result<(), StoreError> + Send + use<> {
    let host = name.to_owned();
    move |connection| {
        connection.execute("INSERT INTO host VALUES (?1, NULL, 1000, NULL, 0)", [host])?;
        Ok(())
    }
}

async fn hosts(store: &Store) -> Vec<String> {
    let hosts = store.hosts().await.unwrap();
    hosts
        .into_iter()
        .map(|known| known.host.to_string())
        .collect()
}

#[tokio::test]
async fn what_was_answered_outlives_a_crash() {
    let dir = folder();
    let store = open(&dir);
    store
        .commit_poll(poll("bbc", at(100), &["a"], &["desk"]))
        .await
        .unwrap();
    settle(&store, delivery_id("a", "desk"), at(110), Next::At(at(120))).await;
    drop(store);

    let store = open(&dir);
    assert_eq!(
        due(&store, "desk", at(120)).await,
        [("msg_a_desk".into(), 1)]
    );
    assert!(unseen(&store, "bbc", &["a"]).await.is_empty());
    store
        .commit_poll(poll("bbc", at(130), &["b"], &["desk"]))
        .await
        .unwrap();
    assert_eq!(
        due(&store, "desk", at(130)).await,
        [("msg_a_desk".into(), 1), ("msg_b_desk".into(), 2)]
    );
}

#[tokio::test]
async fn only_one_daemon_has_a_store() {
    let dir = folder();
    let store = open(&dir);
    let second = Store::open(dir.path(), at(0)).unwrap_err();
    assert_eq!(
        second,
        StoreError::Locked {
            dir: dir.path().to_owned()
        }
    );
    let clone = store.clone();
    store.close().await.unwrap();
    open(&dir).close().await.unwrap();
    let late = clone.commit_poll(quiet_poll("bbc", at(100))).await;
    assert_eq!(late, Err(StoreError::Closed));
}

#[tokio::test]
async fn a_command_works_beside_the_daemon() {
    let dir = folder();
    let missing = Store::open_beside(dir.path()).unwrap_err();
    assert_eq!(
        missing,
        StoreError::Missing {
            dir: dir.path().to_owned()
        }
    );
    let daemon = open(&dir);
    daemon
        .commit_poll(poll("bbc", at(100), &["a"], &["desk"]))
        .await
        .unwrap();
    daemon.bury_orphans(&[], at(100)).await.unwrap();

    let command = Store::open_beside(dir.path()).unwrap();
    assert_eq!(command.standing().await.unwrap().sinks[0].dead, 1);
    assert_eq!(command.retry_dead(None, None, at(200)).await, Ok(1));
    command.close().await.unwrap();
    assert_eq!(due(&daemon, "desk", at(200)).await.len(), 1);
}

#[tokio::test]
async fn the_state_of_others_is_not_readable() {
    let parent = folder();
    let dir = parent.path().join("a").join("state");
    let store = Store::open(&dir, at(0)).unwrap();
    store.commit_poll(quiet_poll("bbc", at(100))).await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn files_of_others_are_refused() {
    let check = |harm: &str, expected: fn(&StoreError) -> bool| {
        let dir = folder();
        drop(open(&dir));
        stranger(&dir).execute_batch(harm).unwrap();
        let error = Store::open(dir.path(), at(0)).unwrap_err();
        assert!(expected(&error), "{harm}: {error}");
        let error = Store::open_beside(dir.path()).unwrap_err();
        assert!(expected(&error), "{harm}: {error}");
    };
    check("PRAGMA user_version = 99", |error| {
        matches!(error, StoreError::Newer { found: 99, .. })
    });
    check("PRAGMA application_id = 1", |error| {
        matches!(error, StoreError::Foreign { .. })
    });

    let dir = folder();
    stranger(&dir).execute_batch("CREATE TABLE t (x)").unwrap();
    let error = Store::open(dir.path(), at(0)).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");

    let dir = folder();
    std::fs::write(
        dir.path().join("wirewatch.db"),
        "not a database, just text".repeat(99),
    )
    .unwrap();
    let error = Store::open(dir.path(), at(0)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
}

/// Overwrites the first page of a table, as a failing disk may.
fn overwrite_page_of(dir: &TempDir, table: &str) {
    let page: i64 = stranger(dir)
        .query_row(
            "SELECT (rootpage - 1) * 4096 FROM sqlite_schema WHERE name = ?1",
            [table],
            |row| row.get(0),
        )
        .unwrap();
    let path = dir.path().join("wirewatch.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[page as usize + 1..page as usize + 4096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
}

#[tokio::test]
async fn an_unclean_stop_has_the_database_checked() {
    let dir = folder();
    let store = open(&dir);
    store
        .commit_poll(poll("bbc", at(100), &["a"], &["desk"]))
        .await
        .unwrap();
    store.close().await.unwrap();
    overwrite_page_of(&dir, "article");
    let unchecked = open(&dir);
    drop(unchecked);
    let error = Store::open(dir.path(), at(0)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
}

#[tokio::test]
async fn what_comes_together_is_one_group() {
    let (sender, mut jobs) = mpsc::channel(2 * GROUP_MAX);
    let write = || Job::Write(operation(stay("a")).0);
    for _ in 0..=GROUP_MAX {
        sender.try_send(write()).unwrap();
    }
    let (close, _closed) = tokio::sync::oneshot::channel();
    sender.try_send(Job::Close(close)).unwrap();
    sender.try_send(write()).unwrap();

    let (alone, mut nothing) = mpsc::channel(1);
    drop(alone);
    assert_eq!(gather(write(), &mut nothing).0.len(), 1);

    let first = jobs.try_recv().unwrap();
    let (group, close) = gather(first, &mut jobs);
    assert_eq!((group.len(), close.is_some()), (GROUP_MAX, false));
    let first = jobs.try_recv().unwrap();
    let (group, close) = gather(first, &mut jobs);
    assert_eq!((group.len(), close.is_some()), (1, true));
}

/// Holds the writer until a group waits behind it, runs the group, and gives
/// the number of commits that it took.
async fn commits_of(dir: &TempDir, store: &Store, group: usize) -> i64 {
    let (release, held) = std::sync::mpsc::sync_channel::<()>(0);
    let (started, running) = tokio::sync::oneshot::channel();
    let blocker = store.write(move |_| {
        started.send(()).unwrap();
        held.recv().unwrap();
        Ok(())
    });
    let waiting = (0..group).map(|n| store.write(stay(&format!("host-{n:02}"))));
    let release = async {
        running.await.unwrap();
        // The others are in the queue once they were polled for the first time.
        tokio::task::yield_now().await;
        release.send(()).unwrap();
    };
    let before = log_frames(dir);
    let (held, (), done) = tokio::join!(blocker, release, futures_util::future::join_all(waiting));
    held.unwrap();
    assert!(done.iter().all(Result::is_ok));
    log_frames(dir) - before
}

/// How many pages the log holds; one more for each page of each commit.
fn log_frames(dir: &TempDir) -> i64 {
    stranger(dir)
        .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))
        .unwrap()
}

#[tokio::test]
async fn sixty_four_at_once_share_a_commit() {
    let dir = folder();
    let store = open(&dir);
    let pages = commits_of(&dir, &store, GROUP_MAX).await;
    assert!(
        pages < 8,
        "64 commits of their own write 64 pages, not {pages}"
    );
    assert_eq!(hosts(&store).await.len(), GROUP_MAX);
}

#[tokio::test]
async fn one_that_fails_leaves_the_others_alone() {
    let dir = folder();
    let store = open(&dir);
    let half = store.write(|connection| {
        stay("half")(connection)?;
        stay("half")(connection)
    });
    let (before, failed, after) = tokio::join!(
        store.write(stay("before")),
        half,
        store.write(stay("after"))
    );
    assert_eq!((before, after), (Ok(()), Ok(())));
    assert!(matches!(failed, Err(StoreError::Sqlite(_))), "{failed:?}");
    assert_eq!(hosts(&store).await, ["after", "before"]);
}

#[tokio::test]
async fn a_full_disk_stores_nothing_and_heals() {
    let dir = folder();
    let store = open(&dir);
    let limit = |pages: i64| {
        store.write(move |connection| {
            connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
            Ok(())
        })
    };
    limit(1).await.unwrap();
    let mut large = poll("bbc", at(100), &["a"], &["desk"]);
    large.articles[0].body = "word ".repeat(100_000);
    let full = store.commit_poll(large.clone()).await;
    assert!(matches!(full, Err(StoreError::Disk(_))), "{full:?}");
    for table in ["feed", "seen", "article", "alert", "delivery"] {
        assert_eq!(count(&dir, table), 0, "{table}");
    }
    limit(1_000_000).await.unwrap();
    store.commit_poll(large).await.unwrap();
    assert_eq!(due(&store, "desk", at(100)).await.len(), 1);
}

#[tokio::test]
async fn a_group_that_is_taken_back_fails_as_a_whole() {
    let dir = folder();
    drop(open(&dir));
    let connection = stranger(&dir);
    let writer = Writer::start(connection, None).unwrap();
    // As SQLite does by itself on some failures of the disk.
    let lost = writer.write(|connection| {
        connection.execute_batch("ROLLBACK")?;
        Err::<(), _>(StoreError::Disk("gone".to_owned()))
    });
    let (before, lost, after) = tokio::join!(
        writer.write(stay("before")),
        lost,
        writer.write(stay("after"))
    );
    assert!(matches!(lost, Err(StoreError::Disk(_))), "{lost:?}");
    let stored = usize::try_from(count(&dir, "host")).unwrap();
    let told = [&before, &after].iter().filter(|told| told.is_ok()).count();
    assert_eq!(stored, told, "{before:?} {after:?}");
}

#[tokio::test]
async fn commits_are_flushed_to_the_disk() {
    let dir = folder();
    let store = open(&dir);
    let settings = store.write(|connection| {
        let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        Ok((mode, pragma("synchronous")?, pragma("trusted_schema")?))
    });
    let full = 2;
    assert_eq!(settings.await.unwrap(), ("wal".to_owned(), full, 0));
}
