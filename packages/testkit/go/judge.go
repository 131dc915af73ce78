package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// A question holds DER certificates in base64: the chain leaf first, and the anchors of one trust domain.
type question struct {
	Chain       [][]byte  `json:"chain"`
	Anchors     [][]byte  `json:"anchors"`
	Now         time.Time `json:"now"`
	Purpose     string    `json:"purpose"`
	TrustDomain string    `json:"trustDomain"`
}

// A verdict has a message when the chain is refused.
type verdict struct {
	Accepted bool   `json:"accepted"`
	Message  string `json:"message"`
}

type verdicts struct {
	// X509 is crypto/x509's Verify with the key usage of the purpose; a certificate of the chain that it cannot parse refuses
	// the chain, as in crypto/tls.
	X509 verdict `json:"x509"`
	// Spiffe is go-spiffe's x509svid.ParseAndVerify with x509svid.WithTime; it asks for no key usage.
	Spiffe verdict `json:"spiffe"`
}

// judge answers each JSON line of standard input with one of standard output.
func judge([]string) error {
	out := bufio.NewWriter(os.Stdout)
	questions := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var q question
		err := questions.Decode(&q)
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		if err := answer(out, verdicts{X509: verdictOf(verifyX509(q)), Spiffe: verdictOf(verifySpiffe(q))}); err != nil {
			return err
		}
	}
}

func verdictOf(err error) verdict {
	if err != nil {
		return verdict{Message: err.Error()}
	}
	return verdict{Accepted: true}
}

func parse(what string, ders [][]byte) ([]*x509.Certificate, error) {
	certificates := make([]*x509.Certificate, 0, len(ders))
	for _, der := range ders {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		certificates = append(certificates, certificate)
	}
	return certificates, nil
}

func pool(certificates []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, certificate := range certificates {
		pool.AddCert(certificate)
	}
	return pool
}

func verifyX509(q question) error {
	usages := map[string]x509.ExtKeyUsage{"client": x509.ExtKeyUsageClientAuth, "server": x509.ExtKeyUsageServerAuth}
	usage, isKnown := usages[q.Purpose]
	if !isKnown {
		return fmt.Errorf("unknown purpose %q", q.Purpose)
	}
	chain, err := parse("chain", q.Chain)
	if err != nil {
		return err
	}
	anchors, err := parse("anchors", q.Anchors)
	if err != nil {
		return err
	}
	_, err = chain[0].Verify(x509.VerifyOptions{
		Roots:         pool(anchors),
		Intermediates: pool(chain[1:]),
		CurrentTime:   q.Now,
		KeyUsages:     []x509.ExtKeyUsage{usage},
	})
	return err
}

func verifySpiffe(q question) error {
	trustDomain, err := spiffeid.TrustDomainFromString(q.TrustDomain)
	if err != nil {
		return err
	}
	anchors, err := parse("anchors", q.Anchors)
	if err != nil {
		return err
	}
	bundle := x509bundle.FromX509Authorities(trustDomain, anchors)
	_, _, err = x509svid.ParseAndVerify(q.Chain, bundle, x509svid.WithTime(q.Now))
	return err
}
