// Checks a receipt of NDX's audit log with the packages that check Go's own checksum database:
// golang.org/x/mod/sumdb/note and .../tlog know nothing of NDX, and accept its notes and proofs.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run . RECEIPT.json LOG.vkey
//
// with Debian's golang-golang-x-mod-dev, or as part of a module that requires golang.org/x/mod.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("REFUSED: ")
	if len(os.Args) != 3 {
		log.Fatal("usage: sumdb RECEIPT.json LOG.vkey")
	}
	file, err := os.ReadFile(os.Args[1])
	must(err)
	key, err := os.ReadFile(os.Args[2])
	must(err)
	var receipt struct {
		Proof string
		Entry []byte
	}
	must(json.Unmarshal(file, &receipt))

	head, checkpoint, _ := strings.Cut(receipt.Proof, "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		log.Fatal("not a proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err)
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		proof = append(proof, hash(line))
	}

	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	must(err)
	signed, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	must(err)
	tree := strings.Split(signed.Text, "\n")
	if len(tree) < 4 || tree[0] != verifier.Name() {
		log.Fatal("another log's checkpoint")
	}
	size, err := strconv.ParseInt(tree[1], 10, 64)
	must(err)
	must(tlog.CheckRecord(proof, size, hash(tree[2]), index, tlog.RecordHash(receipt.Entry)))
	fmt.Printf("VERIFIED: entry %d of %s at size %d\n", index, tree[0], size)
}

func hash(text string) tlog.Hash {
	var hash tlog.Hash
	data, err := base64.StdEncoding.DecodeString(text)
	must(err)
	if len(data) != len(hash) {
		log.Fatal("not a hash")
	}
	copy(hash[:], data)
	return hash
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
