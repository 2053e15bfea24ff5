//! The simulation as a DNS server, so that real tools can try an estate.
//!
//! One thread owns the index and answers questions in turn at a desk; the sockets
//! are hickory-server's. After a reload a second thread starts, and takes over once it is
//! ready, so no query waits or is lost. What the simulation cannot say is SERVFAIL with an
//! extended DNS error (RFC 8914) that says why, never an address that is made up.

mod desk;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use hickory_proto::op::{Edns, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{DNSClass, Record, RecordType as WireType};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};
use hickory_server::net::runtime::Time;
use hickory_server::net::xfer::Protocol;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use ipnet::IpNet;
use tokio::net::{TcpListener, UdpSocket};

use crate::estate::{Estate, VnetId};
use crate::index::{ALIAS_LIMIT, Settings};
use crate::live::{Manners, Question, exchange, rcode};
use crate::name::Name;
use crate::record::RecordType;
use crate::wire;

use desk::{Answered, Desk};

/// The number of extended DNS errors among EDNS options (RFC 8914, section 2).
const EXTENDED_ERROR: u16 = 15;

/// "Other Error" (RFC 8914, section 4.1): the text says which.
const OTHER_ERROR: u16 = 0;

/// The largest UDP answer, whatever a client can take (DNS flag day 2020).
const PAYLOAD: u16 = 1232;

/// Connections that ask nothing for so long are closed.
const IDLE: Duration = Duration::from_secs(10);

/// Answers that may wait on one connection.
const BACKLOG: usize = 128;

/// How often the inputs are looked at.
const WATCH: Duration = Duration::from_millis(500);

/// An estate to be served.
pub struct Simulation {
    /// The facts.
    pub estate: Estate,
    /// The networks whose resolvers are played, in the order of the listeners.
    pub vnets: Vec<VnetId>,
    /// The assumptions.
    pub settings: Settings,
}

/// How to serve.
pub struct Service {
    /// The addresses, and how each network is called in the log.
    pub listen: Vec<(String, SocketAddr)>,
    /// Clients that are answered as another network than that of the address they ask, each
    /// a prefix; the networks come after those of the listeners.
    pub clients: Vec<(IpNet, String)>,
    /// Who is asked for public names.
    pub upstream: Option<SocketAddr>,
    /// How it is asked.
    pub manners: Manners,
    /// Hears of each answer.
    pub log: Option<Log>,
}

/// Hears of each answer, in one line.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// Serves until the process is told to end.
///
/// `ready` hears where each listener listens. `reload` is called again and again, and
/// gives another estate once the inputs have changed.
pub fn serve(
    service: Service,
    simulation: Simulation,
    ready: impl FnOnce(&[(String, SocketAddr)]),
    reload: impl FnMut() -> Option<Simulation> + Send + 'static,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let desk = Arc::new(RwLock::new(Desk::open(simulation)));
        let first = service.listen.len();
        let clients = service.clients.iter().enumerate();
        let mut clients: Vec<Client> =
            clients.map(|(at, (prefix, vnet))| (*prefix, (vnet.clone(), first + at))).collect();
        clients.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.prefix_len()));
        let clients: Arc<[Client]> = clients.into();
        let mut servers = Vec::new();
        let mut bound = Vec::new();
        for (at, (vnet, address)) in service.listen.iter().enumerate() {
            let (udp, tcp) = bind(*address).await?;
            bound.push((vnet.clone(), udp.local_addr()?));
            let mut server = hickory_server::Server::new(Handler {
                desk: desk.clone(),
                vnet: (vnet.clone(), at),
                clients: clients.clone(),
                upstream: service.upstream,
                manners: service.manners,
                log: service.log.clone(),
            });
            server.register_socket(udp);
            server.register_listener(tcp, IDLE, BACKLOG);
            servers.push(server);
        }
        // Before anybody is told, so that no signal is missed.
        let ended = ended()?;
        ready(&bound);
        watch(desk, reload);
        ended.await;
        for mut server in servers {
            server.shutdown_gracefully().await.map_err(io::Error::other)?;
        }
        Ok(())
    })
}

/// The same port for both; of port 0 one that both can have.
async fn bind(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let named = |error: io::Error| {
        io::Error::new(error.kind(), format!("cannot listen at {address}: {error}"))
    };
    let mut last = None;
    for _ in 0..16 {
        let udp = UdpSocket::bind(address).await.map_err(named)?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if address.port() != 0 => return Err(named(error)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| io::Error::other("no port is free"), named))
}

/// Ends with Ctrl-C or, where there is one, SIGTERM.
fn ended() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Puts a new desk in place of the old one when there is something new; queries that the
/// old one has taken are still answered there.
fn watch(desk: Arc<RwLock<Desk>>, mut reload: impl FnMut() -> Option<Simulation> + Send + 'static) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(WATCH);
            if let Some(simulation) = reload() {
                let fresh = Desk::open(simulation);
                match desk.write() {
                    Ok(mut desk) => *desk = fresh,
                    Err(_) => return,
                }
            }
        }
    });
}

/// What a network is called, and its place among those of the simulation.
type Played = (String, usize);

/// Clients, and the network they are in.
type Client = (IpNet, Played);

/// Answers what comes to one address.
struct Handler {
    desk: Arc<RwLock<Desk>>,
    vnet: Played,
    /// The longest prefixes first.
    clients: Arc<[Client]>,
    upstream: Option<SocketAddr>,
    manners: Manners,
    log: Option<Log>,
}

/// An answer in the making.
#[derive(Default)]
struct Reply {
    rcode: ResponseCode,
    answers: Vec<Record>,
    authority: Vec<Record>,
    /// What an extended error says.
    why: Option<String>,
}

impl Reply {
    fn failed(rcode: ResponseCode, why: impl Into<String>) -> Reply {
        Reply { rcode, why: Some(why.into()), ..Reply::default() }
    }

    /// Leaves out the records that do not fit into so many octets, each as a whole; whether
    /// there are any.
    fn cut(&mut self, request: &Request, edns: Option<&Edns>, limit: usize) -> bool {
        const HEADER: usize = 12;
        let mut octets = Vec::new();
        let mut encoder = BinEncoder::new(&mut octets);
        let mut fits = |part: &dyn BinEncodable| {
            part.emit(&mut encoder).is_ok() && HEADER + encoder.len() <= limit
        };
        if let Ok(info) = request.request_info() {
            fits(info.query.original());
        }
        if let Some(edns) = edns {
            fits(&Record::from(edns));
        }
        let mut cut = false;
        for records in [&mut self.answers, &mut self.authority] {
            let whole = records.iter().take_while(|record| fits(*record)).count();
            cut |= whole < records.len();
            records.truncate(whole);
        }
        cut
    }
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut response: R,
    ) -> ResponseInfo {
        let mut reply = self.reply(request).await;
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.recursion_available = true;
        metadata.response_code = reply.rcode;
        self.tell(request, &reply);
        let udp = request.protocol() == Protocol::Udp;
        let edns = request.edns.as_ref().map(|asked| {
            let mut edns = Edns::new();
            edns.set_max_payload(asked.max_payload().clamp(512, PAYLOAD));
            if let Some(why) = reply.why.take() {
                let mut octets = OTHER_ERROR.to_be_bytes().to_vec();
                octets.extend(why.as_bytes());
                edns.options_mut().insert(EdnsOption::Unknown(EXTENDED_ERROR, octets));
            }
            edns
        });
        let limit = edns.as_ref().map_or(512, Edns::max_payload);
        metadata.truncation = udp && reply.cut(request, edns.as_ref(), usize::from(limit));
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(edns) = &edns {
            builder.edns(edns);
        }
        let message = builder.build(metadata, &reply.answers, &[], &reply.authority, &[]);
        match response.send_response(message).await {
            Ok(info) => info,
            // The client is gone; there is nobody to tell.
            Err(_) => {
                let counts = hickory_proto::op::HeaderCounts::default();
                hickory_proto::op::Header { metadata, counts }.into()
            }
        }
    }
}

impl Handler {
    async fn reply(&self, request: &Request) -> Reply {
        if request.metadata.op_code != OpCode::Query {
            return Reply::failed(ResponseCode::NotImp, "only queries are answered");
        }
        if request.edns.as_ref().is_some_and(|edns| edns.version() > 0) {
            return Reply::failed(ResponseCode::BADVERS, "only version 0 of EDNS is spoken");
        }
        let Ok(info) = request.request_info() else {
            return Reply::failed(ResponseCode::FormErr, "expected one question");
        };
        let query = info.query;
        let record_type = wire::type_from_wire(query.query_type());
        let transfer = matches!(query.query_type(), WireType::AXFR | WireType::IXFR);
        if query.query_class() != DNSClass::IN || transfer {
            return Reply::failed(
                ResponseCode::Refused,
                "only names of the Internet class are looked up",
            );
        }
        // What a resolver has of all types depends on what it was asked before.
        if query.query_type() == WireType::ANY {
            return Reply::failed(
                ResponseCode::NotImp,
                "ANY is not answered (RFC 8482): ask for a type",
            );
        }
        match wire::from_wire(query.name()) {
            Some(name) => {
                let vnet = self.played(request.src().ip()).1;
                self.resolve(vnet, name, record_type).await
            }
            None => Reply::failed(ResponseCode::FormErr, "the name cannot be read"),
        }
    }

    /// The network that a client is in.
    fn played(&self, client: IpAddr) -> &Played {
        let client = client.to_canonical();
        let found = self.clients.iter().find(|(prefix, _)| prefix.contains(&client));
        found.map_or(&self.vnet, |(_, played)| played)
    }

    fn ask(
        &self,
        vnet: usize,
        name: &Name,
        record_type: RecordType,
        claimed: bool,
    ) -> Option<desk::Waiting> {
        let desk = self.desk.read().ok()?;
        desk.ask(vnet, name.clone(), record_type, claimed)
    }

    /// The simulation's answer; where that ends in public DNS, the upstream's for the rest.
    async fn resolve(&self, vnet: usize, name: Name, record_type: RecordType) -> Reply {
        let mut reply = Reply::default();
        let mut next = (name, false);
        for _ in 0..=ALIAS_LIMIT {
            let (name, claimed) = &next;
            let Some(waiting) = self.ask(vnet, name, record_type, *claimed) else { break };
            let Ok(answered) = waiting.await else { break };
            let (name, upstream) = match (answered, self.upstream) {
                (Answered::Done { rcode, answers, authority, why }, _) => {
                    reply.answers.extend(answers);
                    return Reply { rcode, authority, why, ..reply };
                }
                (Answered::Public { answers, why, .. }, None) => {
                    reply.answers.extend(answers);
                    return Reply { rcode: ResponseCode::ServFail, why: Some(why), ..reply };
                }
                (Answered::Public { answers, name, .. }, Some(upstream)) => {
                    reply.answers.extend(answers);
                    (name, upstream)
                }
                (Answered::NotClaimed, _) => break,
            };
            match self.public(vnet, name, upstream, record_type, &mut reply).await {
                Some(target) => next = (target, true),
                None => return reply,
            }
        }
        Reply::failed(ResponseCode::ServFail, "the aliases go round, or the server is ending")
    }

    /// Takes over what the upstream says of a public name, up to an alias that a private
    /// zone claims.
    async fn public(
        &self,
        vnet: usize,
        name: Name,
        server: SocketAddr,
        record_type: RecordType,
        reply: &mut Reply,
    ) -> Option<Name> {
        let question = Question { server, name: name.clone(), record_type };
        let message = match exchange(&question, self.manners, None).await {
            Ok((message, _)) => message,
            Err(why) => {
                reply.rcode = ResponseCode::ServFail;
                reply.why = Some(why);
                return None;
            }
        };
        let mut owner = wire::to_wire(&name)?;
        let aliases = |owner: &hickory_proto::rr::Name| {
            let alias =
                |record: &&Record| record.record_type() == WireType::CNAME && record.name == *owner;
            message.answers.iter().find(alias).cloned()
        };
        for _ in 0..ALIAS_LIMIT {
            let Some(record) = aliases(&owner).filter(|_| record_type != RecordType::Cname) else {
                break;
            };
            let hickory_proto::rr::RData::CNAME(target) = &record.data else { break };
            owner = target.0.clone();
            reply.answers.push(record);
            let target = wire::from_wire(&owner)?;
            if let Some(waiting) = self.ask(vnet, &target, record_type, true)
                && !matches!(waiting.await, Ok(Answered::NotClaimed) | Err(_))
            {
                return Some(target);
            }
        }
        let asked = |record: &&Record| {
            let alias = record.record_type() == WireType::CNAME;
            record.name == owner && (!alias || record_type == RecordType::Cname)
        };
        reply.answers.extend(message.answers.iter().filter(asked).cloned());
        reply.rcode = message.metadata.response_code;
        let soa = |record: &&Record| record.record_type() == WireType::SOA;
        reply.authority = message.authorities.iter().filter(soa).cloned().collect();
        None
    }

    fn tell(&self, request: &Request, reply: &Reply) {
        let Some(log) = &self.log else { return };
        let question = request.request_info().map_or("no question".to_owned(), |info| {
            let name = wire::from_wire(info.query.name());
            let name = name.map(|name| name.text()).unwrap_or_default();
            format!("{name} {}", wire::type_from_wire(info.query.query_type()))
        });
        let why = reply.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let data: Vec<String> = reply
            .answers
            .iter()
            .filter_map(wire::record)
            .map(|record| format!(" {}", record.data))
            .collect();
        log(&format!(
            "{} {} {question} {}{}{why}",
            request.src(),
            self.played(request.src().ip()).0,
            rcode(reply.rcode),
            data.concat(),
        ));
    }
}
