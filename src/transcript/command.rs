//! Commands that were echoed: which tool was asked for what.

use std::net::IpAddr;

use super::Server;
use crate::name::Name;
use crate::record::RecordType;

/// A tool that looks names up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Nslookup,
    Dig,
    DigShort,
    Host,
    PowerShell,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub tool: Tool,
    /// The name as typed; short names are completed by the tool.
    pub name: Option<Name>,
    pub record_type: Option<RecordType>,
    pub server: Option<Server>,
    /// What else one call of `dig` asks for, in order.
    pub more: Vec<Question>,
    /// Whether nothing but answers is printed, so that silence is one, too.
    pub quiet: bool,
    /// Why bare data below it cannot be told to be its answer.
    pub mixed: Option<&'static str>,
}

/// One question of a call of `dig`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub name: Option<Name>,
    pub record_type: RecordType,
    /// One that stands before all names is asked for all of them.
    pub server: Option<Server>,
}

/// Words that repeat what stands behind them.
const LOOPS: [&str; 5] = ["while", "until", "for", "foreach", "watch"];

/// Whether a line of a shell repeats what stands in it.
pub(super) fn loops(line: &str) -> bool {
    line.split([' ', '\t', '(', ';']).any(|word| LOOPS.contains(&word))
}

/// The name under which the address is looked up in reverse (RFC 1035, section 3.5; RFC 3596).
pub fn reverse_name(address: IpAddr) -> Option<Name> {
    let text = match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().rev().flat_map(|o| [o & 15, o >> 4]);
            let nibbles: Vec<String> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
            format!("{}.ip6.arpa", nibbles.join("."))
        }
    };
    text.parse().ok()
}

/// A server as it is typed or printed: `10.0.0.4`, `10.0.0.4#53`, `10.0.0.4:53`, or a name.
pub(super) fn server(text: &str) -> Option<Server> {
    let text = text.split('(').next()?.trim();
    let (host, port) = match text.split_once('#') {
        Some((host, port)) => (host, port.parse().ok()),
        None => match text.parse::<std::net::SocketAddr>() {
            Ok(socket) => return Some(at(socket.ip(), Some(socket.port()))),
            Err(_) => (text, None),
        },
    };
    // An IPv6 address may carry its interface.
    let bare = host.split('%').next()?;
    match bare.parse::<IpAddr>() {
        Ok(address) => Some(at(address, port)),
        Err(_) if host.is_empty() || host.eq_ignore_ascii_case("unknown") => None,
        Err(_) => Some(Server { name: Some(host.to_owned()), address: None, port: None }),
    }
}

fn at(address: IpAddr, port: Option<u16>) -> Server {
    Server { name: None, address: Some(address), port: port.filter(|&port| port != 53) }
}

fn tool(word: &str) -> Option<Tool> {
    let word = word.rsplit(['/', '\\']).next()?;
    // `Host x not found` is an answer.
    if word == "Host" {
        return None;
    }
    let word = word.to_ascii_lowercase();
    match word.strip_suffix(".exe").unwrap_or(&word) {
        "nslookup" => Some(Tool::Nslookup),
        "dig" => Some(Tool::Dig),
        "host" => Some(Tool::Host),
        "resolve-dnsname" => Some(Tool::PowerShell),
        _ => None,
    }
}

/// The command in a line, after whatever prompt there is.
pub(super) fn find(line: &str) -> Option<Command> {
    // What `dig` says of itself is no command, though it repeats one.
    let line = line.split("<<>> DiG").next().unwrap_or("");
    let words: Vec<&str> = line.split_whitespace().collect();
    let before = |at: usize| match at.checked_sub(1).map(|at| words[at]) {
        None => true,
        Some(_) if words[..at].contains(&"xargs") => true,
        Some(word) => {
            word.ends_with(['$', '#', '>', '%', '❯'])
                || matches!(word, "--" | "sudo" | "time" | "do" | "&&" | ";" | "|")
        }
    };
    for (at, word) in words.iter().enumerate() {
        // `C:\>dig` has the prompt in the word, with no blank between.
        let (prompt, bare) = match word.rfind(['>', '$']) {
            Some(end) => (true, &word[end + 1..]),
            None => (false, *word),
        };
        if let Some(tool) = tool(bare)
            && (prompt || before(at))
            // `Resolve-DnsName : …` is an error.
            && words.get(at + 1) != Some(&":")
        {
            let mut command = call(tool, &words[at + 1..])?;
            if loops(&words[..at].join(" ")) {
                command.repeated();
            }
            return Some(command);
        }
    }
    None
}

impl Command {
    /// In a loop the answers of one name run into each other, where nothing stands between.
    pub fn repeated(&mut self) {
        let bare = matches!(self.tool, Tool::DigShort | Tool::Host) || self.quiet;
        if bare && self.name.is_some() && self.mixed.is_none() {
            self.mixed = Some("a loop, whose answers run into each other");
        }
    }

    /// Whether what is printed cannot be told to be its answer.
    pub fn hides(&self) -> Option<&'static str> {
        let looped = self.mixed.filter(|why| why.starts_with("a loop"));
        if self.tool == Tool::DigShort { self.mixed } else { looped }
    }

    /// Another question of the same call of `dig`; a type may follow.
    fn ask(&mut self, name: Option<Name>, first: bool, defaults: &Defaults) {
        let (record_type, server) = defaults.clone();
        if first {
            (self.name, self.record_type) = (name, Some(record_type));
            return;
        }
        self.more.push(Question { name, record_type, server });
    }
}

/// The type and the server that stand before all names.
type Defaults = (RecordType, Option<Server>);

/// What a call asks for, by its words.
pub(super) fn call(tool: Tool, words: &[&str]) -> Option<Command> {
    let mut command = Command {
        tool,
        name: None,
        record_type: None,
        server: None,
        more: Vec::new(),
        quiet: false,
        mixed: mixed(words),
    };
    let (mut names, mut types) = (0, 0);
    let mut defaults: Defaults = (RecordType::A, None);
    let variable = words.iter().any(|word| word.contains('$'));
    let mut words = words.iter().map(|word| word.trim_matches(['"', '\'', '`']));
    let mut reverse = false;
    while let Some(word) = words.next() {
        if matches!(word, "|" | ">" | ">>" | "&&" | ";" | "2>&1" | "||") {
            break;
        }
        let (word, last) = match word.strip_suffix(';') {
            Some(word) => (word, true),
            None => (word, false),
        };
        if let Some(option) = word.strip_prefix('+') {
            if option.eq_ignore_ascii_case("short") && tool == Tool::Dig {
                command.tool = Tool::DigShort;
            }
            match option.to_ascii_lowercase().as_str() {
                "noall" => command.quiet = true,
                "all" | "comments" | "question" | "stats" => command.quiet = false,
                _ => {}
            }
            continue;
        }
        if let Some(text) = word.strip_prefix('@') {
            let asked = server(text);
            match command.more.last_mut() {
                Some(question) => question.server = asked,
                None => {
                    if names == 0 {
                        defaults.1.clone_from(&asked);
                    }
                    command.server = asked;
                }
            }
        } else if let Some(option) = word.strip_prefix('-').or_else(|| word.strip_prefix('/')) {
            match option.to_ascii_lowercase().as_str() {
                "x" => reverse = true,
                "t" | "type" | "q" | "querytype" => {
                    command.record_type = words.next().and_then(|word| word.parse().ok());
                }
                "server" => command.server = words.next().and_then(server),
                "name" => command.name = words.next().and_then(|word| word.parse().ok()),
                "p" | "c" | "b" | "y" | "k" | "f" | "w" | "r" if tool != Tool::Nslookup => {
                    words.next();
                }
                option => {
                    if let Some((_, value)) = option.split_once('=') {
                        command.record_type = value.parse().ok().or(command.record_type);
                    }
                }
            }
        } else if let (Ok(address), None) = (word.parse::<IpAddr>(), &command.name) {
            command.name = reverse_name(address);
            command.record_type = Some(RecordType::Ptr);
        } else if command.name.is_some() && tool != Tool::Dig && tool != Tool::DigShort {
            command.server = server(word);
        } else if let (Ok(record_type), Tool::Dig | Tool::DigShort) = (word.parse(), command.tool) {
            types += 1;
            match command.more.last_mut() {
                Some(question) => question.record_type = record_type,
                None => {
                    if names == 0 {
                        defaults.0 = record_type;
                    }
                    command.record_type = Some(record_type);
                }
            }
        } else if word.eq_ignore_ascii_case("in") && tool == Tool::Dig {
            continue;
        } else {
            names += 1;
            // A variable of the shell is no name.
            let name = if word.contains('$') { None } else { word.parse().ok() };
            match tool {
                Tool::Dig => command.ask(name, names == 1, &defaults),
                _ => command.name = name,
            }
        }
        if last {
            break;
        }
    }
    if names > 1 || types > 1 {
        command.mixed = Some("several names or types, whose data cannot be told apart");
    } else if command.name.is_none() && variable {
        command.mixed = Some("a variable, whose value is not shown");
    } else if command.name.is_none() {
        command.mixed = Some("the name stands elsewhere, and bare data does not show it");
    }
    if reverse && command.record_type.is_none() {
        command.record_type = Some(RecordType::Ptr);
    }
    if matches!(tool, Tool::Dig | Tool::DigShort) && command.record_type.is_none() {
        command.record_type = Some(RecordType::A);
    }
    Some(command)
}

/// Whether the shell runs something else in the same line, which prints as well.
fn mixed(words: &[&str]) -> Option<&'static str> {
    let at = words.iter().position(|word| matches!(*word, "&&" | "||") || word.ends_with(';'))?;
    let more = words[at + 1..].iter().any(|word| *word != "done");
    more.then_some("other commands in the same line, whose output cannot be told apart")
}

/// Whether a line is a prompt of a shell at which nothing was typed.
pub(super) fn is_bare_prompt(line: &str) -> bool {
    line.ends_with(['$', '#', '%', '>', '❯']) && line.split_whitespace().count() <= 3
}

/// Whether a line is a prompt of a shell with a command behind it.
pub(super) fn is_prompt(line: &str) -> bool {
    let line = line.trim();
    let Some((prompt, command)) =
        line.split_once(['$', '#', '%', '>', '❯']).filter(|(_, rest)| !rest.trim().is_empty())
    else {
        return false;
    };
    let spaced = command.starts_with(' ');
    let windows = prompt.starts_with("PS ") || prompt.get(1..3) == Some(":\\");
    (prompt.is_empty() && spaced && !line.starts_with('>'))
        || windows
        || (spaced && prompt.contains('@') && prompt.split_whitespace().count() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        match find(line) {
            None => "-".to_owned(),
            Some(command) => format!(
                "{:?} {} {} {}",
                command.tool,
                command.name.map_or("-".to_owned(), |name| name.text()),
                command.record_type.map_or("-".to_owned(), |t| t.to_string()),
                command.server.map_or("-".to_owned(), |server| server.to_string()),
            ),
        }
    }

    #[test]
    fn commands_are_found_after_prompts() {
        for (line, expected) in [
            ("C:\\>dig a.example.com +short", "DigShort a.example.com A -"),
            ("PS C:\\Users\\c> nslookup google.com", "Nslookup google.com - -"),
            ("$ dig AAAA a.example.com", "Dig a.example.com AAAA -"),
            (">nslookup 10.6.0.5", "Nslookup 5.0.6.10.in-addr.arpa PTR -"),
            ("joe@MyUbuntu:~$ host a.example.com 10.0.0.4", "Host a.example.com - 10.0.0.4"),
            ("% dig -x 168.63.129.16 ", "Dig 16.129.63.168.in-addr.arpa PTR -"),
            (
                "dig @168.63.129.16 -p 5353 a.example.com AAAA",
                "Dig a.example.com AAAA 168.63.129.16",
            ),
            (
                "kubectl exec -it pod -- nslookup -type=cname a.example.com",
                "Nslookup a.example.com CNAME -",
            ),
            (
                "PS> Resolve-DnsName -Name a.example.com -Type AAAA -Server 10.0.0.4",
                "PowerShell a.example.com AAAA 10.0.0.4",
            ),
            ("the output of nslookup a.example.com", "-"),
            ("Server: dig.example.com", "-"),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    #[test]
    fn servers_are_read_as_tools_write_them() {
        for (text, expected) in [
            ("168.63.129.16#53", "168.63.129.16"),
            ("127.0.0.1#5353(127.0.0.1)", "127.0.0.1:5353"),
            ("10.96.0.10:53", "10.96.0.10"),
            ("fe80::1%eth0", "fe80::1"),
            ("dns.google", "dns.google"),
        ] {
            assert_eq!(server(text).unwrap().to_string(), expected);
        }
        assert_eq!(server("UnKnown"), None);
    }
}
