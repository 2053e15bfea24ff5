//! DNS servers on loopback: one that does as a test says, and NSD.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a made-up server does with one query.
pub enum Reply {
    /// Nothing.
    Silence,
    /// These octets, then those.
    Send(Vec<Vec<u8>>),
    /// Nothing; over TCP the connection ends.
    Close,
    /// It is gone from now on.
    Die,
}

/// Starts a server that asks `reply` for each query: how many came before, the query,
/// and whether it came over TCP.
pub fn fake(reply: impl Fn(usize, &[u8], bool) -> Reply + Send + Sync + 'static) -> SocketAddr {
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        // The port of the one may be taken for the other.
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    let reply = std::sync::Arc::new(reply);
    let same = reply.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        for count in 0.. {
            let Ok((length, client)) = udp.recv_from(&mut buffer) else { return };
            match reply(count, &buffer[..length], false) {
                Reply::Silence | Reply::Close => {}
                Reply::Send(all) => all.iter().for_each(|one| {
                    udp.send_to(one, client).unwrap();
                }),
                Reply::Die => return,
            }
        }
    });
    std::thread::spawn(move || {
        for (count, stream) in tcp.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let mut length = [0; 2];
            if stream.read_exact(&mut length).is_err() {
                continue;
            }
            let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
            if stream.read_exact(&mut query).is_err() {
                continue;
            }
            match same(count, &query, true) {
                Reply::Send(all) => all.iter().for_each(|one| {
                    let _ = stream.write_all(&(one.len() as u16).to_be_bytes());
                    let _ = stream.write_all(one);
                }),
                Reply::Silence => std::thread::sleep(Duration::from_secs(5)),
                Reply::Close => {}
                Reply::Die => return,
            }
        }
    });
    address
}

/// The query's header and question, as an answer with this response code.
pub fn answer(query: &[u8], rcode: u8) -> Vec<u8> {
    let mut end = 12;
    while query[end] != 0 {
        end += 1 + usize::from(query[end]);
    }
    let mut answer = query[..end + 5].to_vec();
    answer[2] |= 0x80;
    answer[3] = 0x80 | rcode;
    // No EDNS.
    answer[10..12].fill(0);
    answer
}

/// An answer with one address.
pub fn address(query: &[u8], address: [u8; 4], ttl: u32) -> Vec<u8> {
    let mut answer = answer(query, 0);
    answer[7] = 1;
    answer.extend([0xc0, 12, 0, 1, 0, 1]);
    answer.extend(ttl.to_be_bytes());
    answer.extend([0, 4]);
    answer.extend(address);
    answer
}

/// One record: owner, number of its type, data. The TTL is 10 seconds.
pub type Record = (String, u16, Vec<u8>);

/// A name as messages have it.
pub fn wire_name(text: &str) -> Vec<u8> {
    let labels = text.split('.').filter(|label| !label.is_empty());
    let mut octets: Vec<u8> =
        labels.flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
    octets.push(0);
    octets
}

/// The name that a query asks for, in lower case and without its final dot.
pub fn asked(query: &[u8]) -> String {
    let mut labels = Vec::new();
    let mut at = 12;
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8(query[at + 1..end].to_ascii_lowercase()).unwrap());
        at = end;
    }
    labels.join(".")
}

/// An alias.
pub fn alias(owner: &str, target: &str) -> Record {
    (owner.to_owned(), 5, wire_name(target))
}

/// A SOA as private zones of Azure have it where `host` is `azureprivatedns.net`.
pub fn soa(apex: &str, host: &str) -> Record {
    let mut data = wire_name(host);
    data.extend(wire_name("hostmaster.example.net"));
    [1, 3600, 300, 2_419_200, 10_u32].iter().for_each(|time| data.extend(time.to_be_bytes()));
    (apex.to_owned(), 6, data)
}

/// An answer of these records, and these of the authority section.
pub fn message(query: &[u8], rcode: u8, answers: &[Record], authority: &[Record]) -> Vec<u8> {
    let mut message = answer(query, rcode);
    message[7] = answers.len() as u8;
    message[9] = authority.len() as u8;
    for (owner, number, data) in answers.iter().chain(authority) {
        message.extend(wire_name(owner));
        message.extend(number.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 10]);
        message.extend((data.len() as u16).to_be_bytes());
        message.extend(data);
    }
    message
}

/// Marks an answer as cut.
pub fn cut(mut answer: Vec<u8>) -> Vec<u8> {
    answer[2] |= 2;
    answer
}

/// A program that ends with the test.
pub struct Running {
    pub child: Child,
    pub address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a program can be run. Where it cannot, the test is skipped, which is told past the
/// capture of what tests print; or fails where `PRIVDNS_TOOLS` is `required`, as in `.ci/run`.
pub fn has(program: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .chain([Path::new("/usr/sbin").to_owned()])
        .any(|directory| directory.join(program).is_file());
    if !found {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let _ = writeln!(std::io::stderr(), "skipped: {test}: {program} is not installed");
        let required = std::env::var_os("PRIVDNS_TOOLS").is_some_and(|value| value == "required");
        assert!(!required, "{program} is not installed");
    }
    found
}

/// A port that nobody has, for programs that cannot choose one themselves.
pub fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts NSD with zone files, `(apex, path)`; nothing of it outlives the test.
pub fn nsd(directory: &Path, zones: &[(&str, &Path)]) -> Running {
    let port = free_port();
    let here = directory.display();
    let mut settings = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  port: {port}\n  username: \"\"\n  \
         chroot: \"\"\n  zonesdir: \"{here}\"\n  pidfile: \"{here}/nsd.pid\"\n  \
         logfile: \"{here}/nsd.log\"\n  xfrdfile: \"{here}/xfrd.state\"\n  \
         zonelistfile: \"{here}/zone.list\"\n  database: \"\"\n  server-count: 1\n\
         remote-control:\n  control-enable: no\n"
    );
    for (apex, path) in zones {
        settings.push_str(&format!("zone:\n  name: {apex}\n  zonefile: \"{}\"\n", path.display()));
    }
    let file = directory.join("nsd.conf");
    std::fs::write(&file, settings).unwrap();
    let program = if Path::new("/usr/sbin/nsd").exists() { "/usr/sbin/nsd" } else { "nsd" };
    let mut command = Command::new(program);
    command.args(["-d", "-c"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let running = Running { child, address: SocketAddr::from(([127, 0, 0, 1], port)) };
    await_answer(running.address, zones[0].0);
    running
}

/// Waits until something answers for a name.
pub fn await_answer(server: SocketAddr, name: &str) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut query = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        query.push(label.len() as u8);
        query.extend(label.as_bytes());
    }
    query.extend([0, 0, 6, 0, 1]);
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        let _ = socket.send_to(&query, server);
        if socket.recv(&mut [0; 2048]).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{server} does not answer for {name}");
}
