//! Paths as the services that show reports want them: from the root of the repository.

/// Where paths start and where they shall.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// The directory that relative paths start from, absolute.
    pub directory: String,
    /// The root of the repository.
    pub root: String,
}

impl Paths {
    /// The path from the root, with `/`; one that is not below the root stays absolute.
    pub fn relative(&self, path: &str) -> String {
        if path.starts_with('<') {
            return path.to_owned();
        }
        let path = path.replace('\\', "/");
        let whole = match is_absolute(&path) {
            true => segments(&path),
            false => segments(&format!("{}/{path}", self.directory.replace('\\', "/"))),
        };
        let root = segments(&self.root.replace('\\', "/"));
        match whole.strip_prefix(&root[..]) {
            Some(below) if !below.is_empty() => below.join("/"),
            // A drive's letter starts a path itself.
            _ if whole.first().is_some_and(|first| first.ends_with(':')) => whole.join("/"),
            _ => format!("/{}", whole.join("/")),
        }
    }

    /// The same as a URI reference (RFC 3986).
    pub fn uri(&self, path: &str) -> String {
        let path = self.relative(path);
        let scheme = match () {
            () if path.starts_with('/') => "file://",
            () if is_absolute(&path) => "file:///",
            () => "",
        };
        let mut uri = scheme.to_owned();
        for octet in path.bytes() {
            match octet {
                b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(octet.into()),
                _ if octet.is_ascii_alphanumeric() => uri.push(octet.into()),
                // Of a drive; in a relative path it would end a scheme.
                b':' if !scheme.is_empty() => uri.push(':'),
                _ => uri.push_str(&format!("%{octet:02X}")),
            }
        }
        uri
    }
}

fn is_absolute(path: &str) -> bool {
    let mut octets = path.bytes();
    path.starts_with('/')
        || (octets.next().is_some_and(|first| first.is_ascii_alphabetic())
            && octets.next() == Some(b':')
            && octets.next() == Some(b'/'))
}

fn segments(path: &str) -> Vec<String> {
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment.to_owned()),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_root_of_the_repository() {
        let paths = Paths { directory: "/repo/dns".to_owned(), root: "/repo".to_owned() };
        assert_eq!(paths.relative("a.json"), "dns/a.json");
        assert_eq!(paths.relative("./a.json"), "dns/a.json");
        assert_eq!(paths.relative("../b.json"), "b.json");
        assert_eq!(paths.relative("/repo/b.json"), "b.json");
        assert_eq!(paths.relative("/repository/b.json"), "/repository/b.json");
        assert_eq!(paths.relative("<stdin>"), "<stdin>");
        assert_eq!(paths.uri("a b#é:1.json"), "dns/a%20b%23%C3%A9%3A1.json");
        assert_eq!(paths.uri("/tmp/b.json"), "file:///tmp/b.json");
        let windows = Paths { directory: r"D:\repo\dns".to_owned(), root: r"D:\repo".to_owned() };
        assert_eq!(windows.relative("a.json"), "dns/a.json");
        assert_eq!(windows.uri(r"D:\other\a.json"), "file:///D:/other/a.json");
    }
}
