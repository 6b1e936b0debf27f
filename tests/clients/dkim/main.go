// Says of a message on standard input whose DKIM signatures hold.
//
//	main NAME RECORD    the one record of the domain name system that there is
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/emersion/go-msgauth/dkim"
)

type signature struct {
	Domain string
	Fields []string
	Wrong  string
}

func main() {
	options := dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name == os.Args[1] {
			return []string{os.Args[2]}, nil
		}
		return nil, fmt.Errorf("no record %s", name)
	}}
	found, err := dkim.VerifyWithOptions(os.Stdin, &options)
	if err != nil {
		panic(err)
	}
	said := make([]signature, 0)
	for _, one := range found {
		wrong := ""
		if one.Err != nil {
			wrong = one.Err.Error()
		}
		said = append(said, signature{one.Domain, one.HeaderKeys, wrong})
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		panic(err)
	}
}
