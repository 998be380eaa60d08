//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    wirewatch::cli::main()
}
