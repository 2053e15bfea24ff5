//! What tools print, pasted as people paste it: every file of `tests/transcripts`.

use std::fs;
use std::path::Path;

use privdns::transcript::{Observation, Shown, Transcript, read};

/// One lookup in a line.
fn show(seen: &Observation) -> String {
    let record_type = seen.record_type.map_or("*".to_owned(), |t| t.to_string());
    let mut text = format!("{}: {} {record_type}", seen.line, seen.name.text());
    for alias in &seen.aliases {
        let ttl = alias.ttl.map_or(String::new(), |ttl| format!(" ({ttl})"));
        text.push_str(&format!(" → {}{ttl}", alias.target.text()));
    }
    match seen.shown {
        Shown::Whole => {}
        Shown::Start => text.push_str(" → ?"),
        Shown::Nothing => text.push_str(" ?"),
    }
    text.push_str(&format!(" = {}", seen.status.name()));
    for record in &seen.records {
        let ttl = record.ttl.map_or(String::new(), |ttl| format!(" ({ttl})"));
        text.push_str(&format!(" {}{ttl}", record.data));
    }
    if let Some(authority) = &seen.authority {
        let private = if authority.is_azure_private() { ", private" } else { "" };
        text.push_str(&format!(" by {}{private}", authority.apex.text()));
    }
    let server = seen.server.as_ref().map_or("-".to_owned(), |server| server.to_string());
    format!("{text} @ {server}")
}

fn lines(Transcript { observations, skipped, unread }: Transcript) -> String {
    let mut lines: Vec<String> = observations.iter().map(show).collect();
    lines.extend(unread.iter().map(|unread| format!("{}: not read: {}", unread.line, unread.why)));
    if !skipped.is_empty() {
        lines.push(format!("skipped {skipped:?}"));
    }
    lines.join("\n")
}

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(name);
    lines(read(&fs::read_to_string(path).unwrap()))
}

/// Reads text that stands in a test.
fn pasted(text: &str) -> String {
    lines(read(text))
}

#[test]
fn every_sample_is_read() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let all: Vec<String> =
        files.iter().map(|file| format!("== {file}\n{}", sample(file))).collect();
    insta::assert_snapshot!(all.join("\n"), @"
    == az-vm-run-command-nslookup.json
    1: mcr.microsoft.com * → global.fe.mscr.io → mcr-microsoft-com.a-0016.a-msedge.net → a-0016.a-msedge.net = NOERROR 204.79.197.219 @ 168.63.129.16
    == dig-answer-section-public-chain.txt
    1: myregistry.azurecr.io A → myregistry.privatelink.azurecr.io (2881) → xxxx.xx.azcr.io (2881) → xxxx-xxx-reg.trafficmanager.net (300) → xxxx.westeurope.cloudapp.azure.com (300) = NOERROR 20.45.122.144 (10) @ -
    == dig-full-private.txt
    1: myregistry.azurecr.io A → myregistry.privatelink.azurecr.io (1783) = NOERROR 10.0.0.7 (10) @ -
    == dig-nxdomain-with-soa.txt
    1: 16.129.63.168.in-addr.arpa PTR = NXDOMAIN by 63.168.in-addr.arpa @ 172.24.0.1
    == dig-short-before-and-after-fallback.txt
    1: myeaststorageacct1.privatelink.blob.core.windows.net A = NOERROR 10.40.40.5 @ -
    4: myeaststorageacct2.privatelink.blob.core.windows.net A = no address @ -
    6: myeaststorageacct1.privatelink.blob.core.windows.net A = NOERROR 10.40.40.5 @ -
    9: myeaststorageacct2.privatelink.blob.core.windows.net A → blob.bl5prdstr19c.store.core.windows.net = NOERROR 203.0.113.161 @ -
    == host-private.txt
    1: fabrikam.vault.azure.net * → fabrikam.privatelink.vaultcore.azure.net = NOERROR 10.1.2.3 @ -
    == nslookup-linux-interactive-cname-then-nxdomain.txt
    1: polydgeusegc-workercluster-database.documents.azure.com * → polydgeusegc-workercluster-database.privatelink.documents.azure.com = NXDOMAIN @ 10.0.0.10
    == nslookup-linux-run-command.txt
    2: labprivatelinkgi7jjcx.blob.core.windows.net * → labprivatelinkgi7jjcx.privatelink.blob.core.windows.net = NOERROR 10.0.0.4 @ 127.0.0.53
    skipped [1]
    == nslookup-pod-report-wrapped-canonical-name.txt
    2: kv-mpi-sea-p-mycurex01.vault.azure.net * = NOERROR 172.22.26.6 @ 10.0.0.10
    9: kv-mpi-sea-p-mycurex01.vault.azure.net * → kv-mpi-sea-p-mycurex01.privatelink.vaultcore.azure.net = NXDOMAIN @ 168.63.129.16
    18: kv-mpi-sea-p-mycurex01.privatelink.vaultcore.azure.net * = NXDOMAIN @ -
    skipped [1, 8, 17]
    == nslookup-windows-french.txt
    1: google.com * = NOERROR 2a00:1450:4007:819::200e 142.250.178.142 @ 8.8.8.8
    == nslookup-windows-german.txt
    1: google.com * = NOERROR 2a00:1450:400a:1001::64 2a00:1450:400a:1001::8a 2a00:1450:400a:1001::71 2a00:1450:400a:1001::66 172.217.208.101 172.217.208.100 172.217.208.139 @ 127.0.0.1
    == nslookup-windows-no-response.txt
    1: kv-krcg-tst.vault.azure.net * = no reply @ 2a02:1800:100::42:1
    == nslookup-windows-private-alias.txt
    1: storageaccounta.blob.core.windows.net * → storageprivate.privatelink.blob.core.windows.net = NOERROR 10.0.0.4 @ 168.63.129.16
    == nslookup-windows-private-no-name-line.txt
    1: fabrikam.vault.azure.net * → fabrikam.privatelink.vaultcore.azure.net → ? = NOERROR 10.1.2.3 @ -
    == nslookup-windows-ptr-and-autoregistered.txt
    1: 5.0.6.10.in-addr.arpa PTR = NOERROR sqlvm1919link4.internal.cloudapp.net. @ 168.63.129.16
    8: sqlvm1919link4.ifwggme2fgduna4m3zfpeum2oh.cx.internal.cloudapp.net * = NOERROR 10.6.0.5 @ 168.63.129.16
    16: sqlvm1919link4.contoso.com * = NOERROR 10.6.0.5 @ 168.63.129.16
    == nslookup-windows-public-chain-no-name-line.txt
    1: fabrikam.vault.azure.net * → fabrikam.privatelink.vaultcore.azure.net → data-prod-eus.vaultcore.azure.net → data-prod-eus-region.vaultcore.azure.net → ? = NOERROR 52.168.109.101 @ -
    == nslookup-windows-public-tab-alias.txt
    1: myattestationprovider.eus.attest.azure.net * → attesteusatm.trafficmanager.net → eus.service.attest.azure.net = NOERROR 20.62.219.160 @ 2001:558:feed::1
    == resolve-dnsname-table-and-list-wrapped.txt
    1: www.microsoft.com * → www.microsoft.com-c-3.edgekey.net (20) → www.microsoft.com-c-3.edgekey.net.globalredir.akadns.net (20) → e13678.dscb.akamaiedge.net (20) = NOERROR 2600:1408:c400:484::356e (20) 2600:1408:c400:496::356e (20) 23.200.197.152 (12) @ -
    == resolve-dnsname-wrapped-with-authority.txt
    1: storageaccount.file.core.windows.net * → csostoracct.privatelink.file.core.windows.net (29) = NOERROR 192.168.0.4 (1769) by privatelink.file.core.windows.net, private @ -
    ");
}

/// The table of samples in the documents: what each came to.
#[test]
fn the_documents_show_every_sample() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut rows: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|file| {
            let (seen, more) = {
                let text = sample(&file);
                let (skipped, seen): (Vec<&str>, Vec<&str>) =
                    text.lines().partition(|line| line.starts_with("skipped"));
                (seen.iter().map(|line| format!("`{line}`")).collect::<Vec<_>>(), skipped.len())
            };
            let told = if more > 0 { "yes" } else { "" };
            format!("| `{file}` | {} | {told} |", seen.join("<br>"))
        })
        .collect();
    rows.sort();
    let table = format!(
        "| sample | lookups read | prose around |\n| --- | --- | --- |\n{}\n",
        rows.join("\n")
    );
    let docs = include_str!("../docs/transcripts.md");
    assert!(docs.contains(&table), "docs/transcripts.md lacks\n{table}");
}

#[test]
fn windows_speaks_other_languages_and_fails_in_english() {
    insta::assert_snapshot!(pasted("\
        C:\\>nslookup acct.example.com\r\n\
        Servidor:  UnKnown\r\n\
        Address:  168.63.129.16\r\n\
        \r\n\
        *** UnKnown não encontrou acct.example.com: Non-existent domain\r\n\
        C:\\>nslookup b.example.com.\r\n\
        Serveur :   UnKnown\r\n\
        Address:  10.0.0.4\r\n\
        \r\n\
        DNS request timed out.\r\n    timeout was 2 seconds.\r\n\
        *** UnKnown ne parvient pas à trouver b.example.com. : Server failed\r\n\
        C:\\>nslookup c.example.com.\r\n\
        Serveur :   UnKnown\r\n\
        Address:  10.0.0.4\r\n\
        \r\n\
        Nom :    c.privatelink.example.com\r\n\
        Aliases:  c.example.com\r\n"), @"
    1: acct.example.com * ? = NXDOMAIN @ 168.63.129.16
    6: b.example.com * = SERVFAIL @ 10.0.0.4
    13: c.example.com * → c.privatelink.example.com = no address @ 10.0.0.4
    ");
}

#[test]
fn linux_nslookup_names_the_hop_that_failed() {
    insta::assert_snapshot!(pasted("\
        Server:\t\t127.0.0.53\nAddress:\t127.0.0.53#53\n\n\
        Non-authoritative answer:\n\
        a.example.com\tcanonical name = b.example.com.\n\
        Name:\tb.example.com\nAddress: 10.0.0.4\n\
        Name:\tb.example.com\nAddress: fd00::4\n\n\
        ** server can't find c.example.com: SERVFAIL\n\n\
        *** Can't find d.example.com: No answer\n\n\
        $ nslookup e.example.com\n;; connection timed out; no servers could be reached\n\
        4.0.0.10.in-addr.arpa\tname = b.example.com.\n"), @"
    1: a.example.com * → b.example.com = NOERROR 10.0.0.4 fd00::4 @ 127.0.0.53
    11: c.example.com * = SERVFAIL @ 127.0.0.53
    13: d.example.com * = NODATA @ 127.0.0.53
    15: e.example.com * = no reply @ -
    17: 4.0.0.10.in-addr.arpa PTR = NOERROR b.example.com. @ -
    ");
}

#[test]
fn a_pod_tries_its_search_domains_first() {
    insta::assert_snapshot!(pasted("\
        $ kubectl exec -it shell -- nslookup acct.example.com\n\
        Server:    10.0.0.10\nAddress 1: 10.0.0.10 kube-dns.kube-system.svc.cluster.local\n\n\
        ** server can't find acct.example.com.default.svc.cluster.local: NXDOMAIN\n\
        ** server can't find acct.example.com.svc.cluster.local: NXDOMAIN\n\
        Name:      acct.example.com\nAddress 1: 10.0.0.7\n"), @"
    1: acct.example.com.default.svc.cluster.local * = NXDOMAIN @ 10.0.0.10
    6: acct.example.com.svc.cluster.local * = NXDOMAIN @ 10.0.0.10
    7: acct.example.com * = NOERROR 10.0.0.7 @ 10.0.0.10
    ");
}

#[test]
fn dig_in_pieces() {
    insta::assert_snapshot!(pasted("\
        Hi all, from the jump host:\n\
        ```\n\
        $ dig +noall +answer a.example.com b.example.com\n\
        a.example.com. 300 IN CNAME a.privatelink.example.com.\n\
        a.privatelink.example.com. 10 IN A 10.0.0.4\n\
        b.example.com. IN A 10.0.0.5\n\
        ```\n\
        > ;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n\
        > ;; QUESTION SECTION:\n\
        > ;c.example.com. IN AAAA\n\
        >\n\
        > ;; ANSWER SECTION:\n\
        > c.example.com. 60 IN CNAME c.privatelink.example.com.\n\
        >\n\
        > ;; AUTHORITY SECTION:\n\
        > privatelink.example.com. 10 IN SOA azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10\n\
        >\n\
        > ;; SERVER: 168.63.129.16#53(168.63.129.16) (UDP)\n\
        $ dig @10.9.9.9 d.example.com\n\
        ;; communications error to 10.9.9.9#53: timed out\n\
        ;; no servers could be reached\n"), @"
    3: a.example.com A → a.privatelink.example.com (300) = NOERROR 10.0.0.4 (10) @ -
    3: b.example.com A = NOERROR 10.0.0.5 @ -
    8: c.example.com AAAA → c.privatelink.example.com (60) = NODATA by privatelink.example.com, private @ 168.63.129.16
    19: d.example.com A = no reply @ 10.9.9.9
    skipped [1]
    ");
}

#[test]
fn host_says_why_not_and_whom_it_asked() {
    insta::assert_snapshot!(pasted("\
        $ host a.example.com 10.0.0.4\n\
        Using domain server:\nName: 10.0.0.4\nAddress: 10.0.0.4#53\nAliases: \n\n\
        a.example.com is an alias for b.example.com.\n\
        Host b.example.com not found: 3(NXDOMAIN)\n\
        Host c.example.com not found: 2(SERVFAIL)\n\
        d.example.com has no AAAA record\n"), @"
    1: a.example.com * → b.example.com = NXDOMAIN @ 10.0.0.4
    9: c.example.com * = SERVFAIL @ -
    10: d.example.com AAAA = NODATA @ -
    ");
}

#[test]
fn resolve_dnsname_fails_and_lists_and_is_json() {
    insta::assert_snapshot!(pasted("\
        PS C:\\> Resolve-DnsName gone.example.com\n\
        Resolve-DnsName : gone.example.com : DNS name does not exist\n\
        At line:1 char:1\n\
        + Resolve-DnsName gone.example.com\n\
        + ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n    \
        + CategoryInfo          : ResourceUnavailable: (gone.example.com:String) [Resolve-DnsName], Win32Exception\n    \
        + FullyQualifiedErrorId : DNS_ERROR_RCODE_NAME_ERROR,Microsoft.DnsClient.Commands.ResolveDnsName\n\
        PS C:\\> Resolve-DnsName slow.example.com -Server 10.0.0.4\n\
        Resolve-DnsName : slow.example.com : This operation returned because the timeout period expired\n\
        PS C:\\> Resolve-DnsName a.example.com -Type A | ConvertTo-Json\n\
        [\n  {\"Name\": \"a.example.com\", \"Type\": 5, \"TTL\": 300, \"Section\": 1, \"NameHost\": \"b.example.com\"},\n  \
        {\"Name\": \"b.example.com\", \"QueryType\": 1, \"TTL\": 10, \"Section\": 1, \"IPAddress\": \"10.0.0.4\", \"IP4Address\": \"10.0.0.4\"}\n]\n"), @"
    1: gone.example.com * ? = NXDOMAIN @ -
    8: slow.example.com * = no reply @ 10.0.0.4
    10: a.example.com A → b.example.com (300) = NOERROR 10.0.0.4 (10) @ -
    ");
}

#[test]
fn windows_run_command_has_its_output_in_two_parts() {
    insta::assert_snapshot!(pasted(r#"{"value": [
        {"code": "ComponentStatus/StdOut/succeeded", "message": "Server:  UnKnown\nAddress:  168.63.129.16\n\nName:    b.example.com\nAddress:  10.0.0.4\nAliases:  a.example.com\n"},
        {"code": "ComponentStatus/StdErr/succeeded", "message": ""}]}"#), @"1: a.example.com * → b.example.com = NOERROR 10.0.0.4 @ 168.63.129.16");
}

#[test]
fn captures_are_lines_of_json() {
    insta::assert_snapshot!(pasted(concat!(
        r#"{"capture":"1.0","server":"10.0.0.4:5353","name":"a.example.com.","type":"A","rcode":"NXDOMAIN","answers":[{"name":"a.example.com.","type":"CNAME","ttl":5,"data":"b.example.com."}],"authority":[{"name":"example.com.","type":"SOA","ttl":60,"data":"azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 10"}]}"#,
        "\n",
        r#"{"capture":"1.0","server":"10.0.0.4:53","name":"c.example.com.","type":"A","rcode":null,"error":"nothing came within 3 s","answers":[]}"#,
        "\n{\"capture\":\"1.0\",\"server\":\"10."
    )), @"
    1: a.example.com A → b.example.com (5) = NXDOMAIN by example.com, private @ 10.0.0.4:5353
    2: c.example.com A = no reply @ 10.0.0.4
    skipped [3]
    ");
}

#[test]
fn what_other_commands_print_is_no_answer() {
    insta::assert_snapshot!(pasted("\
        $ dig +short dc1.corp.internal\n10.0.1.10\n\
        $ curl -s ifconfig.me\n20.1.2.3\n\
        $ for i in a b; do dig +short $i.corp.internal; done\n10.0.1.11\n10.0.1.12\n\
        $ dig +short dc2.corp.internal\n10.0.1.13\nsome words\n10.0.1.14\n\
        azureuser@vm1:~$ getent hosts dc1.corp.internal | cut -d' ' -f1\n10.0.1.15\n"), @"
    1: dc1.corp.internal A = NOERROR 10.0.1.10 @ -
    8: dc2.corp.internal A = NOERROR 10.0.1.13 @ -
    5: not read: a variable, whose value is not shown
    skipped [3, 4, 6, 7, 10, 11, 12, 13]
    ");
}

#[test]
fn bare_data_of_several_names_is_not_told_apart() {
    insta::assert_snapshot!(pasted("\
        $ dig +short git.corp.internal dc1.corp.internal\n10.0.1.10\n10.0.1.11\n\
        $ dig +short a.corp.internal; dig +short b.corp.internal\n10.0.1.12\n10.0.1.13\n\
        $ dig +short dc1.corp.internal A dc1.corp.internal AAAA\n10.0.1.14\nfd00::4\n"), @"
    1: not read: several names or types, whose data cannot be told apart
    4: not read: other commands in the same line, whose output cannot be told apart
    7: not read: several names or types, whose data cannot be told apart
    skipped [2, 3, 5, 6, 8, 9]
    ");
}

/// Whose answer a bare address is, a loop does not show: it is not guessed.
#[test]
fn names_in_a_loop_are_not_guessed() {
    insta::assert_snapshot!(pasted("\
        $ for i in a.corp.internal b.corp.internal; do dig +short $i; done\n10.0.1.10\n10.0.1.11\n\
        user@jump:~$ for i in a b\n> do\n> dig +short $i.corp.internal\n> done\n10.0.1.10\n10.0.1.11\n\
        user@jump:~$ cat names.txt | xargs -n1 dig +short\n10.0.1.10\n\
        user@jump:~$ dig +short -f names.txt\n10.0.1.10\n\
        user@jump:~$ dig +short a.corp.internal\n10.0.1.10\n"), @"
    14: a.corp.internal A = NOERROR 10.0.1.10 @ -
    1: not read: a variable, whose value is not shown
    6: not read: a variable, whose value is not shown
    10: not read: the name stands elsewhere, and bare data does not show it
    12: not read: the name stands elsewhere, and bare data does not show it
    skipped [2, 3, 4, 5, 7, 8, 9, 11, 13]
    ");
    // What prints the name is read from a loop as well.
    insta::assert_snapshot!(pasted("\
        $ while read n; do host $n; done < names.txt\na.corp.internal has address 10.0.1.10\n\
        PS C:\\> foreach ($n in 'b.corp.internal','c.corp.internal') { Resolve-DnsName $n -Type A }\n\n\
        Name                  Type   TTL   Section    IPAddress\n\
        ----                  ----   ---   -------    ---------\n\
        b.corp.internal       A      10    Answer     10.0.1.11\n\
        c.corp.internal       A      10    Answer     10.0.1.12\n\n\
        PS C:\\> 'd.corp.internal' | % { nslookup $_ 10.0.0.10 }\n\
        Server:  UnKnown\nAddress:  10.0.0.10\n\nName:    d.corp.internal\nAddress:  10.0.1.13\n"), @"
    1: a.corp.internal * = NOERROR 10.0.1.10 @ -
    5: b.corp.internal * = NOERROR 10.0.1.11 (10) @ -
    5: c.corp.internal * = NOERROR 10.0.1.12 (10) @ -
    11: d.corp.internal * = NOERROR 10.0.1.13 @ 10.0.0.10
    skipped [3, 10]
    ");
}

#[test]
fn the_name_of_an_error_stands_elsewhere_in_other_languages() {
    insta::assert_snapshot!(pasted("\
        *** git1.corp.nordwind.internal wurde von UnKnown nicht gefunden: Non-existent domain.\n\
        *** UnKnown kan git2.corp.nordwind.internal niet vinden: Non-existent domain\n\
        *** UnKnown が git3.corp.nordwind.internal を見つけられません: Non-existent domain\n\
        C:\\>nslookup git4.corp.internal\nServer:  dc1.corp.internal\nAddress:  10.0.0.4\n\n\
        *** git4.corp.internal wurde von dc1.corp.internal nicht gefunden: Non-existent domain.\n"), @"
    1: git1.corp.nordwind.internal * ? = NXDOMAIN @ -
    2: git2.corp.nordwind.internal * ? = NXDOMAIN @ -
    3: git3.corp.nordwind.internal * ? = NXDOMAIN @ -
    4: git4.corp.internal * ? = NXDOMAIN @ 10.0.0.4
    ");
}

#[test]
fn services_and_mail_are_read_and_other_types_told() {
    insta::assert_snapshot!(pasted("\
        C:\\>nslookup -type=srv _ldap._tcp.corp.internal\nServer:  UnKnown\nAddress:  10.0.0.4\n\n\
        _ldap._tcp.corp.internal\tSRV service location:\n\
        \t  priority       = 0\n\t  weight         = 100\n\t  port           = 389\n\
        \t  svr hostname   = dc1.corp.internal\n\
        dc1.corp.internal\tinternet address = 10.0.0.4\n\
        C:\\>nslookup -type=mx corp.internal\nServer:  UnKnown\nAddress:  10.0.0.4\n\n\
        corp.internal\tMX preference = 10, mail exchanger = mail.corp.internal\n\
        C:\\>nslookup -type=txt corp.internal\nServer:  UnKnown\nAddress:  10.0.0.4\n\n\
        corp.internal\ttext =\n\n\t\"one two\"\n\
        $ host -t srv _ldap._tcp.corp.internal\n\
        _ldap._tcp.corp.internal has SRV record 0 100 389 dc1.corp.internal.\n\
        $ host -t caa corp.internal\ncorp.internal has CAA record 0 issue x\n"), @r#"
    1: _ldap._tcp.corp.internal SRV = NOERROR 0 100 389 dc1.corp.internal. @ 10.0.0.4
    11: corp.internal MX = NOERROR 10 mail.corp.internal. @ 10.0.0.4
    16: corp.internal TXT = NOERROR "one two" @ 10.0.0.4
    23: _ldap._tcp.corp.internal SRV = NOERROR 0 100 389 dc1.corp.internal. @ -
    25: not read: type CAA
    skipped [26]
    "#);
}

#[test]
fn resolve_dnsname_has_other_columns_for_other_types() {
    insta::assert_snapshot!(pasted("\
        PS C:\\> Resolve-DnsName _ldap._tcp.corp.internal -Type SRV\n\n\
        Name                       Type TTL  Section    NameTarget         Priority Weight Port\n\
        ----                       ---- ---  -------    ----------         -------- ------ ----\n\
        _ldap._tcp.corp.internal   SRV  600  Answer     dc1.corp.internal  0        100    389\n\n\
        PS C:\\> Resolve-DnsName gone.corp.internal -Type AAAA\n\n\
        Name           Type TTL Section    PrimaryServer        NameAdministrator                    SerialNumber\n\
        ----           ---- --- -------    -------------        -----------------                    ------------\n\
        corp.internal  SOA  10  Authority  azureprivatedns.net  azureprivatedns-host.microsoft.com   1\n"), @"
    1: _ldap._tcp.corp.internal SRV = NOERROR 0 100 389 dc1.corp.internal. (600) @ -
    7: gone.corp.internal AAAA = NODATA by corp.internal, private @ -
    ");
}

#[test]
fn mail_quotes_every_line() {
    insta::assert_snapshot!(pasted("\
        > C:\\>nslookup a.corp.internal\n> Server:  UnKnown\n> Address:  10.0.0.4\n>\n\
        > [stdout]\n> Name:    a.corp.internal\n> Address:  10.0.0.7\n>\n\
        > soa\n> net\n"), @"
    1: a.corp.internal * = NOERROR 10.0.0.7 @ 10.0.0.4
    skipped [9, 10]
    ");
}

#[test]
fn no_text_is_too_strange() {
    for text in [
        "",
        "\n\n",
        "Name:",
        "canonical name =",
        "> ",
        ">>>",
        "{",
        "[{",
        "Server:\nAddress:",
        "; <<>> DiG",
        ";; QUESTION SECTION:\n;",
        "***",
        "** :",
        "Address: 1.2.3.4",
        "Aliases:  x",
        "a = b",
        "Name Type TTL Section NameHost\nx",
        "Name : x\nType",
        "\u{1b}[31",
        "é: è",
    ] {
        assert_eq!(read(text).observations, [], "{text:?}");
    }
}

#[test]
fn silence_is_an_answer_where_only_answers_are_printed() {
    insta::assert_snapshot!(pasted("\
        $ dig +noall +answer a.example.com\na.example.com. 10 IN A 10.0.0.4\n\
        $ dig +noall +answer gone.example.com @10.0.0.53\n\
        $ dig +noall +answer b.example.com\nb.example.com. 10 IN A 10.0.0.5\n"), @"
    1: a.example.com A = NOERROR 10.0.0.4 (10) @ -
    3: gone.example.com A = no address @ 10.0.0.53
    4: b.example.com A = NOERROR 10.0.0.5 (10) @ -
    ");
    insta::assert_snapshot!(pasted("$ dig +noall +answer gone.example.com\n$ \n"), @"
    1: gone.example.com A = no address @ -
    skipped [2]
    ");
    insta::assert_snapshot!(pasted("$ dig +noall +answer gone.example.com\n\nAs you see, nothing.\n"), @"
    1: gone.example.com A = no address @ -
    skipped [3]
    ");
    // What it says in place of an answer is none.
    insta::assert_snapshot!(pasted("$ dig +noall +answer gone.example.com\ndig: command not found\n"), @"
    1: not read: type A
    skipped [2]
    ");
}

#[test]
fn each_question_of_one_call_has_its_answer() {
    insta::assert_snapshot!(pasted("\
        $ dig +noall +answer a.example.com gone.example.com b.example.com @10.0.0.53\n\
        a.example.com. 10 IN A 10.0.0.4\nb.example.com. 10 IN A 10.0.0.5\n\
        $ dig @10.0.0.54 a.example.com A a.example.com AAAA +noall +answer\n\
        a.example.com. 10 IN CNAME c.example.com.\nc.example.com. 10 IN A 10.0.0.4\n\
        a.example.com. 10 IN CNAME c.example.com.\nc.example.com. 10 IN AAAA fd00::4\n\
        $ dig a.example.com A a.example.com AAAA +noall +answer +comments\n\
        ;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n\n\
        ;; ANSWER SECTION:\na.example.com. 10 IN A 10.0.0.4\n\n\
        ;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 2\n\n\
        $ dig a.example.com b.example.com\n\
        ;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 2\n\n\
        ;; QUESTION SECTION:\n;a.example.com. IN A\n\n"), @"
    1: a.example.com A = NOERROR 10.0.0.4 (10) @ -
    1: b.example.com A = NOERROR 10.0.0.5 (10) @ 10.0.0.53
    1: gone.example.com A = no address @ -
    4: a.example.com A → c.example.com (10) = NOERROR 10.0.0.4 (10) @ 10.0.0.54
    4: a.example.com AAAA → c.example.com (10) = NOERROR fd00::4 (10) @ 10.0.0.54
    9: a.example.com A = NOERROR 10.0.0.4 (10) @ -
    9: a.example.com AAAA = NODATA @ -
    19: a.example.com A = NXDOMAIN @ -
    19: not read: no answer to b.example.com A was found
    ");
}

#[test]
fn of_two_kinds_of_addresses_one_may_fail() {
    // Busybox, and a server that fails for AAAA only.
    insta::assert_snapshot!(pasted("\
        / # nslookup a.example.com\nServer:\t\t10.0.0.10\nAddress:\t10.0.0.10:53\n\n\
        Name:\ta.example.com\nAddress: 10.2.4.14\n\n\
        *** Can't find a.example.com: No answer\n\n\
        / # nslookup b.example.com\nServer:\t\t10.0.0.10\nAddress:\t10.0.0.10:53\n\n\
        *** Can't find b.example.com: No answer\n\n\
        Name:\tb.example.com\nAddress: 10.2.4.15\n\n\
        $ nslookup c.example.com\nServer:\t\t10.0.0.10\nAddress:\t10.0.0.10#53\n\n\
        c.example.com\tcanonical name = d.example.com.\n\
        Name:\td.example.com\nAddress: 10.2.4.16\n\
        ** server can't find d.example.com: SERVFAIL\n\n\
        $ host e.example.com\ne.example.com has address 10.2.4.17\n\
        Host e.example.com not found: 2(SERVFAIL)\n"), @"
    1: a.example.com * = NOERROR 10.2.4.14 @ 10.0.0.10
    8: a.example.com AAAA = NODATA @ 10.0.0.10
    10: b.example.com AAAA = NODATA @ 10.0.0.10
    16: b.example.com * = NOERROR 10.2.4.15 @ 10.0.0.10
    19: c.example.com * → d.example.com = NOERROR 10.2.4.16 @ 10.0.0.10
    26: c.example.com AAAA → d.example.com = SERVFAIL @ 10.0.0.10
    28: e.example.com * = NOERROR 10.2.4.17 @ -
    ");
}

#[test]
fn a_session_asks_for_the_type_that_was_set() {
    insta::assert_snapshot!(pasted("\
        C:\\>nslookup\nDefault Server:  UnKnown\nAddress:  10.0.0.4\n\n\
        > set type=cname\n> a.example.com\nServer:  UnKnown\nAddress:  10.0.0.4\n\n\
        a.example.com\tcanonical name = b.example.com\n\
        > set q=aaaa\n> c.example.com\nServer:  UnKnown\nAddress:  10.0.0.4\n\n\
        Name:    c.example.com\n\n\
        C:\\>nslookup d.example.com\nServer:  UnKnown\nAddress:  10.0.0.4\n\n\
        Name:    d.example.com\nAddress:  10.0.0.7\n"), @"
    6: a.example.com CNAME = NOERROR b.example.com. @ 10.0.0.4
    12: c.example.com AAAA = no address @ 10.0.0.4
    18: d.example.com * = NOERROR 10.0.0.7 @ 10.0.0.4
    ");
}

#[test]
fn the_name_of_the_server_may_time_out_first() {
    insta::assert_snapshot!(pasted("\
        C:\\>nslookup a.example.com 10.0.0.4\nDNS request timed out.\n    timeout was 2 seconds.\n\
        Server:  UnKnown\nAddress:  10.0.0.4\n\n\
        Name:    a.example.com\nAddress:  10.0.0.7\n\n\
        C:\\>nslookup b.example.com 10.0.0.5\nDNS request timed out.\n    timeout was 2 seconds.\n\
        Server:  UnKnown\nAddress:  10.0.0.5\n\n\
        DNS request timed out.\n    timeout was 2 seconds.\n\
        *** Request to UnKnown timed-out\n"), @"
    1: a.example.com * = NOERROR 10.0.0.7 @ 10.0.0.4
    10: b.example.com * = no reply @ 10.0.0.5
    ");
}

#[test]
fn answers_of_a_loop_run_into_each_other() {
    insta::assert_snapshot!(pasted("\
        $ while sleep 5; do dig +noall +answer dc1.corp.internal; done\n\
        dc1.corp.internal. 10 IN A 10.0.0.99\ndc1.corp.internal. 10 IN A 10.0.0.10\n\
        $ while sleep 5; do dig +short dc1.corp.internal; done\n10.0.0.99\n10.0.0.10\n\
        $ while sleep 5\n> do dig +noall +answer dc1.corp.internal\n> done\n\
        dc1.corp.internal. 10 IN A 10.0.0.99\ndc1.corp.internal. 10 IN A 10.0.0.10\n\
        $ dig +noall +answer dc1.corp.internal\ndc1.corp.internal. 10 IN A 10.0.0.10\n"), @"
    12: dc1.corp.internal A = NOERROR 10.0.0.10 (10) @ -
    1: not read: a loop, whose answers run into each other
    4: not read: a loop, whose answers run into each other
    8: not read: a loop, whose answers run into each other
    skipped [2, 3, 5, 6, 7, 9, 10, 11]
    ");
}
