// Opens a checkpoint with cosignatures (c2sp.org/tlog-cosignature) by the note package of Go's checksum database, which
// takes any kind of key, and then makes sure that no byte of it can be changed.
//
//	cosigned NOTE LOG.vkey WITNESS.vkey...
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// witness verifies cosignatures.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	header := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(w.key, append([]byte(header), text...), signature[8:])
}

func parse(vkey string) witness {
	parts := strings.SplitN(vkey, "+", 3)
	data, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(data) != 1+ed25519.PublicKeySize || data[0] != 4 {
		log.Fatal("not the key of a witness: ", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		log.Fatal("the hash of the key is another")
	}
	return witness{parts[0], binary.BigEndian.Uint32(sum[:4]), data[1:]}
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	origin, err := note.NewVerifier(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	verifiers := []note.Verifier{origin}
	for _, vkey := range os.Args[3:] {
		verifiers = append(verifiers, parse(vkey))
	}
	known := note.VerifierList(verifiers...)
	opened, err := note.Open(text, known)
	if err != nil {
		log.Fatal(err)
	}
	if len(opened.Sigs) != len(verifiers) || len(opened.UnverifiedSigs) != 0 {
		log.Fatalf("%d of %d signatures hold", len(opened.Sigs), len(verifiers))
	}
	for place := range text {
		altered := append([]byte{}, text...)
		altered[place] ^= 1
		if text[place] != '=' && bytes.HasPrefix(text[place+1:], []byte("=")) {
			// The lowest bits of a last character say nothing.
			altered[place] = 'A'
			if text[place] == 'A' {
				altered[place] = 'Q'
			}
		}
		bent, err := note.Open(altered, known)
		if err == nil && len(bent.Sigs) == len(verifiers) {
			log.Fatalf("byte %d was changed unseen", place)
		}
	}
	fmt.Printf("VERIFIED %d signatures\n", len(opened.Sigs))
}
