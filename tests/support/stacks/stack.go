// SPDX-License-Identifier: Apache-2.0

// Go's crypto/tls as client and server; README.md says how it is asked.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// What sessions can be resumed by.
var kept tls.ClientSessionCache

func visit(job []string) error {
	if job[6] != "again" {
		kept = tls.NewLRUClientSessionCache(8)
	}
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13,
		ServerName: "www.example.com", ClientSessionCache: kept}
	if job[1] != "-" {
		pair, err := tls.LoadX509KeyPair(job[1], job[2])
		if err != nil {
			return err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if job[4] != "-" {
		config.NextProtos = []string{job[4]}
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	end, err := tls.DialWithDialer(dialer, "tcp", "127.0.0.1:"+job[0], config)
	if err != nil {
		return err
	}
	defer end.Close()
	end.SetDeadline(time.Now().Add(5 * time.Second))
	wait, _ := strconv.Atoi(job[5])
	time.Sleep(time.Duration(wait) * time.Millisecond)
	if _, err = end.Write([]byte("hello\n")); err != nil {
		return err
	}
	_, err = io.ReadFull(end, make([]byte, 6))
	return err
}

func client() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := visit(strings.Split(lines.Text(), "\t")); err != nil {
			fmt.Println("failed", err)
		} else {
			fmt.Println("ok")
		}
	}
}

func server(chain, key, ca, ask string) error {
	pair, err := tls.LoadX509KeyPair(chain, key)
	if err != nil {
		return err
	}
	trusted, err := os.ReadFile(ca)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(trusted)
	asks := map[string]tls.ClientAuthType{"never": tls.NoClientCert,
		"asks": tls.RequestClientCert, "demands": tls.RequireAnyClientCert}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13, ClientCAs: pool,
		ClientAuth: asks[ask], NextProtos: []string{"http/1.1"}})
	if err != nil {
		return err
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	for {
		end, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			io.Copy(end, end)
			end.Close()
		}()
	}
}

func main() {
	if os.Args[1] == "client" {
		client()
	} else if err := server(os.Args[2], os.Args[3], os.Args[5], os.Args[6]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
