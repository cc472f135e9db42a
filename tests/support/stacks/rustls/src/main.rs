// SPDX-License-Identifier: Apache-2.0

//! rustls as client and server; ../README.md says how it is asked.

use rustls::client::{ServerCertVerified, ServerCertVerifier};
use rustls::server::{AllowAnyAnonymousOrAuthenticatedClient, AllowAnyAuthenticatedClient};
use rustls::{Certificate, ClientConfig, ClientConnection, PrivateKey, RootCertStore};
use rustls::{ServerConfig, ServerConnection, ServerName, Stream};
use std::convert::TryFrom;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

type Outcome<T> = Result<T, Box<dyn Error>>;

const VERSIONS: [&rustls::SupportedProtocolVersion; 1] = [&rustls::version::TLS13];

struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _leaf: &Certificate,
        _above: &[Certificate],
        _name: &ServerName,
        _scts: &mut dyn Iterator<Item = &[u8]>,
        _ocsp: &[u8],
        _now: SystemTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }
}

fn certificates(path: &str) -> Outcome<Vec<Certificate>> {
    let found = rustls_pemfile::certs(&mut BufReader::new(File::open(path)?))?;
    Ok(found.into_iter().map(Certificate).collect())
}

fn private_key(path: &str) -> Outcome<PrivateKey> {
    let mut found = rustls_pemfile::pkcs8_private_keys(&mut BufReader::new(File::open(path)?))?;
    found.pop().map(PrivateKey).ok_or_else(|| "no key".into())
}

fn configured(job: &[&str]) -> Outcome<ClientConfig> {
    let builder = ClientConfig::builder()
        .with_safe_default_cipher_suites()
        .with_safe_default_kx_groups()
        .with_protocol_versions(&VERSIONS)?
        .with_custom_certificate_verifier(Arc::new(Anyone));
    let mut config = match job[1] {
        "-" => builder.with_no_client_auth(),
        chain => builder.with_single_cert(certificates(chain)?, private_key(job[2])?)?,
    };
    if job[4] != "-" {
        config.alpn_protocols.push(job[4].as_bytes().to_vec());
    }
    Ok(config)
}

fn visit(job: &[&str], kept: &mut Option<Arc<ClientConfig>>) -> Outcome<()> {
    if job[6] != "again" || kept.is_none() {
        *kept = Some(Arc::new(configured(job)?));
    }
    let config = kept.clone().unwrap();
    let mut end = TcpStream::connect(format!("127.0.0.1:{}", job[0]))?;
    end.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut tls = ClientConnection::new(config, ServerName::try_from("www.example.com")?)?;
    while tls.is_handshaking() {
        tls.complete_io(&mut end)?;
    }
    thread::sleep(Duration::from_millis(job[5].parse()?));
    let mut stream = Stream::new(&mut tls, &mut end);
    stream.write_all(b"hello\n")?;
    stream.read_exact(&mut [0; 6])?;
    tls.send_close_notify();
    tls.complete_io(&mut end)?;
    Ok(())
}

fn client() {
    let mut kept = None;
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        match visit(&line.split('\t').collect::<Vec<_>>(), &mut kept) {
            Ok(()) => println!("ok"),
            Err(trouble) => println!("failed {}", trouble),
        }
    }
}

fn echo(mut end: TcpStream, config: Arc<ServerConfig>) -> Outcome<()> {
    let mut tls = ServerConnection::new(config)?;
    let mut stream = Stream::new(&mut tls, &mut end);
    let mut said = [0; 4096];
    loop {
        match stream.read(&mut said)? {
            0 => return Ok(()),
            len => stream.write_all(&said[..len])?,
        }
    }
}

fn server(job: &[String]) -> Outcome<()> {
    let mut named = RootCertStore::empty();
    for certificate in certificates(&job[5])? {
        named.add(&certificate)?;
    }
    let builder = ServerConfig::builder()
        .with_safe_default_cipher_suites()
        .with_safe_default_kx_groups()
        .with_protocol_versions(&VERSIONS)?;
    let builder = match job[6].as_str() {
        "asks" => builder.with_client_cert_verifier(AllowAnyAnonymousOrAuthenticatedClient::new(named)),
        "demands" => builder.with_client_cert_verifier(AllowAnyAuthenticatedClient::new(named)),
        _ => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(certificates(&job[2])?, private_key(&job[3])?)?;
    config.alpn_protocols.push(b"http/1.1".to_vec());
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("port {}", listener.local_addr()?.port());
    for end in listener.incoming() {
        let (end, config) = (end?, config.clone());
        thread::spawn(move || echo(end, config).unwrap_or_else(|trouble| println!("visit: {}", trouble)));
    }
    Ok(())
}

fn main() -> Outcome<()> {
    let job: Vec<String> = std::env::args().collect();
    if job[1] == "client" {
        client();
        return Ok(());
    }
    server(&job)
}
