// Checks a receipt of NDX's audit log with the log's verifier key and nothing else:
//
//	go run . RECEIPT.json LOG.vkey
//
// RECEIPT.json is what `ndx audit get --save` writes; LOG.vkey holds the key that you trust, which
// you must have from somewhere else than the receipt. Exits 0 and prints what is proven, or exits 1
// and says what does not hold. Uses Go's standard library alone; shares no code with NDX.
//
// Formats: c2sp.org/tlog-proof, c2sp.org/tlog-checkpoint, c2sp.org/signed-note, RFC 6962.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

type receipt struct {
	Proof string `json:"proof"`
	Entry string `json:"entry"`
}

type verifierKey struct {
	name   string
	id     []byte
	public ed25519.PublicKey
}

type logProof struct {
	index      uint64
	hashes     [][]byte
	checkpoint string
}

func decode(text string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(data) != text {
		return nil, errors.New("malformed base64")
	}
	return data, nil
}

func number(text string) (uint64, error) {
	value, err := strconv.ParseUint(text, 10, 63)
	if err != nil || strconv.FormatUint(value, 10) != text {
		return 0, errors.New("malformed number")
	}
	return value, nil
}

func parseKey(text string) (*verifierKey, error) {
	parts := strings.SplitN(strings.TrimSpace(text), "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed verifier key")
	}
	key, err := decode(parts[2])
	if err != nil || len(key) != 33 || key[0] != 1 {
		return nil, errors.New("malformed verifier key")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if hex.EncodeToString(sum[:4]) != parts[1] {
		return nil, errors.New("malformed verifier key")
	}
	return &verifierKey{parts[0], sum[:4], ed25519.PublicKey(key[1:])}, nil
}

// openNote returns the text of a signed note once the key's signature on it holds.
func openNote(note string, key *verifierKey) (string, error) {
	blank := strings.LastIndex(note, "\n\n")
	if blank < 0 || !strings.HasSuffix(note, "\n") {
		return "", errors.New("malformed checkpoint")
	}
	text, lines := note[:blank+1], strings.TrimSuffix(note[blank+2:], "\n")
	verified := false
	for _, line := range strings.Split(lines, "\n") {
		parts := strings.Split(line, " ")
		if len(parts) != 3 || parts[0] != "\u2014" {
			return "", errors.New("malformed signature line")
		}
		signature, err := decode(parts[2])
		if err != nil || len(signature) < 5 {
			return "", errors.New("malformed signature line")
		}
		if parts[1] != key.name || !bytes.Equal(signature[:4], key.id) {
			continue
		}
		if !ed25519.Verify(key.public, []byte(text), signature[4:]) {
			return "", errors.New("the checkpoint's signature is wrong")
		}
		verified = true
	}
	if !verified {
		return "", errors.New("the checkpoint is not signed by this key")
	}
	return text, nil
}

func parseCheckpoint(text, name string) (uint64, []byte, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != name {
		return 0, nil, errors.New("the checkpoint is of another log")
	}
	size, err := number(lines[1])
	if err != nil {
		return 0, nil, err
	}
	root, err := decode(lines[2])
	if err != nil || len(root) != 32 {
		return 0, nil, errors.New("malformed root")
	}
	return size, root, nil
}

func parseProof(text string) (*logProof, error) {
	blank := strings.Index(text, "\n\n")
	if blank < 0 {
		return nil, errors.New("malformed proof")
	}
	lines := strings.Split(text[:blank], "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, errors.New("malformed proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return nil, errors.New("malformed proof")
	}
	index, err := number(strings.TrimPrefix(lines[0], "index "))
	if err != nil {
		return nil, err
	}
	proof := &logProof{index: index, checkpoint: text[blank+2:]}
	for _, line := range lines[1:] {
		hash, err := decode(line)
		if err != nil || len(hash) != 32 {
			return nil, errors.New("malformed proof")
		}
		proof.hashes = append(proof.hashes, hash)
	}
	return proof, nil
}

func node(left, right []byte) []byte {
	sum := sha256.Sum256(append(append([]byte{1}, left...), right...))
	return sum[:]
}

// rootFrom is RFC 9162, section 2.1.3.2.
func rootFrom(leaf []byte, index, size uint64, hashes [][]byte) ([]byte, error) {
	if index >= size {
		return nil, errors.New("the entry is beyond the checkpoint")
	}
	position, last, result := index, size-1, leaf
	for _, sibling := range hashes {
		if last == 0 {
			return nil, errors.New("the proof is too long")
		}
		if position&1 == 1 || position == last {
			result = node(sibling, result)
			for position&1 == 0 && position != 0 {
				position, last = position>>1, last>>1
			}
		} else {
			result = node(result, sibling)
		}
		position, last = position>>1, last>>1
	}
	if last != 0 {
		return nil, errors.New("the proof is too short")
	}
	return result, nil
}

func verify(file, keyText []byte) (string, error) {
	var saved receipt
	if err := json.Unmarshal(file, &saved); err != nil {
		return "", err
	}
	key, err := parseKey(string(keyText))
	if err != nil {
		return "", err
	}
	proof, err := parseProof(saved.Proof)
	if err != nil {
		return "", err
	}
	text, err := openNote(proof.checkpoint, key)
	if err != nil {
		return "", err
	}
	size, root, err := parseCheckpoint(text, key.name)
	if err != nil {
		return "", err
	}
	entry, err := decode(saved.Entry)
	if err != nil {
		return "", err
	}
	leaf := sha256.Sum256(append([]byte{0}, entry...))
	computed, err := rootFrom(leaf[:], proof.index, size, proof.hashes)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(computed, root) {
		return "", errors.New("the proof does not lead from the entry to the root")
	}
	return fmt.Sprintf("VERIFIED: entry %d of %s at size %d, root %x\n  %s",
		proof.index, key.name, size, root, entry), nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: verify RECEIPT.json LOG.vkey")
		os.Exit(64)
	}
	file, err := os.ReadFile(os.Args[1])
	if err == nil {
		var key []byte
		if key, err = os.ReadFile(os.Args[2]); err == nil {
			var proven string
			if proven, err = verify(file, key); err == nil {
				fmt.Println(proven)
				return
			}
		}
	}
	fmt.Fprintln(os.Stderr, "REFUSED:", err)
	os.Exit(1)
}
