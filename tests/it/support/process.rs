//! The real binary in a folder of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use tempfile::TempDir;
use tokio::sync::Notify;

/// A folder with a configuration, and the process that runs in it.
#[derive(Debug)]
pub(crate) struct Wirewatch {
    dir: TempDir,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    log: Arc<Log>,
    /// Hears when the log ends, which is when the process does.
    ended: Mutex<mpsc::Receiver<()>>,
}

#[derive(Debug, Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    ended: AtomicBool,
    rung: Notify,
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Wirewatch {
    /// A folder with this main file and the shipped watchlist. State is kept in
    /// the folder, and polls are frequent.
    pub(crate) fn with(config: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let head = "watchlists = [\"watchlist.toml\"]\n[daemon]\nstate_dir = \"state\"\nlog_format = \"text\"\n\
                    [poll]\nevery = \"100ms\"\nmin = \"100ms\"\nmax = \"1s\"\nhost_spacing = \"0s\"\n";
        std::fs::write(dir.path().join("wirewatch.toml"), format!("{head}{config}"))
            .expect("a file");
        std::fs::write(dir.path().join("watchlist.toml"), super::WATCHLIST).expect("a file");
        Self { dir, running: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Gives names to addresses, for it alone, as in /etc/hosts; says whether this
    /// machine lets a test do so.
    pub(crate) fn set_names(&self, hosts: &str) -> bool {
        std::fs::write(self.path(HOSTS), hosts).expect("a file");
        let answered = binary(self.dir()).arg("--version").output();
        let possible = answered.is_ok_and(|output| output.status.success());
        if !possible {
            std::fs::remove_file(self.path(HOSTS)).expect("a file");
        }
        possible
    }

    /// Runs a command with these variables in its environment to its end.
    pub(crate) fn command_in(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Finished {
        let mut command = binary(self.dir());
        command.envs(variables.iter().copied());
        finish(command, arguments, "")
    }

    /// Runs a command to its end.
    pub(crate) fn command(&self, arguments: &[&str]) -> Finished {
        self.command_with(arguments, "")
    }

    /// Runs a command with this standard input to its end.
    pub(crate) fn command_with(&self, arguments: &[&str], input: &str) -> Finished {
        finish(binary(self.dir()), arguments, input)
    }

    /// Starts the daemon.
    pub(crate) fn start(&mut self) {
        let command = binary(self.dir());
        self.start_as(command);
    }

    /// Starts the daemon with a variable more in its environment.
    pub(crate) fn start_with(&mut self, variable: &str, value: &Path) {
        let mut command = binary(self.dir());
        command.env(variable, value);
        self.start_as(command);
    }

    /// Starts the daemon with another level of its log, and in an environment
    /// that is changed before.
    pub(crate) fn start_changed(&mut self, level: &str, change: impl FnOnce(&mut Command)) {
        let mut command = binary(self.dir());
        change(&mut command);
        self.spawn(command, &["--log", level, "run"]);
    }

    /// Starts the daemon with these variables in its environment, and a log that
    /// tells so much.
    pub(crate) fn start_told(&mut self, level: &str, variables: &[(&str, &str)]) {
        let mut command = binary(self.dir());
        command.env("WIREWATCH_LOG", level);
        command.envs(variables.iter().copied());
        self.spawn(command, &["run"]);
    }

    /// Starts the daemon so that it may have so few files open.
    pub(crate) fn start_with_few_files(&mut self, files: u32) {
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
        command
            .args(["-c", &script])
            .arg(env!("CARGO_BIN_EXE_wirewatch"));
        prepare(&mut command, self.dir());
        self.start_as(command);
    }

    /// The command as it is run in the folder, for a test that runs it itself.
    pub(crate) fn prepared(&self) -> Command {
        binary(self.dir())
    }

    fn start_as(&mut self, command: Command) {
        self.spawn(command, &["--log", "info", "run"]);
    }

    fn spawn(&mut self, mut command: Command, arguments: &[&str]) {
        assert!(self.running.is_none(), "it runs already");
        let mut child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stderr = child.stderr.take().expect("a pipe");
        let log = Arc::new(Log::default());
        let written = Arc::clone(&log);
        let (end, ended) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            read_lines(stderr, |line| {
                written.lines.lock().unwrap().push(line);
                written.rung.notify_waiters();
            });
            written.ended.store(true, Ordering::SeqCst);
            written.rung.notify_waiters();
            let _heard = end.send(());
        });
        self.running = Some(Running {
            child,
            log,
            ended: Mutex::new(ended),
        });
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    pub(crate) fn pid(&self) -> String {
        self.running().child.id().to_string()
    }

    /// Waits until the log has a line with this text.
    pub(crate) async fn wait_for_log(&self, text: &str) -> String {
        self.wait_for_logs(text, 1).await
    }

    /// Waits until the log has so many lines with this text; gives the last.
    pub(crate) async fn wait_for_logs(&self, text: &str, times: usize) -> String {
        let log = &self.running().log;
        tokio::time::timeout(super::PATIENCE, async {
            loop {
                let rung = log.rung.notified();
                let found = log
                    .lines
                    .lock()
                    .unwrap()
                    .iter()
                    .filter(|line| line.contains(text))
                    .nth(times.saturating_sub(1))
                    .cloned();
                if let Some(line) = found {
                    return line;
                }
                let over = log.ended.load(Ordering::SeqCst);
                assert!(!over, "it ended without {text:?}: {:#?}", self.log());
                rung.await;
            }
        })
        .await
        .unwrap_or_else(|_| panic!("no {text:?} in {:#?}", log.lines.lock().unwrap()))
    }

    /// The lines of the log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.running().log.lines.lock().unwrap().clone()
    }

    /// Ends it without a warning.
    pub(crate) fn kill(&mut self) {
        self.running
            .as_mut()
            .expect("it runs")
            .child
            .kill()
            .expect("a signal");
        self.wait();
    }

    /// Ends it as systemd does; gives its status and its log.
    pub(crate) fn stop(&mut self) -> (ExitStatus, Vec<String>) {
        self.signal("-TERM");
        self.wait()
    }

    /// Sends it SIGHUP, as rotators do.
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.pid()]).status();
        assert!(sent.expect("kill").success());
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> (ExitStatus, Vec<String>) {
        let mut running = self.running.take().expect("it runs");
        let ended = running.ended.get_mut().unwrap();
        if ended.recv_timeout(super::PATIENCE).is_err() {
            running.child.kill().expect("a signal");
            panic!("it does not end: {:#?}", running.log.lines.lock().unwrap());
        }
        let status = running.child.wait().expect("it ends");
        let lines = running.log.lines.lock().unwrap().clone();
        (status, lines)
    }
}

impl Drop for Wirewatch {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            let _killed = running.child.kill();
            let _ended = running.child.wait();
        }
    }
}

/// The file of names in the folder, if a test set any.
const HOSTS: &str = "hosts";

fn binary(dir: &Path) -> Command {
    let program = env!("CARGO_BIN_EXE_wirewatch");
    let mut command = if dir.join(HOSTS).exists() {
        // In a view of the file system of its own, nobody else sees these names.
        let script = format!("mount --bind {HOSTS} /etc/hosts && exec \"$0\" \"$@\"");
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]);
        command.args(["sh", "-c", &script, program]);
        command
    } else {
        Command::new(program)
    };
    prepare(&mut command, dir);
    command
}

fn finish(mut command: Command, arguments: &[&str], input: &str) -> Finished {
    use std::io::Write;
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // A command that does not read its input may have ended already.
    let mut stdin = child.stdin.take().expect("a pipe");
    let _written = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    Finished {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// In the folder, and with nothing of the environment that it would read.
fn prepare(command: &mut Command, dir: &Path) {
    command.current_dir(dir);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("WIREWATCH_") || name.ends_with("_DIRECTORY") || name == "NOTIFY_SOCKET"
        {
            command.env_remove(name);
        }
    }
}

fn read_lines(from: impl Read, mut take: impl FnMut(String)) {
    for line in BufReader::new(from).lines() {
        match line {
            Ok(line) => take(line),
            Err(_) => return,
        }
    }
}
