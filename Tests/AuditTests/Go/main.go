// A monitor that has never heard of NDX: it follows a log over the paths of c2sp.org/tlog-tiles with the packages that
// check Go's checksum database, and then makes sure that it refuses whatever it is shown altered.
//
//	monitor URL LOG.vkey ROOT.pem SIZE
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type fetcher func(path string) ([]byte, error)

// web reads over HTTPS, from a server whose certificate the root vouches for.
func web(base, rootPEM string) fetcher {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(rootPEM)) {
		log.Fatal("no root")
	}
	// Certificates of the exchange name a service by URI, not a host; the log's own signature is what counts.
	verify := func(state tls.ConnectionState) error {
		between := x509.NewCertPool()
		for _, certificate := range state.PeerCertificates[1:] {
			between.AddCert(certificate)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
		return err
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, VerifyConnection: verify}}}
	return func(path string) ([]byte, error) {
		answer, err := client.Get(base + "/" + path)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != 200 {
			err = fmt.Errorf("%s: %s", path, answer.Status)
		}
		return body, err
	}
}

type tiles struct{ fetch fetcher }

func (t tiles) Height() int { return 8 }
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := t.fetch(strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, errors.New("a tile of another width")
		}
		all = append(all, data)
	}
	return all, nil
}
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// bundle reads the entries of a bundle.
func bundle(fetch fetcher, n int64, width int) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: -1, N: n, W: width}
	data, err := fetch(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("a malformed bundle")
		}
		count := int(binary.BigEndian.Uint16(data)) + 2
		entries = append(entries, data[2:count])
		data = data[count:]
	}
	if len(entries) != width {
		return nil, errors.New("a bundle of another width")
	}
	return entries, nil
}

// follow checks the newest checkpoint, that smaller logs are its prefixes, and that the entries are those of the tiles.
func follow(fetch fetcher, verifier note.Verifier, size int64, everything bool) error {
	text, err := fetch("checkpoint")
	if err != nil {
		return err
	}
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() || lines[1] != strconv.FormatInt(size, 10) {
		return errors.New("another checkpoint: " + signed.Text)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return errors.New("no root")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	if size == 0 {
		return nil
	}
	reader := tlog.TileHashReader(tree, tiles{fetch})
	for _, earlier := range []int64{1, 2, 255, 256, 257, 511, 512, 513, 65535, 65536, 65537, size - 1, size} {
		if earlier < 1 || earlier > size {
			continue
		}
		hash, err := tlog.TreeHash(earlier, reader)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(size, earlier, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, size, tree.Hash, earlier, hash); err != nil {
			return err
		}
		if len(proof) > 0 && tlog.CheckTree(alter(proof), size, tree.Hash, earlier, hash) == nil {
			return errors.New("an altered consistency proof was believed")
		}
	}
	last := (size - 1) / 256
	for n := int64(0); n <= last; n++ {
		if !everything && n > 2 && n < last-1 {
			continue
		}
		width := int(min(256, size-n*256))
		entries, err := bundle(fetch, n, width)
		if err != nil {
			return err
		}
		var leaves []int64
		for i := range entries {
			leaves = append(leaves, tlog.StoredHashIndex(0, n*256+int64(i)))
		}
		hashes, err := reader.ReadHashes(leaves)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			index := n*256 + int64(i)
			if hashes[i] != tlog.RecordHash(entry) {
				return fmt.Errorf("entry %d is not the one in the tile", index)
			}
			if i%97 != 0 {
				continue
			}
			proof, err := tlog.ProveRecord(size, index, reader)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, size, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				return err
			}
			if len(proof) > 0 && tlog.CheckRecord(alter(proof), size, tree.Hash, index, tlog.RecordHash(entry)) == nil {
				return errors.New("an altered inclusion proof was believed")
			}
		}
	}
	return nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func alter(proof []tlog.Hash) []tlog.Hash {
	altered := append([]tlog.Hash(nil), proof...)
	if len(altered) > 0 {
		altered[rand.Intn(len(altered))][rand.Intn(32)] ^= 1
	}
	return altered
}

// cached keeps what was read, so that altering it a hundred times costs the server nothing.
func cached(fetch fetcher) fetcher {
	known := map[string][]byte{}
	return func(path string) ([]byte, error) {
		if data, ok := known[path]; ok {
			return append([]byte(nil), data...), nil
		}
		data, err := fetch(path)
		if err == nil {
			known[path] = append([]byte(nil), data...)
		}
		return data, err
	}
}

func main() {
	log.SetFlags(0)
	rand.Seed(1962)
	size, err := strconv.ParseInt(os.Args[4], 10, 64)
	must(err)
	key, err := os.ReadFile(os.Args[2])
	must(err)
	root, err := os.ReadFile(os.Args[3])
	must(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	must(err)
	fetch := cached(web(os.Args[1], string(root)))
	must(follow(fetch, verifier, size, true))
	refused := 0
	for _, kind := range []string{"checkpoint", "tile/0/", "tile/1/", "tile/entries/"} {
		for attempt := 0; attempt < 8; attempt++ {
			hit := false
			err := follow(func(path string) ([]byte, error) {
				data, err := fetch(path)
				if err == nil && !hit && strings.HasPrefix(path, kind) {
					hit = true
					data[rand.Intn(len(data))] ^= 1 << uint(rand.Intn(8))
				}
				return data, err
			}, verifier, size, false)
			if hit && err == nil {
				log.Fatalf("an altered %s was believed", kind)
			}
			if hit {
				refused++
			}
		}
	}
	fmt.Printf("FOLLOWED %d, refused %d\n", size, refused)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
