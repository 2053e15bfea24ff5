//! Running the program as a user does.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program with these arguments, at the root of the crate.
pub fn privdns(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_privdns"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env_remove("NO_COLOR").env_remove("GITHUB_WORKSPACE");
    command
}

/// Exit status, standard output and standard error.
pub fn finish(output: Output) -> (i32, String, String) {
    let text = |octets| String::from_utf8(octets).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

pub fn run(arguments: &[&str]) -> (i32, String, String) {
    finish(privdns(arguments).output().unwrap())
}

pub fn run_in(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    finish(privdns(arguments).current_dir(directory).output().unwrap())
}

/// With `input` on standard input.
pub fn run_with(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = privdns(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    finish(child.wait_with_output().unwrap())
}

/// An empty directory of one test's own; `name` is `test file/test`.
pub fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Whether `text` fits the schema that the program has for it.
pub fn fits(name: &str, text: &str) {
    let (status, schema, err) = run(&["schema", name]);
    assert_eq!((status, err.as_str()), (0, ""));
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(wrong, [""; 0], "{name}");
}
