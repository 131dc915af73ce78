package main

import (
	"bufio"
	"crypto/tls"
	"flag"
	"io"
	"net"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// How long one connection may take as a whole.
const deadline = 20 * time.Second

// An outcome is what became of a connection.
type outcome struct {
	Peer    string `json:"peer,omitempty"`
	Line    string `json:"line,omitempty"`
	Refused string `json:"refused,omitempty"`
}

// A party is one side of mTLS: its own SVID, the bundle of the one trust domain that it knows, and the ID that it welcomes.
type party struct {
	svid    *x509svid.SVID
	bundle  *x509bundle.Bundle
	welcome tlsconfig.Authorizer
}

// readParty reads the party's files; address is where to dial.
func readParty(name string, args []string) (p party, address string, err error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	svid := flags.String("svid", "", "PEM file of the chain, leaf first")
	key := flags.String("key", "", "PEM file of the PKCS#8 key")
	bundle := flags.String("bundle", "", "PEM file of the authorities")
	trustDomain := flags.String("trust-domain", "", "trust domain of the bundle")
	authorize := flags.String("authorize", "", "the SPIFFE ID that is welcome")
	flags.StringVar(&address, "address", "", "where to dial")
	if err = flags.Parse(args); err != nil {
		return p, "", err
	}
	if p.svid, err = x509svid.Load(*svid, *key); err != nil {
		return p, "", err
	}
	domain, err := spiffeid.TrustDomainFromString(*trustDomain)
	if err != nil {
		return p, "", err
	}
	if p.bundle, err = x509bundle.Load(domain, *bundle); err != nil {
		return p, "", err
	}
	id, err := spiffeid.FromString(*authorize)
	p.welcome = tlsconfig.AuthorizeID(id)
	return p, address, err
}

// serve prints the port as JSON, then the outcome of each connection; it sends one line back. It ends with its input.
func serve(args []string) error {
	own, _, err := readParty("serve", args)
	if err != nil {
		return err
	}
	config := tlsconfig.MTLSServerConfig(own.svid, own.bundle, own.welcome)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	port := listener.Addr().(*net.TCPAddr).Port
	if err := answer(os.Stdout, map[string]int{"port": port}); err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		if err := answer(os.Stdout, handle(connection.(*tls.Conn))); err != nil {
			return err
		}
	}
}

func handle(connection *tls.Conn) outcome {
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(deadline))
	if err := connection.Handshake(); err != nil {
		return outcome{Refused: err.Error()}
	}
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		return outcome{Peer: peerOf(connection), Refused: err.Error()}
	}
	_, _ = io.WriteString(connection, line)
	return outcome{Peer: peerOf(connection), Line: line}
}

// dial sends a line and prints what came back, and from whom.
func dial(args []string) error {
	own, address, err := readParty("dial", args)
	if err != nil {
		return err
	}
	config := tlsconfig.MTLSClientConfig(own.svid, own.bundle, own.welcome)
	dialer := &net.Dialer{Timeout: deadline}
	connection, err := tls.DialWithDialer(dialer, "tcp", address, config)
	if err != nil {
		return answer(os.Stdout, outcome{Refused: err.Error()})
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(deadline))
	if _, err := io.WriteString(connection, "hello from go-spiffe\n"); err != nil {
		return answer(os.Stdout, outcome{Peer: peerOf(connection), Refused: err.Error()})
	}
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		return answer(os.Stdout, outcome{Peer: peerOf(connection), Refused: err.Error()})
	}
	return answer(os.Stdout, outcome{Peer: peerOf(connection), Line: line})
}

func peerOf(connection *tls.Conn) string {
	id, err := x509svid.IDFromCert(connection.ConnectionState().PeerCertificates[0])
	if err != nil {
		return err.Error()
	}
	return id.String()
}
