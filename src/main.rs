//! Arguments in, exit code out.

/// The allocator of the system keeps what a burst of polls took, and each feed
/// that is remembered in between keeps a page of it from going back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    wirewatch::cli::main()
}
