//! Asking real servers, one message at a time.
//!
//! No resolver library stands between: each message is shown as it came, so the aliases
//! before an NXDOMAIN are kept. UDP first, TCP where an answer is cut; answers to other
//! questions are left alone; everything has a time limit. What goes wrong is part of the
//! line that [`ask_all`] hands over, never an error that ends the run.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use crate::name::Name;
use crate::record::RecordType;
use crate::transcript::capture::{LineV1, NO_TCP, OTHER_ANSWERS, VERSION};
use crate::wire;

/// The UDP payload that arrives in one piece nearly everywhere (DNS flag day 2020).
const PAYLOAD: u16 = 1232;

/// So many questions in a row without an answer, and a server is asked no more.
const GIVE_UP: usize = 64;

/// How to ask.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// How long an answer may take, each time.
    pub timeout: Duration,
    /// How often a question is sent before it counts as unanswered.
    pub attempts: u32,
    /// The most messages a second, all servers and attempts together.
    pub rate: u32,
    /// When no more questions are begun, counted from the first.
    pub deadline: Duration,
    /// The most questions that wait for an answer at one time.
    pub parallel: usize,
}

/// One question to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Whom to ask.
    pub server: SocketAddr,
    /// The name.
    pub name: Name,
    /// The type.
    pub record_type: RecordType,
}

/// The servers that the system asks.
pub fn system_servers() -> Result<Vec<SocketAddr>, String> {
    let (config, _) = hickory_resolver::system_conf::read_system_conf()
        .map_err(|error| format!("cannot tell which DNS servers the system asks: {error}"))?;
    let mut servers: Vec<SocketAddr> =
        config.name_servers().iter().map(|server| SocketAddr::new(server.ip, 53)).collect();
    servers.dedup();
    match servers.is_empty() {
        true => Err("the system has no DNS server".to_owned()),
        false => Ok(servers),
    }
}

/// Asks all questions and hands each line over as it is known, with the question's place.
///
/// Ends early where `heard` fails, with its error.
pub fn ask_all<E>(
    questions: &[Question],
    manners: Manners,
    mut heard: impl FnMut(usize, LineV1) -> Result<(), E>,
) -> io::Result<Result<(), E>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        let pace = Pace::new(manners.rate);
        let end = tokio::time::Instant::now() + manners.deadline;
        let mut running = JoinSet::new();
        let mut waiting = questions.iter().enumerate();
        let mut next = waiting.next();
        let mut silent: HashMap<SocketAddr, usize> = HashMap::new();
        let mut heard = |at: usize, line: LineV1, silent: &mut HashMap<SocketAddr, usize>| {
            let row = silent.entry(questions[at].server).or_default();
            *row = if line.rcode.is_some() { 0 } else { *row + 1 };
            heard(at, line)
        };
        while next.is_some() || !running.is_empty() {
            if running.len() >= manners.parallel.max(1) || next.is_none() {
                if let Some(Ok((at, line))) = running.join_next().await {
                    heard(at, line, &mut silent)?;
                }
                continue;
            }
            let Some((at, question)) = next.take() else { continue };
            next = waiting.next();
            let row = silent.get(&question.server).copied().unwrap_or_default();
            let why = if tokio::time::Instant::now() >= end {
                Some(format!("{} s were over", manners.deadline.as_secs_f32()))
            } else {
                (row >= GIVE_UP)
                    .then(|| format!("{} left {GIVE_UP} in a row unanswered", question.server))
            };
            if let Some(why) = why {
                heard(at, unheard(question, format!("not asked: {why}")), &mut silent)?;
                continue;
            }
            // Whoever is heard meanwhile is not kept waiting.
            tokio::select! {
                biased;
                () = pace.wait() => {}
                Some(done) = running.join_next() => {
                    if let Ok((at, line)) = done {
                        heard(at, line, &mut silent)?;
                    }
                    pace.wait().await;
                }
            }
            let (question, pace) = (question.clone(), pace.clone());
            running.spawn(async move { (at, ask(&question, manners, &pace).await) });
        }
        Ok(())
    });
    Ok(done)
}

/// Lets so many messages out a second.
#[derive(Clone)]
pub struct Pace(Arc<Mutex<Interval>>);

impl Pace {
    /// At most so many a second.
    pub fn new(rate: u32) -> Pace {
        let mut interval = interval(Duration::from_secs(1) / rate.max(1));
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Pace(Arc::new(Mutex::new(interval)))
    }

    async fn wait(&self) {
        self.0.lock().await.tick().await;
    }
}

/// Asks one question, whose first message has been let out; what goes wrong is told in the
/// line.
async fn ask(question: &Question, manners: Manners, pace: &Pace) -> LineV1 {
    let start = Instant::now();
    let answer = exchange(question, manners, Some(pace)).await;
    let mut line = unheard(question, String::new());
    line.error = None;
    line.milliseconds = start.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    match answer {
        Ok((message, tcp)) => {
            line.rcode = Some(rcode(message.metadata.response_code));
            line.tcp = tcp;
            line.extended_error = extended_error(&message);
            line.answers = message.answers.iter().filter_map(wire::record).collect();
            let soa = message.authorities.iter().filter_map(wire::record);
            line.authority = soa.filter(|record| record.record_type == "SOA").collect();
        }
        Err(why) => line.error = Some(why),
    }
    line
}

/// The text of an extended DNS error, or its number (RFC 8914, section 2).
fn extended_error(message: &Message) -> Option<String> {
    const EXTENDED_ERROR: u16 = 15;
    let options = message.edns.as_ref()?.options();
    options.as_ref().iter().find_map(|(_, option)| match option {
        EdnsOption::Unknown(EXTENDED_ERROR, octets) => {
            let (number, text) = octets.split_first_chunk::<2>()?;
            let text = String::from_utf8_lossy(text);
            let text = text.trim_end_matches('\0');
            Some(match text.is_empty() {
                true => format!("extended DNS error {}", u16::from_be_bytes(*number)),
                false => text.to_owned(),
            })
        }
        _ => None,
    })
}

/// The line of a question to which nothing came.
fn unheard(question: &Question, why: String) -> LineV1 {
    LineV1 {
        capture: VERSION.to_owned(),
        time: Some(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
        server: question.server.to_string(),
        name: question.name.to_string(),
        record_type: question.record_type.to_string(),
        rcode: None,
        error: Some(why),
        extended_error: None,
        tcp: false,
        milliseconds: 0,
        answers: Vec::new(),
        authority: Vec::new(),
    }
}

/// A response code as tools print it.
pub fn rcode(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        other => format!("RCODE{}", u16::from(other)),
    }
}

/// The message that asks; without EDNS for servers that do not know it.
pub fn message(question: &Question, edns: bool) -> Result<Message, String> {
    let name = wire::to_wire(&question.name).ok_or("the name does not fit a message")?;
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name, wire::type_to_wire(question.record_type)));
    if edns {
        let mut edns = Edns::new();
        edns.set_max_payload(PAYLOAD);
        message.set_edns(edns);
    }
    Ok(message)
}

/// The answer, and whether it came over TCP; or why there is none.
///
/// All messages but the first wait for `pace`.
pub async fn exchange(
    question: &Question,
    manners: Manners,
    pace: Option<&Pace>,
) -> Result<(Message, bool), String> {
    let wait = async || {
        if let Some(pace) = pace {
            pace.wait().await;
        }
    };
    let mut first = true;
    let mut edns = true;
    let mut failure = String::new();
    let mut sent = 0;
    while sent < manners.attempts.max(1) {
        sent += 1;
        let asked = message(question, edns)?;
        if !std::mem::take(&mut first) {
            wait().await;
        }
        match over_udp(question.server, &asked, manners.timeout).await {
            Ok(answer) if answer.metadata.response_code == ResponseCode::FormErr && edns => {
                // A server from before EDNS; this attempt does not count.
                edns = false;
                sent -= 1;
            }
            Ok(answer) if answer.metadata.truncation => {
                wait().await;
                let answer = over_tcp(question.server, &asked, manners.timeout).await;
                return answer
                    .map(|answer| (answer, true))
                    .map_err(|why| format!("{NO_TCP} {why}"));
            }
            Ok(answer) => return Ok((answer, false)),
            Err(why) => failure = why,
        }
    }
    let times = manners.attempts.max(1);
    Err(match times {
        1 => failure,
        _ => format!("{failure}, {times} times"),
    })
}

/// Whether `answer` answers `asked`.
fn answers(answer: &Message, asked: &Message) -> bool {
    answer.metadata.id == asked.metadata.id
        && answer.metadata.message_type == MessageType::Response
        // A server that refuses may leave the question out.
        && (answer.queries.is_empty() || answer.queries == asked.queries)
}

async fn over_udp(server: SocketAddr, asked: &Message, limit: Duration) -> Result<Message, String> {
    let octets = asked.to_vec().map_err(|error| error.to_string())?;
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let failed = |error: io::Error| format!("{server} cannot be reached: {error}");
    let socket = UdpSocket::bind((any, 0)).await.map_err(failed)?;
    socket.connect(server).await.map_err(failed)?;
    socket.send(&octets).await.map_err(failed)?;
    let mut strange = false;
    let waited = timeout(limit, async {
        let mut buffer = vec![0; usize::from(u16::MAX)];
        loop {
            let length = socket.recv(&mut buffer).await.map_err(failed)?;
            match Message::from_vec(&buffer[..length]) {
                Ok(answer) if answers(&answer, asked) => return Ok(answer),
                // Not ours, or no message: the answer may still come.
                _ => strange = true,
            }
        }
    });
    match waited.await {
        Ok(answer) => answer,
        Err(_) if strange => {
            Err(format!("{server} {OTHER_ANSWERS} within {} s, only others", limit.as_secs_f32()))
        }
        Err(_) => Err(format!("nothing came from {server} within {} s", limit.as_secs_f32())),
    }
}

async fn over_tcp(server: SocketAddr, asked: &Message, limit: Duration) -> Result<Message, String> {
    let octets = asked.to_vec().map_err(|error| error.to_string())?;
    let length = u16::try_from(octets.len()).map_err(|error| error.to_string())?;
    let failed = |error: io::Error| format!("{server} failed: {error}");
    let waited = timeout(limit, async {
        let mut stream = TcpStream::connect(server).await.map_err(failed)?;
        let mut framed = length.to_be_bytes().to_vec();
        framed.extend(octets);
        stream.write_all(&framed).await.map_err(failed)?;
        let length = stream.read_u16().await.map_err(failed)?;
        let mut buffer = vec![0; usize::from(length)];
        stream.read_exact(&mut buffer).await.map_err(failed)?;
        let answer = Message::from_vec(&buffer).map_err(|error| error.to_string())?;
        match answers(&answer, asked) {
            true => Ok(answer),
            false => Err(format!("{server} answered another question")),
        }
    });
    waited.await.unwrap_or_else(|_| {
        Err(format!("nothing came from {server} within {} s", limit.as_secs_f32()))
    })
}
