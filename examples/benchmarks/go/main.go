// The peer of examples/benchmarks: the same Certify call with grpc-go and crypto/x509, on one processor. It listens, says its
// port, and answers each line "cpu" by its processor time, as the servers in Node do.
package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/url"
	"os"
	"runtime"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

// codec hands the bytes of messages through: what is in them is read and written by hand below, which costs less than generated code.
type codec struct{}

func (codec) Name() string { return "proto" }

func (codec) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }

func (codec) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = data
	return nil
}

type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	leafURI     *url.URL
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "identity.linkerd.cluster.local"},
		NotBefore:             time.Now().Add(-time.Minute),
		NotAfter:              time.Now().Add(8760 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	uri, err := url.Parse("spiffe://cluster.local/ns/emojivoto/sa/web")
	return &authority{key, certificate, uri}, err
}

// certify reads a CertifyRequest, checks that the CSR is signed by its own key, and answers with a leaf and its issuer.
func (a *authority) certify(request []byte) ([]byte, error) {
	fields, err := bytesFields(request)
	if err != nil {
		return nil, err
	}
	if len(fields[1]) == 0 || len(fields[2]) == 0 || len(fields[3]) == 0 {
		return nil, errors.New("expected an identity, a token and a CSR")
	}
	csr, err := x509.ParseCertificateRequest(fields[3])
	if err != nil {
		return nil, err
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		NotBefore:             now.Add(-10 * time.Second),
		NotAfter:              now.Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		URIs:                  []*url.URL{a.leafURI},
	}
	leaf, err := x509.CreateCertificate(rand.Reader, template, a.certificate, csr.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	return response(leaf, a.certificate.Raw, template.NotAfter), nil
}

func bytesFields(message []byte) (map[protowire.Number][]byte, error) {
	fields := map[protowire.Number][]byte{}
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 || kind != protowire.BytesType {
			return nil, errors.New("expected fields of bytes")
		}
		value, m := protowire.ConsumeBytes(message[n:])
		if m < 0 {
			return nil, protowire.ParseError(m)
		}
		fields[number] = value
		message = message[n+m:]
	}
	return fields, nil
}

func response(leaf, issuer []byte, notAfter time.Time) []byte {
	until := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(notAfter.Unix()))
	out := make([]byte, 0, len(leaf)+len(issuer)+len(until)+16)
	for number, value := range [][]byte{leaf, issuer, until} {
		out = protowire.AppendTag(out, protowire.Number(number+1), protowire.BytesType)
		out = protowire.AppendBytes(out, value)
	}
	return out
}

func unary(service any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	var request []byte
	if err := decode(&request); err != nil {
		return nil, err
	}
	answer, err := service.(*authority).certify(request)
	return &answer, err
}

func cpuMicroseconds() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return (usage.Utime.Nano() + usage.Stime.Nano()) / 1000
}

func main() {
	runtime.GOMAXPROCS(1)
	authority, err := newAuthority()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.ForceServerCodec(codec{}))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "io.linkerd.proxy.identity.Identity",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Certify", Handler: unary}},
	}, authority)
	go func() { log.Fatal(server.Serve(listener)) }()
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Printf("{\"microseconds\":%d}\n", cpuMicroseconds())
	}
}
