//! `serve` asked by real clients.
#![cfg(all(feature = "serve", unix))]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use common::program::{directory, fits, privdns, run};
use common::server::{Reply, Running, address, answer, fake, has};

const ESTATE: &str = "\
vnet hub dns azure
vnet lab dns azure
vnet legacy dns 10.0.0.68
zone privatelink.eastus.batch.azure.com link hub
  acct A 10.0.0.5
zone corp.internal link hub
  nas   A     300 10.0.0.7
  files CNAME nas.corp.internal
  a.b   A     10.0.0.8
zone lab.internal link lab
  box   A     10.9.0.4
";

/// A server, what it says on standard error, and the addresses of its networks.
struct Serving {
    running: Running,
    lines: Receiver<String>,
    addresses: Vec<SocketAddr>,
}

impl Serving {
    /// Waits for a line that holds `text`.
    fn await_line(&self, text: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(20));
            let line = line.unwrap_or_else(|_| panic!("`{text}` does not come"));
            if line.contains(text) {
                return line;
            }
        }
    }

    fn end(&mut self) -> Option<i32> {
        let id = self.running.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.running.child.wait().unwrap().code()
    }
}

/// Starts `serve` with a file, each of `vnets` at a port of its own.
fn serve(file: &Path, vnets: &[&str], arguments: &[&str]) -> Serving {
    let vnets: Vec<String> = vnets.iter().map(|vnet| format!("{vnet}=127.0.0.1:0")).collect();
    let mut all = vec!["serve", file.to_str().unwrap()];
    vnets.iter().for_each(|vnet| all.extend(["--vnet", vnet]));
    all.extend(arguments);
    let mut child = privdns(&all).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let (sender, lines) = channel();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let running = Running { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
    let mut serving = Serving { running, lines, addresses: Vec::new() };
    for _ in &vnets {
        let line = serving.await_line("listening at ");
        let tail = line.split("listening at ").nth(1).unwrap();
        serving.addresses.push(tail.split(',').next().unwrap().parse().unwrap());
    }
    serving
}

fn estate(test: &str, text: &str) -> std::path::PathBuf {
    let file = directory(&format!("serve/{test}")).join("e.estate");
    fs::write(&file, text).unwrap();
    file
}

/// What `dig` prints, without what changes from run to run.
fn dig(server: SocketAddr, arguments: &[&str]) -> String {
    let port = server.port().to_string();
    let output = Command::new("dig")
        .args(["@127.0.0.1", "-p", &port, "+time=5", "+tries=1", "+nocmd", "+nostats"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |line: &str| line.split(", id: ").next().unwrap().to_owned();
    let lines = text.lines().filter(|line| !line.is_empty()).map(line);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn dig_gets_what_a_client_in_the_network_gets() {
    if !has("dig") {
        return;
    }
    let serving = serve(&estate("dig", ESTATE), &["hub", "lab", "legacy"], &[]);
    let [hub, lab, legacy] = serving.addresses[..] else { panic!() };
    insta::assert_snapshot!(dig(hub, &["acct.eastus.batch.azure.com"]), @"
    ;; Got answer:
    ;; ->>HEADER<<- opcode: QUERY, status: NOERROR
    ;; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1
    ;; OPT PSEUDOSECTION:
    ; EDNS: version: 0, flags:; udp: 1232
    ;; QUESTION SECTION:
    ;acct.eastus.batch.azure.com.	IN	A
    ;; ANSWER SECTION:
    acct.eastus.batch.azure.com. 0	IN	CNAME	acct.privatelink.eastus.batch.azure.com.
    acct.privatelink.eastus.batch.azure.com. 0 IN A	10.0.0.5
    ");
    insta::assert_snapshot!(dig(hub, &["gone.corp.internal", "+noall", "+comments", "+authority"]), @"
    ;; Got answer:
    ;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN
    ;; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1
    ;; OPT PSEUDOSECTION:
    ; EDNS: version: 0, flags:; udp: 1232
    ;; AUTHORITY SECTION:
    corp.internal.		10	IN	SOA	azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10
    ");
    // An empty non-terminal exists.
    insta::assert_snapshot!(dig(hub, &["b.corp.internal", "+noall", "+comments", "+authority"]), @"
    ;; Got answer:
    ;; ->>HEADER<<- opcode: QUERY, status: NOERROR
    ;; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1
    ;; OPT PSEUDOSECTION:
    ; EDNS: version: 0, flags:; udp: 1232
    ;; AUTHORITY SECTION:
    corp.internal.		10	IN	SOA	azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10
    ");
    // The other network sees another zone.
    assert_eq!(dig(lab, &["+short", "box.lab.internal"]), "10.9.0.4");
    insta::assert_snapshot!(dig(lab, &["nas.corp.internal", "+noall", "+comments"]), @"
    ;; Got answer:
    ;; ->>HEADER<<- opcode: QUERY, status: SERVFAIL
    ;; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 1
    ;; OPT PSEUDOSECTION:
    ; EDNS: version: 0, flags:; udp: 1232
    ; EDE: 0 (Other): (the estate cannot say: public DNS is not recorded for `nas.corp.internal`; `--upstream` asks)
    ");
    insta::assert_snapshot!(dig(legacy, &["nas.corp.internal", "+noall", "+comments"]), @"
    ;; Got answer:
    ;; ->>HEADER<<- opcode: QUERY, status: SERVFAIL
    ;; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 1
    ;; OPT PSEUDOSECTION:
    ; EDNS: version: 0, flags:; udp: 1232
    ; EDE: 0 (Other): (the estate cannot say: the network's clients ask 10.0.0.68, which is not modelled)
    ");
    // Names keep their case in the question, and match without regard to it.
    assert_eq!(dig(hub, &["+short", "FILES.corp.internal"]), "nas.corp.internal.\n10.0.0.7");
    assert_eq!(
        dig(hub, &["+tcp", "+short", "files.corp.internal"]),
        "nas.corp.internal.\n10.0.0.7"
    );
    assert_eq!(dig(hub, &["+noedns", "+short", "nas.corp.internal"]), "10.0.0.7");
    let refused = dig(hub, &["nas.corp.internal", "CH", "A", "+noall", "+comments"]);
    assert!(refused.contains("status: REFUSED"), "{refused}");
}

#[test]
fn clients_are_told_apart_by_their_address() {
    if !has("dig") {
        return;
    }
    let clients = ["--client", "127.0.0.2=lab", "--client", "127.0.0.0/8=hub"];
    let serving = serve(&estate("clients", ESTATE), &["legacy"], &clients);
    let from =
        |address: &str| dig(serving.addresses[0], &["-b", address, "+short", "box.lab.internal"]);
    assert_eq!((from("127.0.0.2").as_str(), from("127.0.0.3").as_str()), ("10.9.0.4", ""));
    let hub = dig(serving.addresses[0], &["-b", "127.0.0.3", "+short", "nas.corp.internal"]);
    assert_eq!(hub, "10.0.0.7");
}

#[test]
fn nslookup_gets_it_as_well() {
    if !has("nslookup") {
        return;
    }
    let serving = serve(&estate("nslookup", ESTATE), &["hub"], &[]);
    let port = serving.addresses[0].port();
    let output = Command::new("nslookup")
        .args([&format!("-port={port}"), "files.corp.internal", "127.0.0.1"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap().replace(&port.to_string(), "5353");
    insta::assert_snapshot!(text, @"
    Server:		127.0.0.1
    Address:	127.0.0.1#5353

    Non-authoritative answer:
    files.corp.internal	canonical name = nas.corp.internal.
    Name:	nas.corp.internal
    Address: 10.0.0.7
    ");
    // And what it prints is read again.
    let seen = privdns::transcript::read(&text);
    assert_eq!(seen.observations[0].records[0].data, "10.0.0.7");
    assert_eq!(seen.observations[0].aliases.len(), 1);
}

#[test]
fn an_answer_that_does_not_fit_is_cut_and_comes_over_tcp() {
    if !has("dig") {
        return;
    }
    let texts: String =
        (0..30).map(|at| format!("  big TXT \"{at} {}\"\n", "x".repeat(200))).collect();
    let text = format!("vnet hub dns azure\nzone corp.internal link hub\n{texts}");
    let serving = serve(&estate("cut", &text), &["hub"], &[]);
    let hub = serving.addresses[0];
    let cut = dig(hub, &["+ignore", "big.corp.internal", "TXT", "+noall", "+comments"]);
    assert!(cut.contains(" tc "), "{cut}");
    assert_eq!(dig(hub, &["+short", "big.corp.internal", "TXT"]).lines().count(), 30);
    // Without EDNS 512 octets are all there is; what comes are whole records.
    let old = dig(hub, &["+noedns", "+ignore", "big.corp.internal", "TXT"]);
    assert!(old.contains(" tc ") && old.contains("ANSWER: 2,"), "{old}");
    assert!(!old.contains("extra bytes") && !old.contains("malformed"), "{old}");
    assert_eq!(dig(hub, &["+noedns", "+short", "big.corp.internal", "TXT"]).lines().count(), 30);
}

#[test]
fn what_is_not_spoken_is_said_to_be() {
    if !has("dig") {
        return;
    }
    let serving = serve(&estate("spoken", ESTATE), &["hub"], &[]);
    let hub = serving.addresses[0];
    let any = dig(hub, &["nas.corp.internal", "ANY"]);
    assert!(any.contains("status: NOTIMP") && any.contains("RFC 8482"), "{any}");
    let version = dig(hub, &["+edns=1", "+noednsneg", "nas.corp.internal"]);
    assert!(version.contains("status: BADVERS"), "{version}");
}

#[test]
fn public_names_are_asked_of_the_upstream_and_their_aliases_come_back_here() {
    if !has("dig") {
        return;
    }
    // `www` is an alias into the private zone, `end` has an address, all else is no name.
    let upstream = fake(|_, query, _| {
        let label = &query[13..13 + usize::from(query[12])];
        match label {
            b"www" => {
                let mut reply = answer(query, 0);
                reply[7] = 1;
                reply.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60]);
                let mut target = Vec::new();
                for label in ["acct", "privatelink", "eastus", "batch", "azure", "com", ""] {
                    target.push(label.len() as u8);
                    target.extend(label.as_bytes());
                }
                reply.extend((target.len() as u16).to_be_bytes());
                reply.extend(target);
                Reply::Send(vec![reply])
            }
            b"end" => Reply::Send(vec![address(query, [203, 0, 113, 9], 60)]),
            _ => Reply::Send(vec![answer(query, 3)]),
        }
    });
    let upstream = upstream.to_string();
    let serving = serve(&estate("upstream", ESTATE), &["hub"], &["--upstream", &upstream]);
    let hub = serving.addresses[0];
    assert_eq!(dig(hub, &["+short", "end.example.com"]), "203.0.113.9");
    assert_eq!(
        dig(hub, &["+short", "www.example.com"]),
        "acct.privatelink.eastus.batch.azure.com.\n10.0.0.5"
    );
    assert!(dig(hub, &["gone.example.com"]).contains("status: NXDOMAIN"));
}

#[test]
fn a_change_is_served_and_a_broken_one_is_not() {
    if !has("dig") {
        return;
    }
    let file = estate("reload", ESTATE);
    let serving = serve(&file, &["hub"], &[]);
    let hub = serving.addresses[0];
    assert_eq!(dig(hub, &["+short", "nas.corp.internal"]), "10.0.0.7");
    fs::write(&file, ESTATE.replace("10.0.0.7", "10.0.0.77")).unwrap();
    serving.await_line("read again, since the inputs changed");
    assert_eq!(dig(hub, &["+short", "nas.corp.internal"]), "10.0.0.77");
    fs::write(&file, "vnet other dns azure\n").unwrap();
    let line = serving.await_line("what was read before is served");
    assert!(line.contains("no virtual network is named `hub`"), "{line}");
    assert_eq!(dig(hub, &["+short", "nas.corp.internal"]), "10.0.0.77");
}

/// A file that is half written takes nothing away.
#[test]
fn what_cannot_be_read_any_more_is_told_and_changes_nothing() {
    if !has("dig") {
        return;
    }
    let file = estate("half", "vnet hub dns azure\nzone lab.internal link hub\n  box A 10.9.0.4\n");
    let directory = file.parent().unwrap();
    let corp = directory.join("corp.internal.json");
    let sets = r#"[{"fqdn": "nas.corp.internal.", "name": "nas", "ttl": 10,
        "type": "Microsoft.Network/privateDnsZones/A", "aRecords": [{"ipv4Address": "10.0.0.7"}],
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/corp.internal/A/nas"}]"#;
    fs::write(&corp, sets).unwrap();
    fs::write(&file, fs::read_to_string(&file).unwrap() + "zone corp.internal link hub\n").unwrap();
    let serving = serve(directory, &["hub"], &[]);
    let nas = || dig(serving.addresses[0], &["+short", "nas.corp.internal"]);
    assert_eq!(nas(), "10.0.0.7");
    for broken in ["{broken\n", "", "[{\n"] {
        fs::write(&corp, broken).unwrap();
        let line = serving.await_line("what was read before is served");
        assert!(line.contains("corp.internal.json:1"), "{line}");
        assert_eq!(nas(), "10.0.0.7");
    }
    fs::write(&corp, sets.replace("10.0.0.7", "10.0.0.77")).unwrap();
    serving.await_line("read again, since the inputs changed");
    assert_eq!(nas(), "10.0.0.77");
}

#[test]
fn a_server_that_refuses_is_played_so() {
    if !has("dig") {
        return;
    }
    let file = estate(
        "refused",
        "vnet hub dns 10.0.0.53\nserver dc  vnet hub  address 10.0.0.53  recursion off\n  zone corp.internal\n  record nas.corp.internal A 10.0.0.7\n",
    );
    let serving = serve(&file, &["hub"], &[]);
    let comments = dig(serving.addresses[0], &["www.example.com", "+noall", "+comments"]);
    assert!(comments.contains("status: REFUSED"), "{comments}");
    // Why is kept where it is captured.
    let server = serving.addresses[0].to_string();
    let (_, captured, _) = run(&["capture", "--server", &server, "www.example.com"]);
    fits("capture", captured.trim());
    assert!(captured.contains("the server asked does not look it up"), "{captured}");
}

#[test]
fn settings_are_read_again_too() {
    if !has("dig") {
        return;
    }
    let file = estate("settings", ESTATE);
    let serving = serve(&file, &["hub"], &[]);
    let status = || dig(serving.addresses[0], &["b.corp.internal", "+noall", "+comments"]);
    assert!(status().contains("status: NOERROR"), "{}", status());
    let settings = file.with_file_name("privdns.toml");
    fs::write(settings, "[assume]\nent-answer = \"nxdomain\"\n").unwrap();
    serving.await_line("read again, since the inputs changed");
    assert!(status().contains("status: NXDOMAIN"), "{}", status());
}

#[test]
fn no_query_is_lost_while_the_estate_is_read_again() {
    let file = estate("lossless", ESTATE);
    let serving = serve(&file, &["hub"], &["--log"]);
    let server = serving.addresses[0].to_string();
    let names = directory("serve/names").join("names.txt");
    let lines: String = (0..400).map(|at| format!("n{at}.corp.internal\n")).collect();
    fs::write(&names, lines).unwrap();
    let asking = std::thread::spawn(move || {
        run(&[
            "capture",
            "--server",
            &server,
            "--names",
            names.to_str().unwrap(),
            "--attempts",
            "1",
        ])
    });
    fs::write(&file, ESTATE.replace("10.0.0.7", "10.0.0.77")).unwrap();
    serving.await_line("read again, since the inputs changed");
    let (status, out, err) = asking.join().unwrap();
    assert_eq!((status, err.as_str()), (0, ""));
    assert_eq!(out.lines().count(), 400);
    serving.await_line("hub n399.corp.internal A NXDOMAIN");
}

#[test]
fn a_plan_is_served_step_by_step() {
    if !has("dig") {
        return;
    }
    let file = estate("plan", ESTATE);
    let plan = file.with_file_name("steps.toml");
    fs::write(
        &plan,
        "[[steps]]\ntitle = \"move\"\nchanges = [\n  { action = \"put\", name = \"nas.corp.internal\", \
         type = \"A\", ttl = 10, data = [\"10.0.0.70\"] },\n]\n\
         [[steps]]\ntitle = \"again\"\nchanges = [\n  { action = \"put\", name = \"nas.corp.internal\", \
         type = \"A\", ttl = 10, data = [\"10.0.0.71\"] },\n]\n",
    )
    .unwrap();
    // A plan beside an export is no part of it.
    let plan = plan.to_str().unwrap();
    for (step, data) in [("0", "10.0.0.7"), ("1", "10.0.0.70"), ("2", "10.0.0.71")] {
        let serving = serve(&file, &["hub"], &["--with", plan, "--at-step", step]);
        assert_eq!(dig(serving.addresses[0], &["+short", "nas.corp.internal"]), data);
    }
    let serving = serve(&file, &["hub"], &["--with", plan]);
    assert_eq!(dig(serving.addresses[0], &["+short", "nas.corp.internal"]), "10.0.0.71");
    let all = ["serve", file.to_str().unwrap(), "--vnet", "hub", "--with", plan, "--at-step", "3"];
    let (status, _, err) = run(&all);
    assert_eq!(status, 2);
    assert!(err.contains("has 2 steps, and no step 3"), "{err}");
}

#[test]
fn the_documentation_shows_what_clients_print() {
    if !has("dig") {
        return;
    }
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let docs: Vec<String> = include_str!("../docs/live.md").lines().map(words).collect();
    let clients = ["--client", "127.0.0.2=spoke-legacy"];
    let serving = serve(Path::new("fixtures/batch-migration"), &["hub"], &clients);
    let hub = serving.addresses[0];
    for arguments in [
        &["prodbatch.westeurope.batch.azure.com"][..],
        &["prodbatchne.northeurope.batch.azure.com", "+noall", "+answer"],
        &["-b", "127.0.0.2", "nwlnetrack.blob.core.windows.net", "+noall", "+comments"],
    ] {
        for line in dig(hub, arguments).lines().map(words) {
            assert!(docs.iter().any(|shown| shown.starts_with(&line)), "{line}");
        }
    }
}

#[test]
fn it_ends_when_it_is_told_to() {
    let mut serving = serve(&estate("end", ESTATE), &["hub"], &[]);
    assert_eq!(serving.end(), Some(0));
}

#[test]
fn only_this_machine_may_ask_unless_it_is_allowed() {
    let file = estate("remote", ESTATE);
    let file = file.to_str().unwrap();
    for (arguments, message) in [
        (&["--vnet", "hub=0.0.0.0:0"][..], "can be asked by other machines"),
        (&["--vnet", "hub", "--listen", "[::]:0"], "can be asked by other machines"),
        (&["--vnet", "hub", "--vnet", "lab"], "two networks cannot listen at 127.0.0.1:5353"),
        (&["--vnet", "nowhere=127.0.0.1:0"], "no virtual network is named `nowhere`"),
        (&["--vnet", "hub=here"], "expected an address"),
        (
            &["--vnet", "hub=127.0.0.1:17720", "--upstream", "127.0.0.1:17720"],
            "--upstream 127.0.0.1:17720 is this server itself, which listens at 127.0.0.1:17720",
        ),
        (&["--vnet", "hub=127.0.0.1:0", "--client", "here=lab"], "expected PREFIX=VNET"),
        (&["--vnet", "hub=127.0.0.1:0", "--client", "10.0.0.0/8=x"], "is named `x`"),
        (
            &["--vnet", "hub", "--client", "10.0.0.1/8=hub", "--client", "10.0.0.0/8=lab"],
            "clients of 10.0.0.0/8 cannot be in two networks, `hub` and `lab`",
        ),
        // Without a port it is that of the default.
        (
            &["--vnet", "hub", "--vnet", "lab", "--listen", "127.0.0.1"],
            "two networks cannot listen at 127.0.0.1:5353",
        ),
    ] {
        let mut all = vec!["serve", file];
        all.extend(arguments);
        let (status, _, err) = run(&all);
        assert_eq!(status, 2);
        assert!(err.contains(message), "{err}");
    }
    let (status, _, err) = run(&["serve", "-", "--vnet", "hub"]);
    assert_eq!(status, 2);
    assert!(err.contains("which can be read again"), "{err}");
}
