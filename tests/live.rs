//! Asking servers on loopback: a real one, and ones that misbehave.
#![cfg(feature = "live")]

mod common;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use common::program::{directory, fits, run, run_with};
use common::server::{Reply, address, answer, cut, fake, has, nsd};
use serde_json::Value;

/// The lines that `capture` prints of one server, and its exit status and messages.
fn capture(server: SocketAddr, arguments: &[&str]) -> (i32, Vec<Value>, String) {
    let server = server.to_string();
    let mut all = vec!["capture", "--server", &server, "--timeout", "0.3"];
    all.extend(arguments);
    let start = Instant::now();
    let (status, out, err) = run(&all);
    assert!(start.elapsed() < Duration::from_secs(30), "this hung");
    out.lines().take(2).for_each(|line| fits("capture", line));
    (status, out.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), err)
}

#[test]
fn an_answer_is_one_line() {
    let server = fake(|_, query, _| Reply::Send(vec![address(query, [10, 0, 0, 4], 60)]));
    let (status, lines, err) = capture(server, &["a.example.com"]);
    assert_eq!((status, err.as_str()), (0, ""));
    let line = &lines[0];
    assert_eq!(line["capture"], "1.0");
    assert_eq!(line["server"], server.to_string());
    assert_eq!(line["name"], "a.example.com.");
    assert_eq!(line["rcode"], "NOERROR");
    assert_eq!(line["answers"][0]["data"], "10.0.0.4");
    assert_eq!(line["answers"][0]["ttl"], 60);
    assert_eq!(line["tcp"], false);
    assert!(line["time"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_silent_server_is_told_and_holds_nothing_up() {
    let server = fake(|_, _, _| Reply::Silence);
    let (status, lines, err) = capture(server, &["a.example.com", "b.example.com"]);
    assert_eq!((status, lines.len()), (2, 2));
    assert_eq!(lines[0]["rcode"], Value::Null);
    let why = lines[0]["error"].as_str().unwrap();
    assert_eq!(why, format!("nothing came from {server} within 0.3 s, 2 times"));
    assert!(err.contains("2 of 2 questions were not answered"), "{err}");
}

#[test]
fn what_answers_another_question_is_left_alone() {
    // First another id, then another name, then the answer.
    let server = fake(|_, query, _| {
        let mut other = address(query, [10, 9, 9, 9], 60);
        other[0] ^= 0xff;
        let mut elsewhere = address(query, [10, 9, 9, 9], 60);
        elsewhere[13] ^= 1;
        Reply::Send(vec![other, elsewhere, address(query, [10, 0, 0, 4], 60)])
    });
    let (status, lines, _) = capture(server, &["a.example.com"]);
    assert_eq!(status, 0);
    assert_eq!(lines[0]["answers"][0]["data"], "10.0.0.4");

    let server = fake(|_, query, _| {
        let mut other = address(query, [10, 9, 9, 9], 60);
        other[0] ^= 0xff;
        Reply::Send(vec![other, b"rubbish".to_vec()])
    });
    let (status, lines, _) = capture(server, &["a.example.com"]);
    assert_eq!(status, 2);
    assert!(
        lines[0]["error"].as_str().unwrap().contains("no answer to this question"),
        "{lines:?}"
    );
}

#[test]
fn a_cut_answer_is_asked_for_over_tcp() {
    let server = fake(|_, query, tcp| match tcp {
        false => Reply::Send(vec![cut(answer(query, 0))]),
        true => Reply::Send(vec![address(query, [10, 0, 0, 4], 60)]),
    });
    let (status, lines, _) = capture(server, &["a.example.com"]);
    assert_eq!(status, 0);
    assert_eq!(lines[0]["tcp"], true);
    assert_eq!(lines[0]["answers"][0]["data"], "10.0.0.4");

    let server = fake(|_, query, tcp| match tcp {
        false => Reply::Send(vec![cut(answer(query, 0))]),
        true => Reply::Silence,
    });
    let (status, lines, _) = capture(server, &["a.example.com"]);
    assert_eq!(status, 2);
    assert!(lines[0]["error"].as_str().unwrap().starts_with("the answer was cut, and over TCP"));
}

#[test]
fn what_goes_wrong_over_tcp_is_told_and_not_waited_for() {
    let half = |query: &[u8]| {
        let mut octets = address(query, [10, 0, 0, 4], 60);
        octets.truncate(octets.len() / 2);
        octets
    };
    type Misbehave = fn(&[u8]) -> Reply;
    let replies: [(Misbehave, &str); 3] = [
        (|_| Reply::Close, "failed"),
        (|_| Reply::Send(vec![b"rubbish".to_vec()]), ""),
        (
            |query| {
                let mut other = address(query, [10, 9, 9, 9], 60);
                other[0] ^= 0xff;
                Reply::Send(vec![other])
            },
            "answered another question",
        ),
    ];
    for (reply, why) in replies {
        let server = fake(move |_, query, tcp| match tcp {
            false => Reply::Send(vec![cut(answer(query, 0))]),
            true => reply(query),
        });
        let (status, lines, _) = capture(server, &["a.example.com"]);
        assert_eq!(status, 2);
        let error = lines[0]["error"].as_str().unwrap();
        assert!(error.starts_with("the answer was cut, and over TCP"), "{error}");
        assert!(error.contains(why), "{error}");
    }
    // Half a message over UDP is no answer, either.
    let server = fake(move |_, query, _| Reply::Send(vec![half(query)]));
    let (status, lines, _) = capture(server, &["a.example.com"]);
    assert_eq!((status, &lines[0]["rcode"]), (2, &Value::Null));
}

#[test]
fn a_dead_server_is_given_up_and_the_others_answer_all() {
    let dead = fake(|_, _, _| Reply::Silence).to_string();
    let alive = fake(|_, query, _| Reply::Send(vec![address(query, [10, 0, 0, 4], 60)]));
    let names: Vec<String> = (0..200).map(|at| format!("n{at}.example.com")).collect();
    let mut arguments = vec!["--server", &dead, "--attempts", "1", "--rate", "900"];
    arguments.extend(names.iter().map(String::as_str));
    let (status, lines, err) = capture(alive, &arguments);
    assert_eq!((status, lines.len()), (2, 400));
    assert!(err.contains("200 of 400 questions were not answered"), "{err}");
    let of_dead = lines.iter().filter(|line| line["server"] == dead.as_str());
    let given_up = of_dead.filter(|line| {
        line["error"].as_str().is_some_and(|why| why.contains("left 64 in a row unanswered"))
    });
    assert!(given_up.count() > 0);
}

#[test]
fn what_the_deadline_cuts_off_is_told_and_asked_next_time() {
    let file = directory("live/deadline").join("seen.jsonl");
    let path = file.to_str().unwrap();
    let server = fake(|_, query, _| {
        std::thread::sleep(Duration::from_millis(20));
        Reply::Send(vec![address(query, [10, 0, 0, 4], 60)])
    });
    let names: Vec<String> = (0..200).map(|at| format!("n{at}.example.com")).collect();
    let mut arguments: Vec<&str> = names.iter().map(String::as_str).collect();
    arguments.extend(["-o", path, "--timeout", "10"]);
    let mut hasty = arguments.clone();
    hasty.extend(["--deadline", "0.4", "--rate", "100"]);
    let server = server.to_string();
    let capture =
        |arguments: &[&str]| run(&[&["capture", "--server", &server], arguments].concat());
    let (status, _, err) = capture(&hasty);
    assert_eq!(status, 2);
    assert!(err.contains("questions were not answered"), "{err}");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 200);
    assert!(text.contains("not asked: 0.4 s were over"), "{text}");
    // What is old is told as that.
    let (status, _, err) = capture(&arguments);
    assert_eq!(status, 0);
    assert!(err.contains("asked at 2") && err.contains("and not asked again"), "{err}");
}

#[cfg(unix)]
#[test]
fn what_is_interrupted_leaves_whole_lines_and_goes_on() {
    let file = directory("live/interrupt").join("seen.jsonl");
    let path = file.to_str().unwrap();
    let server = fake(|_, query, _| Reply::Send(vec![address(query, [10, 0, 0, 4], 60)]));
    let server = server.to_string();
    let names: Vec<String> = (0..300).map(|at| format!("n{at}.example.com")).collect();
    let mut arguments = vec!["capture", "--server", &server, "-o", path, "--rate", "20"];
    arguments.extend(names.iter().map(String::as_str));
    let mut child = common::program::privdns(&arguments).spawn().unwrap();
    let start = Instant::now();
    let lines = || fs::read_to_string(&file).map_or(0, |text| text.lines().count());
    while lines() < 5 && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    child.wait().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let whole = text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count();
    assert!((5..300).contains(&whole), "{whole}");
    assert_eq!(whole, text.lines().count());
    let arguments: Vec<&str> =
        arguments.iter().map(|a| if *a == "20" { "999" } else { a }).collect();
    let (status, _, err) = run(&arguments);
    assert!(status == 0 && err.contains("and not asked again"), "{err}");
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 300);
}

#[test]
fn response_codes_are_answers() {
    for (code, name) in [(2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP"), (5, "REFUSED")] {
        let server = fake(move |_, query, _| Reply::Send(vec![answer(query, code)]));
        let (status, lines, _) = capture(server, &["a.example.com"]);
        assert_eq!((status, &lines[0]["rcode"]), (0, &Value::from(name)));
    }
}

#[test]
fn a_server_from_before_edns_is_asked_without() {
    let server = fake(|_, query, _| match query[11] {
        1 => Reply::Send(vec![answer(query, 1)]),
        _ => Reply::Send(vec![address(query, [10, 0, 0, 4], 60)]),
    });
    let (status, lines, _) = capture(server, &["a.example.com", "--attempts", "1"]);
    assert_eq!((status, &lines[0]["answers"][0]["data"]), (0, &Value::from("10.0.0.4")));
}

#[test]
fn a_slow_answer_is_waited_for_and_others_go_on_meanwhile() {
    let server = fake(|count, query, _| {
        if count == 0 {
            std::thread::sleep(Duration::from_millis(150));
        }
        Reply::Send(vec![address(query, [10, 0, 0, 4], 60)])
    });
    let (status, lines, _) = capture(server, &["a.example.com", "b.example.com", "c.example.com"]);
    assert_eq!((status, lines.len()), (0, 3));
}

#[test]
fn a_server_that_dies_costs_what_it_did_not_answer_and_the_rest_can_be_asked_later() {
    let file = directory("live/resume").join("seen.jsonl");
    let path = file.to_str().unwrap();
    // Three answers, then nobody is there.
    let dying = fake(|count, query, _| match count {
        0..3 => Reply::Send(vec![address(query, [10, 0, 0, 4], 60)]),
        _ => Reply::Die,
    });
    let names: Vec<String> = (0..10).map(|at| format!("n{at}.example.com")).collect();
    let mut arguments: Vec<&str> = names.iter().map(String::as_str).collect();
    arguments.extend(["-o", path]);
    let (status, printed, _) = capture(dying, &arguments);
    assert_eq!((status, printed.len()), (2, 0));
    let rcodes = |text: &str| -> Vec<bool> {
        let line = |line| serde_json::from_str::<Value>(line).unwrap()["rcode"].is_string();
        text.lines().map(line).collect()
    };
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 10);
    assert_eq!(rcodes(&text).iter().filter(|answered| **answered).count(), 3);

    // As if the run had been killed while it wrote, and a server that lives took over: the
    // capture is made to speak of that one.
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = asked.clone();
    let living = fake(move |_, query, _| {
        counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Reply::Send(vec![address(query, [10, 0, 0, 5], 60)])
    });
    let moved = text.replace(&dying.to_string(), &living.to_string());
    fs::write(&file, format!("{moved}{{\"capture\":\"1.0\",\"ser")).unwrap();
    let (status, _, err) = capture(living, &arguments);
    assert!(status == 0 && err.contains("and not asked again"), "{err}");
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 7);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 17);
    assert_eq!(rcodes(&text).iter().filter(|answered| **answered).count(), 10);
}

#[test]
fn questions_are_paced() {
    let server = fake(|_, query, _| Reply::Send(vec![answer(query, 3)]));
    let names: Vec<String> = (0..6).map(|at| format!("n{at}.example.com")).collect();
    let mut arguments: Vec<&str> = names.iter().map(String::as_str).collect();
    arguments.extend(["--rate", "20"]);
    let start = Instant::now();
    let (status, lines, _) = capture(server, &arguments);
    assert_eq!((status, lines.len()), (0, 6));
    // Five pauses of a twentieth of a second; a lower bound needs no fast machine.
    assert!(start.elapsed() >= Duration::from_millis(250));
}

#[test]
fn mistakes_on_the_command_line_are_told() {
    for (arguments, message) in [
        (&["capture"][..], "required arguments"),
        (&["capture", "--server", "dns.example", "a"], "expected an address such as 10.0.0.4"),
        (&["capture", "--server", "10.0.0.4", "--timeout", "0", "a"], "expected seconds"),
        (&["capture", "--server", "10.0.0.4", "--rate", "1000", "a"], "not in 1..1000"),
        (&["capture", "--server", "10.0.0.4", "a..b"], "has an empty label"),
        (&["capture", "--server", "10.0.0.4", "https://a.example.com/x"], "leave out scheme"),
        (&["capture", "--server", "10.0.0.4", "a.example.com:443"], "leave out scheme"),
        (&["capture", "--server", "10.0.0.4", "10.0.0.7"], "found the address 10.0.0.7"),
        (&["capture", "--server", "10.0.0.4", "--type", "B", "a"], "`B` is no record type"),
    ] {
        let (status, _, err) = run(arguments);
        assert_eq!(status, 2);
        assert!(err.contains(message), "{err}");
    }
}

const ESTATE: &str = "\
vnet hub dns azure
zone corp.internal link hub
  @     SOA    azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 10
  nas   A      10.0.0.7
  files CNAME  nas.corp.internal
  old   A      10.0.0.8
  *.web A      10.0.0.9
zone lab.internal link hub
  @     SOA    azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 10
  box   A      10.9.0.4
  note  TXT    \"one two\"
";

/// Our own export of the estate, after `change`, served by NSD.
fn served(test: &str, change: impl Fn(&str) -> String) -> (common::server::Running, String) {
    let directory = directory(&format!("live/{test}"));
    let zones = directory.join("zones");
    let path = zones.to_str().unwrap();
    let (status, _, err) =
        run_with(&["convert", "-", "--to", "zonefile", "-o", path], &change(ESTATE));
    assert_eq!(status, 0, "{err}");
    let mut files: Vec<_> =
        fs::read_dir(&zones).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let of = |apex: &str| -> &Path {
        files.iter().find(|file| file.to_str().unwrap().contains(apex)).unwrap()
    };
    let running = nsd(
        &directory,
        &[("corp.internal", of("corp.internal")), ("lab.internal", of("lab.internal"))],
    );
    let server = running.address.to_string();
    (running, server)
}

#[test]
fn a_real_server_with_our_export_agrees() {
    if !has("nsd") {
        return;
    }
    let (_running, server) = served("agree", str::to_owned);
    let (status, out, err) =
        run_with(&["compare", "-", "--vnet", "hub", "--server", &server], ESTATE);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("from hub: 6 answers, 6 the same"), "{out}");
}

#[test]
fn a_planted_stale_record_is_found() {
    if !has("nsd") {
        return;
    }
    let (_running, server) = served("stale", |text| {
        text.replace("10.0.0.8", "10.0.0.88").replace("  box   A      10.9.0.4\n", "")
    });
    let (status, out, _) =
        run_with(&["compare", "-", "--vnet", "hub", "--server", &server], ESTATE);
    assert_eq!(status, 1);
    let out = out.replace(&server, "127.0.0.1:53535");
    insta::assert_snapshot!(out, @r#"
    endpoint               expected   seen       private?                first hop that differs  server
    files.corp.internal    10.0.0.7   10.0.0.7   yes                     -                       127.0.0.1:53535
    nas.corp.internal      10.0.0.7   10.0.0.7   yes                     -                       127.0.0.1:53535
    old.corp.internal      10.0.0.8   10.0.0.88  yes                     1 old.corp.internal     127.0.0.1:53535
    *.web.corp.internal    10.0.0.9   10.0.0.9   yes                     -                       127.0.0.1:53535
    box.lab.internal       10.9.0.4   NXDOMAIN   nowhere (expected yes)  1 box.lab.internal      127.0.0.1:53535
    note.lab.internal TXT  "one two"  "one two"  yes                     -                       127.0.0.1:53535

    differs: old.corp.internal A asked of 127.0.0.1:53535
      hop  name               expected                      seen
      1    old.corp.internal  10.0.0.8, zone corp.internal  10.0.0.88
      likely   zone `corp.internal` answers 10.0.0.88, and its export has 10.0.0.8 (<stdin>:6)
      look at  az network private-dns record-set list -g RESOURCE_GROUP -z corp.internal --query "[?name=='old']"
      likely   127.0.0.1:53535 is a cache on the machine itself; whom it asks is not shown
      look at  `resolvectl status`, or ask hub's server itself

    differs: box.lab.internal A asked of 127.0.0.1:53535
      hop  name              expected                     seen
      1    box.lab.internal  10.9.0.4, zone lab.internal  NXDOMAIN
      likely   zone `lab.internal` has no `box.lab.internal` any more, which its export has
      look at  az network private-dns record-set list -g RESOURCE_GROUP -z lab.internal --query "[?name=='box']"

    from hub: 6 answers, 4 the same, 2 different
    "#);
}

const PLAN: &str = "[[steps]]\ntitle = \"move\"\nchanges = [\n  { action = \"put\", name = \
    \"nas.corp.internal\", type = \"A\", ttl = 10, data = [\"10.0.0.70\"] },\n]\n";

#[test]
fn what_a_plan_changes_is_asked_before_and_after() {
    let plan = directory("live/plan").join("move.toml");
    fs::write(&plan, PLAN).unwrap();
    let plan = plan.to_str().unwrap();
    let changed = ["compare", "-", "--vnet", "hub", "--changed-by", plan];
    let (status, out, err) = run_with(&[&changed[..], &["--list"]].concat(), ESTATE);
    assert_eq!((status, err.as_str()), (0, ""));
    // The alias that leads there changes with it.
    insta::assert_snapshot!(out, @"
    files.corp.internal. A
    nas.corp.internal. A
    ");
    let server = fake(|_, query, _| Reply::Send(vec![address(query, [10, 0, 0, 70], 60)]));
    let server = server.to_string();
    let ask = [&changed[..], &["--server", &server]].concat();
    let (status, out, _) = run_with(&ask, ESTATE);
    assert_eq!(status, 1, "{out}");
    let (status, out, _) = run_with(&[&ask[..], &["--with", plan]].concat(), ESTATE);
    assert_eq!(status, 0, "{out}");
    let none = [&changed[..], &["--list", "--at-step", "0"]].concat();
    let (status, _, err) = run_with(&none, ESTATE);
    assert_eq!(status, 2);
    assert!(err.contains("the plan changes no answer in this network"), "{err}");
}

#[test]
fn several_servers_that_disagree_are_told_apart() {
    let one = fake(|_, query, _| Reply::Send(vec![address(query, [10, 0, 0, 7], 60)]));
    let other = fake(|_, query, _| Reply::Send(vec![address(query, [10, 0, 0, 8], 60)]));
    let (one, other) = (one.to_string(), other.to_string());
    let estate = "vnet hub dns azure\nzone corp.internal link hub\n  nas A 10.0.0.7\n";
    let (status, out, _) =
        run_with(&["compare", "-", "--vnet", "hub", "--server", &one, "--server", &other], estate);
    assert_eq!(status, 1);
    assert!(out.contains(&format!("{one} gives another answer")), "{out}");
}

#[test]
fn what_would_be_asked_can_be_listed_and_captured_elsewhere() {
    let (status, out, _) = run_with(&["compare", "-", "--vnet", "hub", "--list"], ESTATE);
    assert_eq!(status, 0);
    insta::assert_snapshot!(out, @"
    files.corp.internal. A
    nas.corp.internal. A
    old.corp.internal. A
    *.web.corp.internal. A
    box.lab.internal. A
    note.lab.internal. TXT
    ");
    let file = directory("live/list").join("names.txt");
    fs::write(&file, out).unwrap();
    let server = fake(|_, query, _| Reply::Send(vec![answer(query, 3)]));
    let (status, lines, _) = capture(server, &["--names", file.to_str().unwrap()]);
    assert_eq!((status, lines.len()), (0, 6));
}

#[test]
fn why_there_is_no_answer_is_told_apart() {
    let estate = directory("live/silences").join("a.estate");
    fs::write(&estate, "vnet hub dns azure\nzone corp.internal link hub\n  nas A 10.0.0.7\n")
        .unwrap();
    let estate = estate.to_str().unwrap();
    type Misbehave = fn(&[u8], bool) -> Reply;
    let replies: [(Misbehave, &str); 3] = [
        (|_, _| Reply::Silence, "does not run, or cannot be reached"),
        (
            |query, tcp| match tcp {
                false => Reply::Send(vec![cut(answer(query, 0))]),
                true => Reply::Silence,
            },
            "runs and answers over UDP, but TCP to it is blocked",
        ),
        (
            |query, _| {
                let mut other = address(query, [10, 9, 9, 9], 60);
                other[0] ^= 0xff;
                Reply::Send(vec![other])
            },
            "what it sends answers other questions",
        ),
    ];
    for (reply, told) in replies {
        let server = fake(move |_, query, tcp| reply(query, tcp));
        let (status, out, err) = run(&[
            "compare",
            estate,
            "--vnet",
            "hub",
            "--server",
            &server.to_string(),
            "--timeout",
            "0.3",
        ]);
        assert_eq!(status, 2, "{err}");
        assert!(out.contains(told), "{out}");
        assert!(!out.contains("port 53 "), "{out}");
    }
}
