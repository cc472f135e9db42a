// SPDX-License-Identifier: Apache-2.0

// A QUIC server and client, for captures: one that answers HTTP/3, and one that asks it.
//
//	quic serve ADDRESS CERTIFICATE KEY
//	quic ask ADDRESS NAME
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/lucas-clemente/quic-go"
	"github.com/lucas-clemente/quic-go/http3"
)

var (
	versions = flag.String("versions", "1", "offered, best first: 1, 2, draft-29")
	retry    = flag.Bool("retry", false, "server: have clients prove their address")
	trust    = flag.String("trust", "", "server: ask for a certificate of this authority")
	shown    = flag.String("shown", "", "client: file with the certificate that is shown")
	shownKey = flag.String("shown-key", "", "client: and its key")
	keylog   = flag.String("keylog", "", "client: where secrets go")
)

var known = map[string]quic.VersionNumber{
	"1": quic.Version1, "2": quic.Version2, "draft-29": quic.VersionDraft29}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func config() *quic.Config {
	made := &quic.Config{RequireAddressValidation: func(net.Addr) bool { return *retry }}
	for _, name := range strings.Split(*versions, ",") {
		made.Versions = append(made.Versions, known[name])
	}
	return made
}

func serve(address, chain, key string) {
	certificate, err := tls.LoadX509KeyPair(chain, key)
	must(err)
	settings := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if *trust != "" {
		pem, err := os.ReadFile(*trust)
		must(err)
		settings.ClientCAs = x509.NewCertPool()
		settings.ClientCAs.AppendCertsFromPEM(pem)
		settings.ClientAuth = tls.RequestClientCert
	}
	server := &http3.Server{Addr: address, TLSConfig: http3.ConfigureTLSConfig(settings),
		QuicConfig: config(),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, "pong")
		})}
	fmt.Println("listening")
	must(server.ListenAndServe())
}

// HTTP/3 offers one version, QUIC as many as one likes.
func dial(ctx context.Context, address string, settings *tls.Config, _ *quic.Config) (
	quic.EarlyConnection, error) {
	settings.NextProtos = []string{"h3", "h3-29"}
	return quic.DialAddrEarlyContext(ctx, address, settings, config())
}

func ask(address, name string) {
	settings := &tls.Config{InsecureSkipVerify: true, ServerName: name}
	if *keylog != "" {
		file, err := os.OpenFile(*keylog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		must(err)
		settings.KeyLogWriter = file
	}
	if *shown != "" {
		certificate, err := tls.LoadX509KeyPair(*shown, *shownKey)
		must(err)
		settings.Certificates = []tls.Certificate{certificate}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	transport := &http3.RoundTripper{TLSClientConfig: settings, Dial: dial}
	request, err := http.NewRequestWithContext(ctx, "GET", "https://"+address+"/", nil)
	must(err)
	answer, err := transport.RoundTrip(request)
	must(err)
	body, err := io.ReadAll(answer.Body)
	must(err)
	fmt.Print(string(body))
	must(transport.Close())
}

func main() {
	flag.Parse()
	switch words := flag.Args(); {
	case len(words) == 4 && words[0] == "serve":
		serve(words[1], words[2], words[3])
	case len(words) == 3 && words[0] == "ask":
		ask(words[1], words[2])
	default:
		flag.Usage()
		os.Exit(2)
	}
}
