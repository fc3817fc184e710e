package interop_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wantLoopbackOnly fails t where the process pid, or one that descends from it,
// waits for strangers at an address that another machine could reach.
func wantLoopbackOnly(t *testing.T, name string, pid int) {
	t.Helper()
	var inodes []string
	for _, p := range family(t, pid) {
		descriptors, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p)) // none where it has ended meanwhile
		for _, d := range descriptors {
			if to, err := os.Readlink(d); err == nil && strings.HasPrefix(to, "socket:") {
				inodes = append(inodes, strings.Trim(to, "socket:[]"))
			}
		}
	}
	listening := 0
	for _, table := range []struct{ file, waiting string }{
		{"/proc/net/tcp", "0A"}, {"/proc/net/tcp6", "0A"}, {"/proc/net/udp", "07"}, {"/proc/net/udp6", "07"},
	} {
		sockets, err := os.ReadFile(table.file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(sockets)) {
			field := strings.Fields(line) // number, address, peer, state, ..., the tenth is the inode
			if len(field) < 10 || field[3] != table.waiting || !slices.Contains(inodes, field[9]) {
				continue
			}
			listening++
			if address := kernelAddress(t, field[1]); !address.IsLoopback() {
				t.Errorf("%s can be reached from elsewhere: %s has %v", name, table.file, address)
			}
		}
	}
	if listening == 0 {
		t.Errorf("%s (process %d) listens nowhere", name, pid)
	}
}

// kernelAddress returns the address of "0100007F:1F90", whose 32-bit words are in
// the byte order of the machine, which is taken to be little endian.
func kernelAddress(t *testing.T, s string) netip.Addr {
	t.Helper()
	digits, _, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(b, 4) {
		slices.Reverse(word)
	}
	address, ok := netip.AddrFromSlice(b)
	if !ok {
		t.Fatalf("%q is no address", s)
	}
	return address.Unmap()
}

// family returns pid and the processes that descend from it.
func family(t *testing.T, pid int) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	children := make(map[int][]int)
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // has ended meanwhile
		}
		// "pid (name) state parent ...", where the name may hold anything.
		var child, parent int
		var state string
		_, err = fmt.Sscanf(string(stat), "%d", &child)
		rest := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
		if _, err2 := fmt.Sscanf(rest, "%s %d", &state, &parent); err != nil || err2 != nil {
			t.Fatalf("%s: %q", file, stat)
		}
		children[parent] = append(children[parent], child)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}
