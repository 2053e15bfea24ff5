//! The `privdns` program; all of it is in the library.

fn main() -> std::process::ExitCode {
    privdns::cli::main()
}
