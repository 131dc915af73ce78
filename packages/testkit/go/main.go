// Command oracle is Go's opinion of X.509-SVIDs, for the tests of meshid: it judges chains with crypto/x509 and go-spiffe,
// and speaks mTLS as a go-spiffe server and client.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// answer writes one JSON line; only one goroutine may do so at a time.
func answer(out io.Writer, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = out.Write(append(line, '\n'))
	return err
}

func main() {
	commands := map[string]func([]string) error{"judge": judge, "serve": serve, "dial": dial}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: oracle judge | serve | dial")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
